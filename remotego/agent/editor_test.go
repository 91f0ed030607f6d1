package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// editor is a client that speaks DAP as VS Code does.
type editor struct {
	t      *testing.T
	conn   net.Conn
	reader *bufio.Reader
	sent   int
}

type message struct {
	Type       string `json:"type"`
	Event      string `json:"event"`
	RequestSeq int    `json:"request_seq"`
	Success    bool   `json:"success"`
	Message    string `json:"message"`
}

// edit attaches with a breakpoint in function, "" for none, and lets the process run.
func edit(t *testing.T, socket, function string) *editor {
	t.Helper()
	conn := dial(t, socket)
	t.Cleanup(func() { conn.Close() })
	e := &editor{t: t, conn: conn, reader: bufio.NewReader(conn)}
	e.do("initialize", map[string]any{"adapterID": "go"})
	e.do("attach", map[string]any{"mode": "remote"})
	if function != "" {
		e.do("setFunctionBreakpoints", map[string]any{"breakpoints": []any{map[string]any{"name": function}}})
	}
	e.do("configurationDone", map[string]any{})
	return e
}

func (e *editor) do(command string, arguments any) {
	e.t.Helper()
	e.sent++
	body, err := json.Marshal(map[string]any{"seq": e.sent, "type": "request", "command": command, "arguments": arguments})
	must(e.t, err)
	_, err = fmt.Fprintf(e.conn, "Content-Length: %d\r\n\r\n%s", len(body), body)
	must(e.t, err)
	answer := e.await(func(m message) bool { return m.Type == "response" && m.RequestSeq == e.sent })
	if !answer.Success {
		e.t.Fatalf("%s: %s", command, answer.Message)
	}
}

func (e *editor) stops() {
	e.t.Helper()
	e.await(func(m message) bool { return m.Event == "stopped" })
}

func (e *editor) await(wanted func(message) bool) message {
	e.t.Helper()
	must(e.t, e.conn.SetReadDeadline(time.Now().Add(quickTime)))
	for {
		var size int
		_, err := fmt.Fscanf(e.reader, "Content-Length: %d\r\n\r\n", &size)
		must(e.t, err)
		body := make([]byte, size)
		_, err = io.ReadFull(e.reader, body)
		must(e.t, err)
		var got message
		must(e.t, json.Unmarshal(body, &got))
		if wanted(got) {
			return got
		}
	}
}

// TestEditorVanishes: however an editor goes, at a breakpoint or not, with a word or without, the process is
// released, and the next editor can attach.
func TestEditorVanishes(t *testing.T) {
	for _, function := range []string{"main.step", never} {
		for _, polite := range []bool{true, false} {
			t.Run(fmt.Sprint(function, " polite ", polite), func(t *testing.T) {
				s := serve(t, compile(t))
				k := launch(t, s).up()
				for round := 0; round < 2; round++ {
					e := edit(t, k.socket, function)
					if function != never {
						e.stops()
					}
					if polite {
						e.do("disconnect", map[string]any{"terminateDebuggee": false})
					}
					e.conn.Close()
					equal(t, "breakpoints", 1, k.next("released", slack).Breakpoints)
					s.ticks(20)
				}
				k.end()
				equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
				s.intact()
				k.swept()
			})
		}
	}
}

// TestEndUnderEditor: a session ends cleanly under an editor that watches, also a running process,
// on which dlv alone would hang.
func TestEndUnderEditor(t *testing.T) {
	for _, function := range []string{"main.step", never, ""} {
		t.Run(function, func(t *testing.T) {
			s := serve(t, compile(t))
			k := launch(t, s).up()
			e := edit(t, k.socket, function)
			if function == "main.step" {
				e.stops()
			}
			began := time.Now()
			k.end()
			equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
			t.Logf("%v from the end of input to the end", time.Since(began))
			s.intact()
			k.swept()
		})
	}
}

// TestMaxPauseUnderEditor: an editor that has stopped the process for too long is sent away.
func TestMaxPauseUnderEditor(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, set("max_pause_s", 1)).up()
	edit(t, k.socket, "main.step").stops()
	equal(t, "why", "paused too long", k.next("released", slack).Why)
	s.ticks(20)
	edit(t, k.socket, "main.step").stops()
}

// TestStopButton: an editor that ends the process, by accident or not, ends the session.
func TestStopButton(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	e := edit(t, k.socket, "")
	e.do("disconnect", map[string]any{"terminateDebuggee": true})
	end := k.next("ended", slack)
	equal(t, "outcome", "exited", end.Outcome)
	k.swept()
}
