package credential

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// stuck is a network that is gone: what is written never comes through.
type stuck struct{ release chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.release
	return 0, io.ErrClosedPipe
}

func TestAccessEndsThoughNobodyCanBeTold(t *testing.T) {
	output := stuck{make(chan struct{})}
	defer close(output.release)
	served := newServer(output)
	go served.tell(map[string]any{"event": "up"})
	ended := make(chan string, 1)
	go func() {
		why := served.await(Order{Lease: 1, Expires: 60})
		served.tellLast(map[string]any{"event": "ended"})
		ended <- why
	}()
	select {
	case why := <-ended:
		if why != "silent" {
			t.Errorf("ended: %s", why)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it waits for ever")
	}
}

func TestTheEndOfInputEndsIt(t *testing.T) {
	reader, writer := io.Pipe()
	served := newServer(io.Discard)
	go served.listen(bufio.NewReader(reader))
	writer.Close()
	if why := served.await(Order{Lease: 3600, Expires: 3600}); why != "closed" {
		t.Errorf("ended: %s", why)
	}
}

func TestADirectoryOfOthersIsNotUsed(t *testing.T) {
	folder := t.TempDir()
	for mode, private_ := range map[os.FileMode]bool{0o700: true, 0o750: false, 0o701: false} {
		if err := os.Chmod(folder, mode); err != nil {
			t.Fatal(err)
		}
		if got := private(folder) == nil; got != private_ {
			t.Errorf("%v: private is %v", mode, got)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	if private(link) == nil {
		t.Error("a link was followed")
	}
}
