package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"remotego/agent/dlv"
	"remotego/agent/proc"
	"remotego/agent/rescue"
	"remotego/agent/text"
)

// TestKilledIdle: dlv killed without a breakpoint set leaves its own four, which are taken out.
func TestKilledIdle(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	syscall.Kill(k.dlv, syscall.SIGKILL)
	end := k.next("ended", slack)
	equal(t, "outcome", "rescued", end.Outcome)
	equal(t, "text", "restored", end.Text)
	s.intact()
	k.swept()
}

// TestKilledWithBreakpoint: a breakpoint that nobody has met yet does no harm any more.
func TestKilledWithBreakpoint(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	connect(t, k.socket).breakAt(never)
	syscall.Kill(k.dlv, syscall.SIGKILL)
	equal(t, "outcome", "rescued", k.next("ended", slack).Outcome)
	fmt.Fprintln(s.stdin)
	s.intact()
}

// TestKilledAtBreakpoint: nobody can save a process that stands in front of a breakpoint when dlv is killed,
// but the guard says what happened, whether or not it came in time.
func TestKilledAtBreakpoint(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	connect(t, k.socket).stopsAt("main.step")
	syscall.Kill(k.dlv, syscall.SIGKILL)
	end := k.next("ended", slack)
	t.Logf("outcome: %+v", end)
	equal(t, "told as it is", s.id.Lives(), end.Outcome == "rescued")
	equal(t, "told as it is", !s.id.Lives(), end.Outcome == "died")
	k.swept()
}

// TestParentKilled: a guard whose controller is killed sees the end of its input and ends in the safe order.
func TestParentKilled(t *testing.T) {
	s := serve(t, compile(t))
	k, parent := launchBelow(t, s)
	k.up()
	connect(t, k.socket).stopsAt("main.step")
	must(t, parent.Kill())
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
	s.intact()
	eventually(t, "the session's directory is gone", slack, func() bool { _, err := os.Lstat(k.directory); return os.IsNotExist(err) })
}

// TestStoppedDlv: a dlv put to sleep by job control is woken, and detaches itself.
func TestStoppedDlv(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	connect(t, k.socket).stopsAt("main.step")
	syscall.Kill(k.dlv, syscall.SIGSTOP)
	k.end()
	equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
	s.intact()
}

// TestWayAround: a client that came by a way around the guard watches the running process,
// on which dlv is known to go deaf; the process is freed all the same.
func TestWayAround(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	edit(t, k.directory+"/dlv.sock", "")
	s.ticks(5)
	k.end()
	end := k.next("ended", slack)
	equal(t, "freed", true, end.Outcome == "clean" || end.Outcome == "rescued")
	s.intact()
	k.swept()
}

// TestHungDlv: from a dlv that falls asleep again and again the process is taken by force.
func TestHungDlv(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	connect(t, k.socket).stopsAt("main.step")
	dlv := proc.ID{PID: k.dlv}
	stat, err := proc.ReadStat(k.dlv)
	must(t, err)
	dlv.Start = stat.Start
	go func() {
		for dlv.Lives() {
			syscall.Kill(dlv.PID, syscall.SIGSTOP)
			time.Sleep(100 * time.Microsecond)
		}
	}()
	k.end()
	end := k.next("ended", 2*slack)
	equal(t, "outcome", "rescued", end.Outcome)
	equal(t, "text", "restored", end.Text)
	s.intact()
	k.swept()
}

// bare is a dlv without a guard, to break in any way.
func bare(t *testing.T, s *service) (*dlv.Server, *text.Image) {
	t.Helper()
	image, err := text.Load(s.id.PID)
	must(t, err)
	t.Cleanup(func() { image.Close() })
	argv := []string{delve(t), "attach", fmt.Sprint(s.id.PID), "--headless", "--accept-multiclient", "--continue"}
	server, err := dlv.Start(dlv.Launch{Argv: argv, Directory: t.TempDir()}, func() {})
	must(t, err)
	t.Cleanup(func() { server.Signal(syscall.SIGKILL); <-server.Done })
	eventually(t, "dlv serves", startTime, func() bool {
		client, err := dlv.Dial(server.Socket, time.Now().Add(time.Second))
		if err != nil {
			return false
		}
		defer client.Close()
		state, err := client.State()
		return err == nil && state.Running
	})
	s.ticks(5)
	return server, image
}

// TestHungInFrontOfTrap: threads that met a breakpoint while dlv was asleep are put back in front of it.
func TestHungInFrontOfTrap(t *testing.T) {
	for _, flags := range [][]string{nil, {"-buildmode=pie"}} {
		t.Run(fmt.Sprint(flags), func(t *testing.T) {
			met := 0
			for round := 0; round < rounds(); round++ {
				met += hungInFrontOfTrap(t, flags)
			}
			t.Logf("%d of %d met it", met, rounds())
			equal(t, "some met it", true, met > 0)
		})
	}
}

// hungInFrontOfTrap gives 1 when a thread met the breakpoint. Without dlv, Go's scheduler can come to a
// standstill before that, because its own signals are not delivered either.
func hungInFrontOfTrap(t *testing.T, flags []string) (met int) {
	s := serve(t, compile(t, flags...))
	server, image := bare(t, s)
	connect(t, server.Socket).breakAt(never)
	s.ticks(5)
	syscall.Kill(server.PID, syscall.SIGSTOP)
	eventually(t, "dlv sleeps", slack, func() bool { stat, err := proc.ReadStat(server.PID); return err == nil && stat.State == 'T' })
	fmt.Fprintln(s.stdin)
	for end := time.Now().Add(time.Second); met == 0 && time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if trapped(s.id.PID, image) {
			met = 1
		}
	}
	report, err := rescue.Hung(s.id, image, server, server.Done, text.Known{})
	must(t, err)
	equal(t, "threads put back at least", true, report.Rewound >= met)
	s.intact()
	return met
}

// TestHungAtTrap: the same with a process that dlv had stopped already at a busy place.
func TestHungAtTrap(t *testing.T) {
	met := 0
	for round := 0; round < rounds(); round++ {
		s := serve(t, compile(t))
		server, image := bare(t, s)
		if !connect(t, server.Socket).reaches("main.step") {
			continue
		}
		met++
		syscall.Kill(server.PID, syscall.SIGSTOP)
		_, err := rescue.Hung(s.id, image, server, server.Done, text.Known{})
		must(t, err)
		s.intact()
	}
	t.Logf("%d of %d met it", met, rounds())
	equal(t, "some met it", true, met > 0)
}

// TestHungWhileBusy: dlv falls asleep at any moment of a hail of stops: a breakpoint with a condition
// that is never true, met by three threads thousands of times a second.
func TestHungWhileBusy(t *testing.T) {
	for round := 0; round < rounds(); round++ {
		s := serve(t, compile(t))
		server, image := bare(t, s)
		client := connect(t, server.Socket)
		client.do("Command", map[string]any{"name": "halt"})
		client.do("CreateBreakpoint", map[string]any{"Breakpoint": map[string]any{"functionName": "main.step", "Cond": "n < 0"}})
		client.resume()
		s.ticks(1 + round%5)
		syscall.Kill(server.PID, syscall.SIGSTOP)
		report, err := rescue.Hung(s.id, image, server, server.Done, text.Known{})
		must(t, err)
		t.Logf("round %d: %+v", round, report)
		s.intact()
	}
}

// trapped says whether a stopped thread stands right behind a breakpoint (proc_pid_syscall(5) ends with its place).
func trapped(pid int, image *text.Image) bool {
	patches, _ := image.Diff()
	known := text.Know(patches)
	threads, _ := proc.Threads(pid)
	for _, thread := range threads {
		raw, _ := os.ReadFile(proc.Path(pid, fmt.Sprintf("task/%d/syscall", thread)))
		words := strings.Fields(string(raw))
		if len(words) < 3 {
			continue
		}
		place, err := strconv.ParseUint(words[len(words)-1], 0, 64)
		if err == nil && known[place-1] {
			return true
		}
	}
	return false
}

func rounds() int {
	var count int
	if _, err := fmt.Sscan(os.Getenv("ROUNDS"), &count); err != nil {
		return 2
	}
	return count
}

// TestEndBetweenTrapAndHalt: dlv halts by SIGTRAP. One that is sent while threads stop at a breakpoint anyway is not
// used up by that, and would kill the process as soon as nobody traces it.
func TestEndBetweenTrapAndHalt(t *testing.T) {
	for round := 0; round < rounds(); round++ {
		s := serve(t, compile(t))
		k := launch(t, s).up()
		client := connect(t, k.socket)
		client.do("Command", map[string]any{"name": "halt"})
		client.do("CreateBreakpoint", map[string]any{"Breakpoint": map[string]any{"functionName": "main.step", "Cond": "1 == 2"}})
		client.resume()
		s.ticks(3)
		syscall.Kill(k.dlv, syscall.SIGSTOP)
		eventually(t, "a thread meets the breakpoint", slack, func() bool { return halfStopped(s.id.PID) })
		k.end()
		end := k.next("ended", slack)
		equal(t, "freed", true, end.Outcome == "clean" || end.Outcome == "rescued")
		s.intact()
	}
}

func halfStopped(pid int) bool {
	threads, _ := proc.Threads(pid)
	for _, thread := range threads {
		if stat, err := proc.ReadThread(pid, thread); err == nil && stat.State == 't' {
			return true
		}
	}
	return false
}

// TestEndInsideACall: a function that a debugger calls in the process returns to a trap that only Delve understands,
// so the call has to be over before Delve lets go.
func TestEndInsideACall(t *testing.T) {
	for round := 0; round < rounds(); round++ {
		s := serve(t, compile(t, "-gcflags=all=-N -l"))
		k := launch(t, s).up()
		client := connect(t, k.socket)
		client.stopsAt("main.step")
		client.do("Command", map[string]any{"name": "call", "expr": "main.step(1)", "ReturnInfoLoadConfig": map[string]any{"FollowPointers": false}})
		k.end()
		equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
		s.intact()
		k.swept()
	}
}
