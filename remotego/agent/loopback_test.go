package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"remotego/agent/session"
)

var onTCP = set("tcp", true)

// TestPort: dlv listens on 127.0.0.1 alone, which the record and the event tell, and there is no socket.
func TestPort(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, onTCP).up()
	raw, err := os.ReadFile(filepath.Join(k.directory, "session.json"))
	must(t, err)
	var record struct {
		Port   int
		Socket string
	}
	must(t, json.Unmarshal(raw, &record))
	equal(t, "port in the record", k.socket, fmt.Sprintf("127.0.0.1:%d", record.Port))
	equal(t, "socket in the record", "", record.Socket)
	equal(t, "listeners", 1, strings.Count(listeners(t), fmt.Sprintf(" 0100007F:%04X 00000000:0000 0A", record.Port)))
	k.end()
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
	s.intact()
	k.swept()
}

func listeners(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("/proc/net/tcp")
	must(t, err)
	return string(raw)
}

// TestPortIsQuiet: our own looks at dlv are nobody's visits.
func TestPortIsQuiet(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, onTCP, term(5)).up()
	s.ticks(300)
	k.end()
	for event := range k.events {
		equal(t, "an event about clients", false, event.Kind == "clients" || event.Kind == "released")
	}
}

// TestPortFrees: an editor and a debugger that vanish at a breakpoint leave a process that runs.
func TestPortFrees(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, onTCP).up()
	e := edit(t, k.socket, "main.step")
	e.stops()
	equal(t, "clients", 1, *k.next("clients", slack).Clients)
	e.conn.Close()
	equal(t, "clients", 0, *k.next("clients", slack).Clients)
	equal(t, "paused", true, k.next("released", slack).Paused)
	s.ticks(20)
	d := connect(t, k.socket)
	d.stopsAt("main.step")
	d.Close()
	equal(t, "why", "nobody is connected", k.next("released", slack).Why)
	s.ticks(20)
	k.end()
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
	s.intact()
	k.swept()
}

// TestPortEndsWatched: an editor that watches a running process is hung up on first; dlv would wait for it for ever.
func TestPortEndsWatched(t *testing.T) {
	for _, function := range []string{never, "main.step"} {
		t.Run(function, func(t *testing.T) {
			s := serve(t, compile(t))
			k := launch(t, s, onTCP, term(2)).up()
			e := edit(t, k.socket, function)
			if function != never {
				e.stops()
			}
			end := k.next("ended", 2*time.Second+slack)
			equal(t, "why", "silent", end.Why)
			equal(t, "outcome", "clean", end.Outcome)
			equal(t, "text", "same", end.Text)
			s.intact()
			k.swept()
		})
	}
}

// TestPortOverdue: a pause that lasts too long ends, whoever is connected.
func TestPortOverdue(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, onTCP, set("max_pause_s", 1)).up()
	e := edit(t, k.socket, "main.step")
	e.stops()
	equal(t, "why", "paused too long", k.next("released", slack).Why)
	s.ticks(20)
	k.end()
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
}

// TestPortGuardKilled: its second takes over, and finds the port.
func TestPortGuardKilled(t *testing.T) {
	s := serve(t, compile(t))
	note := filepath.Join(t.TempDir(), "note")
	k := launch(t, s, onTCP, set("note", note)).up()
	connect(t, k.socket).stopsAt("main.step")
	must(t, k.cmd.Process.Signal(syscall.SIGKILL))
	eventually(t, "a note", 2*slack, func() bool { _, err := os.Stat(note); return err == nil })
	raw, err := os.ReadFile(note)
	must(t, err)
	var said struct{ End session.Event }
	must(t, json.Unmarshal(raw, &said))
	equal(t, "outcome", "clean", said.End.Outcome)
	s.intact()
}

// TestPortTurnsOthersAway: another user of the machine gets nothing, and is no visit.
func TestPortTurnsOthersAway(t *testing.T) {
	asRoot(t)
	s := serve(t, compile(t))
	k := launch(t, s, onTCP).up()
	must(t, os.Chmod(workshop, 0o755))
	must(t, os.Chmod(agent, 0o755))
	for i := 0; i < 50; i++ {
		command := exec.Command(agent, "relay", "tcp:"+k.socket)
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		command.Stdin = strings.NewReader(`{"method":"RPCServer.State","params":[{"NonBlocking":true}],"id":1}`)
		said, _ := command.Output()
		equal(t, "bytes for a stranger", "", string(said))
	}
	k.end()
	for event := range k.events {
		equal(t, "an event about clients", false, event.Kind == "clients" || event.Kind == "released")
	}
}
