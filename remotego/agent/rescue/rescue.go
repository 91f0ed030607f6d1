// Package rescue saves a process whose debugger has died or no longer answers.
//
// A debugger that dies leaves its breakpoints in the code, and every thread that meets one
// then dies of SIGTRAP and takes the process along. The rescue stops the process, writes the
// code back, and puts threads that had just met a breakpoint back in front of it.
package rescue

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"remotego/agent/proc"
	"remotego/agent/text"
)

const (
	stopTime = time.Second
	killTime = 2 * time.Second
	pause    = time.Millisecond
)

// Server is the debugger, as far as a rescue concerns it.
type Server interface {
	Signal(syscall.Signal)
	Traces(thread int) bool
}

// Report says what was done: breakpoints taken out, threads put back.
type Report struct {
	Restored, Rewound int
}

// Hung takes the process away from a debugger that does not answer any more. The code is written back
// before the debugger dies: without that nothing is killed, and the error says so.
func Hung(id proc.ID, image *text.Image, server Server, done <-chan struct{}, known text.Known) (Report, error) {
	patches, err := writeBack(image, known)
	if err != nil {
		return Report{}, fmt.Errorf("its debugger does not answer and was left alive, because the code cannot be written: %w", err)
	}
	report := Report{Restored: len(patches)}
	if err := stopEach(id); err != nil {
		return report, err
	}
	server.Signal(syscall.SIGKILL)
	select {
	case <-done:
	case <-time.After(killTime):
		return report, errors.Join(errors.New("its debugger survives SIGKILL"), Resume(id))
	}
	// The debugger may have written one more while we looked.
	late, err := writeBack(image, known)
	report.Restored += len(late)
	return finish(id, append(patches, late...), report, err)
}

// Orphan saves a process whose debugger is dead already.
func Orphan(id proc.ID, image *text.Image, known text.Known) (Report, error) {
	if err := stop(id); err != nil {
		return Report{}, err
	}
	patches, err := writeBack(image, known)
	return finish(id, patches, Report{Restored: len(patches)}, err)
}

// StopOrphan makes a process stand still at once: its next instruction may be a breakpoint that nobody handles.
// Orphan or Resume must follow.
func StopOrphan(id proc.ID) { _ = stop(id) }

// Resume lets a stopped process run.
func Resume(id proc.ID) error { return signal(id, syscall.SIGCONT) }

func finish(id proc.ID, patches text.Patches, report Report, err error) (Report, error) {
	if err == nil && len(patches) > 0 {
		if err = settle(id); err == nil {
			report.Rewound, err = rewind(id.PID, patches)
		}
	}
	return report, errors.Join(err, Resume(id))
}

func writeBack(image *text.Image, known text.Known) (text.Patches, error) {
	patches, err := image.Diff()
	if err != nil {
		return nil, err
	}
	traps := known.New(patches).Traps()
	_, err = image.Restore(traps)
	return traps, err
}

// stopEach gives every thread a SIGSTOP of its own. One for the process is not enough here: it stops a thread that
// wakes up with a SIGTRAP only some microseconds later, in the middle of its handler, where there is no way back.
// The SIGCONT that follows takes the rest of them away (Linux: kernel/signal.c, prepare_signal).
func stopEach(id proc.ID) error {
	if !id.Lives() {
		return syscall.ESRCH
	}
	threads, err := proc.Threads(id.PID)
	if err != nil {
		return err
	}
	for _, thread := range threads {
		syscall.Syscall(syscall.SYS_TGKILL, uintptr(id.PID), uintptr(thread), uintptr(syscall.SIGSTOP))
	}
	return nil
}

func stop(id proc.ID) error { return signal(id, syscall.SIGSTOP) }

func signal(id proc.ID, number syscall.Signal) error {
	if !id.Lives() {
		return syscall.ESRCH
	}
	return syscall.Kill(id.PID, number)
}

// settle waits until every thread stands still.
func settle(id proc.ID) error {
	for end := time.Now().Add(stopTime); time.Now().Before(end); time.Sleep(pause) {
		threads, err := proc.Threads(id.PID)
		if err != nil {
			return err
		}
		if allStopped(id.PID, threads) {
			return nil
		}
	}
	return errors.New("its threads do not stop")
}

func allStopped(pid int, threads []int) bool {
	for _, thread := range threads {
		stat, err := proc.ReadThread(pid, thread)
		if err == nil && stat.State != 'T' && stat.State != 'Z' && stat.State != 'X' {
			return false
		}
	}
	return true
}
