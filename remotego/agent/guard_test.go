package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"remotego/agent/proc"
	"remotego/agent/session"
)

// never is a function that the ticker calls only when it is told to.
const never = "main.rare"

func term(seconds float64) wish { return func(order map[string]any) { order["lease_s"] = seconds } }

func set(key string, value any) wish { return func(order map[string]any) { order[key] = value } }

// TestEnd: the word "end" detaches and leaves nothing.
func TestEnd(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	s.ticks(10)
	k.end()
	end := k.next("ended", slack)
	equal(t, "outcome", "clean", end.Outcome)
	equal(t, "text", "same", end.Text)
	equal(t, "why", "end", end.Why)
	s.intact()
	k.swept()
}

// TestEndOfInput: a controller that is gone ends the session, and the note says so.
func TestEndOfInput(t *testing.T) {
	s := serve(t, compile(t))
	note := filepath.Join(t.TempDir(), "x.ended.json")
	k := launch(t, s, set("note", note), term(1)).up()
	k.stdin.Close()
	equal(t, "outcome", "clean", k.next("ended", time.Second+slack).Outcome)
	raw, err := os.ReadFile(note)
	must(t, err)
	var said struct {
		ID  string
		End session.Event
	}
	must(t, json.Unmarshal(raw, &said))
	equal(t, "whose", "x", said.ID)
	equal(t, "why", "closed", said.End.Why)
	s.intact()
	k.swept()
}

// TestSilence: a lease that is not renewed runs out, even at a breakpoint with a client connected.
func TestSilence(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, term(2)).up()
	connect(t, k.socket).stopsAt("main.step")
	end := k.next("ended", 2*time.Second+slack)
	equal(t, "outcome", "clean", end.Outcome)
	equal(t, "why", "silent", end.Why)
	s.intact()
	k.swept()
}

// TestRenewal: any line renews the lease; a ping is answered.
func TestRenewal(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, term(1)).up()
	for i := 1; i <= 6; i++ {
		must(t, json.NewEncoder(k.stdin).Encode(map[string]int{"ping": i}))
		equal(t, "pong", i, *k.next("pong", time.Second).Ping)
		s.ticks(60)
	}
	k.end()
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
}

// TestSignals: the guard's own death sentence is carried out in the safe order.
func TestSignals(t *testing.T) {
	for _, number := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(number.String(), func(t *testing.T) {
			s := serve(t, compile(t))
			k := launch(t, s).up()
			connect(t, k.socket).stopsAt("main.step")
			k.cmd.Process.Signal(number)
			end := k.next("ended", slack)
			equal(t, "outcome", "clean", end.Outcome)
			equal(t, "text", "same", end.Text)
			s.intact()
			k.swept()
		})
	}
}

// TestHangup: the end of a terminal is not the end of a session.
func TestHangup(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	k.cmd.Process.Signal(syscall.SIGHUP)
	s.ticks(20)
	k.end()
	end := k.next("ended", slack)
	equal(t, "why", "end", end.Why)
}

// TestReturn: a controller that has lost its way comes back, is told how things stand, and holds the session.
func TestReturn(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, term(2)).up()
	k.stdin.Close()
	again := k.comeBack()
	equal(t, "dlv", k.dlv, again.next("up", slack).DlvPID)
	for i := 0; i < 8; i++ {
		fmt.Fprintln(again.stdin, "{}")
		s.ticks(30)
	}
	again.end()
	equal(t, "outcome", "clean", again.next("ended", slack).Outcome)
	s.intact()
	k.swept()
}

// TestReturnToPaused: who comes back to a process that stands still hears so at once.
func TestReturnToPaused(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, set("hold", true)).up()
	connect(t, k.socket).stopsAt("main.step")
	k.next("paused", slack)
	again := k.comeBack()
	again.next("up", slack)
	equal(t, "clients", 1, *again.next("paused", slack).Clients)
	k.end()
}

// TestKept: a session that is kept outlives its controller, and another one takes it over.
func TestKept(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, set("keep", true), term(0.2)).up()
	k.stdin.Close()
	s.ticks(60)
	again := k.comeBack()
	again.next("up", slack)
	fmt.Fprintln(again.stdin, `{"keep":false}`)
	equal(t, "why", "silent", again.next("ended", slack).Why)
	s.intact()
	k.swept()
}

// TestStopFile: somebody else on the target may ask for the end.
func TestStopFile(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	must(t, os.WriteFile(filepath.Join(k.directory, "stop"), nil, 0o600))
	k.next("asked", slack)
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
	s.intact()
}

// TestClientVanishesAtBreakpoint: the process is released and dlv serves the next client.
func TestClientVanishesAtBreakpoint(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	first := connect(t, k.socket)
	first.stopsAt("main.step")
	first.Close()
	event := k.next("released", slack)
	equal(t, "breakpoints", 1, event.Breakpoints)
	equal(t, "was paused", true, event.Paused)
	s.ticks(20)
	connect(t, k.socket).stopsAt("main.step")
	k.end()
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
	s.intact()
}

// TestClientVanishesWhileRunning: breakpoints it left behind are taken out.
func TestClientVanishesWhileRunning(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	before := len(s.patches())
	client := connect(t, k.socket)
	client.breakAt(never)
	client.Close()
	equal(t, "breakpoints", 1, k.next("released", slack).Breakpoints)
	eventually(t, "only Delve's own breakpoints are left", slack, func() bool { return len(s.patches()) == before })
	s.ticks(20)
}

// TestHold: whoever asks for it finds the process where it was left, until the end.
func TestHold(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, set("hold", true)).up()
	client := connect(t, k.socket)
	client.stopsAt("main.step")
	client.Close()
	k.next("paused", slack)
	stat, err := proc.ReadStat(s.id.PID)
	must(t, err)
	equal(t, "state", "t", string(stat.State))
	k.end()
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
	s.intact()
}

// TestMaxPause: a process paused for too long is released although somebody watches it.
func TestMaxPause(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, set("max_pause_s", 1)).up()
	connect(t, k.socket).stopsAt("main.step")
	k.next("paused", slack)
	event := k.next("released", slack)
	equal(t, "why", "paused too long", event.Why)
	s.ticks(20)
	k.end()
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
	s.intact()
}

// TestProcessEnds: dlv does not outlive the process.
func TestProcessEnds(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	s.cmd.Process.Kill()
	equal(t, "what", "process", k.next("gone", slack).What)
	equal(t, "outcome", "exited", k.next("ended", slack).Outcome)
	k.swept()
}

// TestMissing: a pid that another process has taken over is not touched.
func TestMissing(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, set("start", s.id.Start+1))
	equal(t, "outcome", "missing", k.next("ended", slack).Outcome)
	s.intact()
}

// TestNotAttached: what dlv says about its failure arrives.
func TestNotAttached(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, set("dlv", []string{delve(t), "attach", "--headless", "none"}))
	end := k.next("ended", slack)
	equal(t, "outcome", "failed", end.Outcome)
	equal(t, "detail is told", true, end.Detail != "")
	s.intact()
	k.swept()
}

// TestTracedByAnother: dlv's words arrive when somebody else debugs the process, and that session goes on.
func TestTracedByAnother(t *testing.T) {
	s := serve(t, compile(t))
	first := launch(t, s).up()
	end := launch(t, s).next("ended", slack)
	equal(t, "outcome", "failed", end.Outcome)
	equal(t, "reason", true, strings.Contains(end.Detail, "already being debugged"))
	connect(t, first.socket).stopsAt("main.step")
}

// TestForeignDirectory: a session never moves into a directory that exists.
func TestForeignDirectory(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s, set("directory", t.TempDir()))
	equal(t, "outcome", "failed", k.next("ended", slack).Outcome)
	s.intact()
}

// TestPrivate: directory and socket are for their owner alone.
func TestPrivate(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	for path, mode := range map[string]os.FileMode{k.directory: 0o700, k.socket: 0o600} {
		info, err := os.Lstat(path)
		must(t, err)
		equal(t, path, mode, info.Mode().Perm())
	}
}
