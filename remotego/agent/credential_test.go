package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// loan is an agent that lends in a home of its own; whatever becomes of the test, it ends.
type loan struct {
	t      *testing.T
	home   string
	cmd    *exec.Cmd
	input  io.WriteCloser
	output *bufio.Scanner
	over   chan error
}

// lent starts one in home, where its store is, and waits until it serves.
func lent(t *testing.T, home string, order map[string]any) (*loan, map[string]any) {
	t.Helper()
	program := filepath.Join(home, "remotego", "store", "agent")
	must(t, os.MkdirAll(filepath.Dir(program), 0o700))
	if _, err := os.Stat(program); err != nil {
		must(t, os.Link(agent, program))
	}
	l := &loan{t: t, home: home, cmd: exec.Command(program, "credential", "serve"), over: make(chan error, 1)}
	l.cmd.Env = append(os.Environ(), "HOME="+home)
	l.cmd.Stderr = os.Stderr
	var err error
	l.input, err = l.cmd.StdinPipe()
	must(t, err)
	output, err := l.cmd.StdoutPipe()
	must(t, err)
	must(t, l.cmd.Start())
	l.output = bufio.NewScanner(output)
	t.Cleanup(func() { l.cmd.Process.Kill() })
	text, err := json.Marshal(order)
	must(t, err)
	fmt.Fprintf(l.input, "%s\n", text)
	return l, l.told("up")
}

// told is the next line, which is an event of this kind.
func (l *loan) told(kind string) map[string]any {
	l.t.Helper()
	lines := make(chan []byte, 1)
	go func() {
		l.output.Scan()
		lines <- l.output.Bytes()
	}()
	select {
	case line := <-lines:
		var event map[string]any
		if err := json.Unmarshal(line, &event); err != nil || event["event"] != kind {
			l.t.Fatalf("expected %q, got %q (%v)", kind, line, err)
		}
		return event
	case <-time.After(startTime):
		l.cmd.Process.Kill()
		l.t.Fatalf("no %q within %v", kind, startTime)
		return nil
	}
}

// gone waits for the end of the process.
func (l *loan) gone() error {
	l.t.Helper()
	go func() { l.over <- l.cmd.Wait() }()
	select {
	case err := <-l.over:
		return err
	case <-time.After(startTime):
		l.cmd.Process.Kill()
		l.t.Fatal("it does not end")
		return nil
	}
}

// left names what a home has, but for the agent itself.
func (l *loan) left() (found []string) {
	l.t.Helper()
	must(l.t, filepath.WalkDir(l.home, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && (!entry.IsDir() || entry.Name() == "auth") && path != l.cmd.Path {
			found = append(found, path)
		}
		return err
	}))
	return found
}

// TestALoanWithANetrcEnds: in order, with nothing left of it, and the next one finds its place.
func TestALoanWithANetrcEnds(t *testing.T) {
	order := map[string]any{
		"id": "0123456789abcdef", "lease_s": 600, "expires_s": 600, "prefixes": []string{"https://h.example/team"},
		"netrc": "machine h.example login x password y\n", "link_netrc": true,
	}
	home := t.TempDir()
	for i := 0; i < 2; i++ {
		l, up := lent(t, home, order)
		_, err := l.input.Write([]byte(`{"end": true}` + "\n"))
		must(t, err)
		equal(t, "why", any("end"), l.told("ended")["why"])
		must(t, l.gone())
		equal(t, "left", "[]", fmt.Sprint(l.left()))
		_, err = os.Lstat(up["socket"].(string))
		equal(t, "the socket is gone", true, os.IsNotExist(err))
	}
}
