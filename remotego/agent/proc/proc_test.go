package proc

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

func equal[T comparable](t *testing.T, what string, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("%s: expected %v, got %v", what, expected, actual)
	}
}

// TestStatOfStrangeName: a command may hold what separates fields.
func TestStatOfStrangeName(t *testing.T) {
	raw := "42 (a) S 1\n)) t 7 8 9 0 -1 1 2 3 4 5 6 7 8 9 20 0 5 0 777 1 2"
	stat, err := ParseStat([]byte(raw))
	equal(t, "error", nil, err)
	equal(t, "stat", Stat{ID: ID{42, 777}, Comm: "a) S 1\n)", State: 't', Parent: 7, Threads: 5}, stat)
}

// TestEnded: a zombie leader whose threads live has not ended.
func TestEnded(t *testing.T) {
	equal(t, "zombie", true, Stat{State: 'Z', Threads: 1}.Ended())
	equal(t, "zombie leader", false, Stat{State: 'Z', Threads: 2}.Ended())
	equal(t, "sleeper", false, Stat{State: 'S', Threads: 1}.Ended())
}

// TestLives: a pid with another start is another process.
func TestLives(t *testing.T) {
	self, err := ReadStat(os.Getpid())
	equal(t, "error", nil, err)
	equal(t, "we live", true, self.ID.Lives())
	equal(t, "our pid at another time", false, ID{self.PID, self.Start + 1}.Lives())
}

// TestStatus: owners, capabilities and flags are read as the kernel writes them.
func TestStatus(t *testing.T) {
	raw := "Name:\tx\nTracerPid:\t99\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nSigPnd:\t0000000000000010\nCapPrm:\t0000000000080000\n" +
		"CapBnd:\t000001ffffffffff\nNoNewPrivs:\t1\nSeccomp:\t2\nState:\tt (tracing stop)\n"
	expected := Status{Tracer: 99, UID: Owners{1, 2, 3, 4}, GID: Owners{5, 6, 7, 8}, Permitted: 1 << 19,
		Bounding: 0x1ffffffffff, NoNewPrivs: true, Seccomp: 2, Paused: true, SignalsPending: 16}
	equal(t, "status", expected, ParseStatus([]byte(raw)))
}

// TestThreads: the kernel's threads of ours are ours.
func TestThreads(t *testing.T) {
	threads, err := Threads(os.Getpid())
	equal(t, "error", nil, err)
	for _, thread := range threads {
		equal(t, "owns", true, OwnsThread(os.Getpid(), thread))
		equal(t, "owner", os.Getpid(), OwnerOf(thread))
	}
	equal(t, "init's", false, OwnsThread(1, os.Getpid()))
}

// TestChildren: a child is found under its parent.
func TestChildren(t *testing.T) {
	child := exec.Command("cat")
	stdin, err := child.StdinPipe()
	equal(t, "error", nil, err)
	equal(t, "error", nil, child.Start())
	defer child.Wait()
	defer stdin.Close()
	children, err := Children(os.Getpid())
	equal(t, "error", nil, err)
	found := false
	for _, one := range children {
		found = found || one.PID == child.Process.Pid
	}
	equal(t, "found", true, found)
}

// FuzzParseStat: whatever the name, it and the state come back; whatever the bytes, nothing breaks.
func FuzzParseStat(f *testing.F) {
	f.Add("sh", byte('S'))
	f.Add(") R (", byte('t'))
	f.Fuzz(func(t *testing.T, name string, state byte) {
		if state <= ' ' || state > '~' || state == ')' {
			return
		}
		raw := fmt.Sprintf("1 (%s) %c 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 3 0 4", name, state)
		stat, err := ParseStat([]byte(raw))
		equal(t, "error", nil, err)
		equal(t, "stat", Stat{ID{1, 4}, name, state, 2, 3}, stat)
		_, _ = ParseStat([]byte(name))
		_ = ParseStatus([]byte(name))
	})
}
