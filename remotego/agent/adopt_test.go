package main

import (
	"os"
	"syscall"
	"testing"

	"remotego/agent/proc"
)

// TestGuardKilled: when the guard itself is killed, its second ends the session.
func TestGuardKilled(t *testing.T) {
	for name, stop := range map[string]bool{"at a breakpoint": true, "running with a breakpoint": false} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, compile(t))
			k := launch(t, s, set("note", noteIn(t))).up()
			client := connect(t, k.socket)
			if stop {
				client.stopsAt("main.step")
			} else {
				client.breakAt(never)
			}
			must(t, k.cmd.Process.Kill())
			eventually(t, "the session's directory is gone", 2*slack, func() bool { _, err := os.Lstat(k.directory); return os.IsNotExist(err) })
			s.intact()
			k.swept()
		})
	}
}

// TestGuardStopped: a guard that is put to sleep by job control for good is ended by its second, which frees the process.
func TestGuardStopped(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	connect(t, k.socket).stopsAt("main.step")
	must(t, k.cmd.Process.Signal(syscall.SIGSTOP))
	eventually(t, "the session's directory is gone", 6*slack, func() bool { _, err := os.Lstat(k.directory); return os.IsNotExist(err) })
	s.intact()
	k.swept()
}

// TestProcessKilledAtBreakpoint: a process that is killed while it is stopped ends the session; its zombie is let go.
func TestProcessKilledAtBreakpoint(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	connect(t, k.socket).stopsAt("main.step")
	s.cmd.Process.Kill()
	equal(t, "outcome", "exited", k.next("ended", 2*slack).Outcome)
	<-s.gone
	k.swept()
}

func noteIn(t *testing.T) string { return t.TempDir() + "/note.json" }

// TestAdoption: another controller takes over a session whose guards are both dead, uses it and ends it.
func TestAdoption(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	client := connect(t, k.socket)
	client.stopsAt("main.step")
	children, err := proc.Children(k.cmd.Process.Pid)
	must(t, err)
	for _, child := range children {
		if child.PID != k.dlv {
			syscall.Kill(child.PID, syscall.SIGKILL)
		}
	}
	must(t, k.cmd.Process.Kill())
	k.cmd.Wait()
	stat, err := proc.ReadStat(k.dlv)
	must(t, err)
	heir := launch(t, s, set("directory", k.directory), func(order map[string]any) {
		delete(order, "dlv")
		order["adopt"] = stat.ID
	}).up()
	equal(t, "breakpoints", 1, heir.next("released", slack).Breakpoints)
	connect(t, heir.socket).stopsAt("main.step")
	heir.stdin.Close()
	end := heir.next("ended", slack)
	equal(t, "outcome", "clean", end.Outcome)
	equal(t, "text", "same", end.Text)
	s.intact()
}

// TestNoTheft: a session that has a guard is not taken over.
func TestNoTheft(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	stat, err := proc.ReadStat(k.dlv)
	must(t, err)
	thief := launch(t, s, set("directory", k.directory), func(order map[string]any) {
		delete(order, "dlv")
		order["adopt"] = stat.ID
	})
	equal(t, "outcome", "failed", thief.next("ended", slack).Outcome)
	connect(t, k.socket).stopsAt("main.step")
}

// TestGuardAndDlvKilled: the second guard rescues the process from a dead dlv, too.
func TestGuardAndDlvKilled(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	connect(t, k.socket).breakAt(never)
	must(t, k.cmd.Process.Kill())
	syscall.Kill(k.dlv, syscall.SIGKILL)
	eventually(t, "the session's directory is gone", 2*slack, func() bool { _, err := os.Lstat(k.directory); return os.IsNotExist(err) })
	s.intact()
	k.swept()
}
