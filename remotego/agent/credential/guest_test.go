package credential

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"remotego/agent/unixsock"
)

const wait = 60 * time.Second

// scene is a server that tells a channel, on a socket of its own.
func scene(t *testing.T) (socket string, told func() map[string]any) {
	t.Helper()
	folder, err := os.MkdirTemp("", "guest")
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(folder, "s")
	listener, err := unixsock.Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	reader, writer := io.Pipe()
	t.Cleanup(func() { listener.Close(); reader.Close(); os.Remove(folder) })
	go newServer(writer).receive(listener)
	lines := json.NewDecoder(reader)
	return socket, func() map[string]any {
		var event map[string]any
		if err := lines.Decode(&event); err != nil {
			t.Fatal(err)
		}
		return event
	}
}

func visit(t *testing.T, socket string) unixsock.Conn {
	t.Helper()
	conn, err := unixsock.Dial(socket, wait)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeLine(conn, Question{Kind: "git", Operation: "get", URL: "https://h.example/x"}); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestAGuestThatGoesIsTold(t *testing.T) {
	socket, told := scene(t)
	conn := visit(t, socket)
	asked := told()
	conn.Close()
	gone := told()
	if asked["event"] != "ask" || gone["event"] != "gone" || asked["number"] != gone["number"] {
		t.Errorf("%v, %v", asked, gone)
	}
}

func TestTooManyQuestionsAtOnceAreToldSo(t *testing.T) {
	socket, told := scene(t)
	for range make([]int, guestsMax) {
		defer visit(t, socket).Close()
		told()
	}
	late := visit(t, socket)
	defer late.Close()
	_ = late.SetDeadline(time.Now().Add(wait))
	var reply Reply
	if err := readLine(bufio.NewReader(late), &reply); err != nil || !strings.Contains(reply.Refuse, "32 questions") {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestAPasswordInTheArgumentsIsRefusedByItsCause(t *testing.T) {
	err := Goauth("https://ann:hush@proxy.example/m/@v/list", io.Discard)
	if err == nil || !strings.Contains(err.Error(), "GOPROXY") || strings.Contains(err.Error(), "hush") {
		t.Errorf("%v", err)
	}
}
