package rescue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"remotego/agent/proc"
	"remotego/agent/text"
)

const (
	ptraceSeize      = 0x4206
	ptraceGetSiginfo = 0x4202
	waitAll          = 0x40000000
	// What raised SIGTRAP, si_code (sigaction(2)): the instruction int3, or a single step.
	trapKernel = 0x80
	trapTrace  = 2
	stepTime   = 200 * time.Millisecond
	savedRIP   = 8 + 40 + 16*8
	maxStops   = 8
)

// rewind puts every thread that has just executed one of these breakpoints back in front of it.
// The process must be stopped by job control. There are three places such a thread can be in:
// its SIGTRAP is pending; its SIGTRAP was delivered, so that it stands at the first instruction of the
// handler; or a debugger swallowed the SIGTRAP and died before it moved the thread.
// (Linux: arch/x86/kernel/signal_64.c for the frame, kernel/signal.c for the order.)
func rewind(pid int, patches text.Patches) (int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	threads, err := proc.Threads(pid)
	if err != nil {
		return 0, err
	}
	memory, err := os.OpenFile(proc.Path(pid, "mem"), os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer memory.Close()
	gone := hits{memory: memory, first: make(map[uint64]byte, len(patches))}
	for _, patch := range patches {
		gone.first[patch.Address] = patch.Want[0]
	}
	moved := 0
	var failures []error
	for _, thread := range threads {
		did, err := gone.rewindThread(pid, thread)
		if did {
			moved++
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("thread %d: %w", thread, err))
		}
	}
	return moved, errors.Join(failures...)
}

type hits struct {
	memory *os.File
	first  map[uint64]byte
}

func (h hits) rewindThread(pid, thread int) (bool, error) {
	status, err := proc.ReadThreadStatus(pid, thread)
	if err != nil {
		return false, nil
	}
	if err := seize(thread); err != nil {
		return false, err
	}
	defer syscall.PtraceDetach(thread)
	if _, err := await(thread); err != nil {
		return false, err
	}
	// One for all threads is Delve's own, by which it wanted to halt them (see dlv.quiet).
	if (status.SignalsPending|status.SharedPending)&(1<<(syscall.SIGTRAP-1)) != 0 {
		return h.swallow(thread)
	}
	return h.move(thread)
}

func (h hits) move(thread int) (bool, error) {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(thread, &regs); err != nil {
		return false, err
	}
	if original, hit := h.first[regs.Rip-1]; hit && !oneByte(original) {
		regs.Rip--
		return true, syscall.PtraceSetRegs(thread, &regs)
	}
	if regs.Rdi != uint64(syscall.SIGTRAP) || regs.Rdx != regs.Rsp+8 {
		return false, nil
	}
	return h.leaveHandler(thread, regs)
}

// leaveHandler returns from a SIGTRAP handler that has not begun yet. The kernel's own way back restores
// all registers and the signal mask; only the saved instruction pointer is changed, and that only
// where a breakpoint was the cause: the debugger's single steps raise SIGTRAP, too.
func (h hits) leaveHandler(thread int, regs syscall.PtraceRegs) (bool, error) {
	way, err := h.peek(regs.Rsp)
	if err != nil {
		return false, err
	}
	cause, err := h.peek(regs.Rsi + 8)
	if err != nil {
		return false, err
	}
	saved, err := h.peek(regs.Rsp + savedRIP)
	if err != nil {
		return false, err
	}
	_, hit := h.first[saved-1]
	switch {
	case int32(cause) == trapTrace:
	case int32(cause) == trapKernel && hit:
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], saved-1)
		if _, err := h.memory.WriteAt(word[:], int64(regs.Rsp+savedRIP)); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	regs.Rip, regs.Rsp = way, regs.Rsp+8
	return true, syscall.PtraceSetRegs(thread, &regs)
}

func (h hits) peek(address uint64) (uint64, error) {
	var word [8]byte
	_, err := h.memory.ReadAt(word[:], int64(address))
	return binary.LittleEndian.Uint64(word[:]), err
}

// oneByte says whether an instruction that starts so may be one byte long: then the address behind it
// is an honest place to be (push, pop, nop, ret, leave and their neighbours; Intel SDM volume 2, appendix A).
func oneByte(first byte) bool {
	return first >= 0x50 && first <= 0x5f || first >= 0x90 && first <= 0x9f ||
		first == 0xc3 || first == 0xc9 || first == 0xcc || first == 0xf4
}

// swallow lets a stopped thread take its pending SIGTRAP, and takes that away from it. Other signals
// that arrive first are delivered.
func (h hits) swallow(thread int) (bool, error) {
	pass := 0
	for stops := 0; stops < maxStops; stops++ {
		if err := syscall.PtraceCont(thread, pass); err != nil {
			return false, err
		}
		status, err := await(thread)
		if err != nil {
			return false, err
		}
		pass = 0
		if status>>16 != 0 {
			continue
		}
		if status.StopSignal() == syscall.SIGTRAP {
			return h.stepBack(thread)
		}
		pass = int(status.StopSignal())
	}
	return false, errors.New("its SIGTRAP does not arrive")
}

// stepBack moves a thread that stops for SIGTRAP, where that came from a breakpoint.
func (h hits) stepBack(thread int) (bool, error) {
	var cause [128]byte
	_, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, ptraceGetSiginfo, uintptr(thread), 0, uintptr(unsafe.Pointer(&cause)), 0, 0)
	if errno != 0 {
		return false, os.NewSyscallError("ptrace", errno)
	}
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(thread, &regs); err != nil {
		return false, err
	}
	_, hit := h.first[regs.Rip-1]
	if !hit || int32(binary.LittleEndian.Uint32(cause[8:])) != trapKernel {
		_, err := h.move(thread)
		return true, err
	}
	regs.Rip--
	return true, syscall.PtraceSetRegs(thread, &regs)
}

func seize(thread int) error {
	_, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, ptraceSeize, uintptr(thread), 0, 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("ptrace", errno)
	}
	return nil
}

func await(thread int) (syscall.WaitStatus, error) {
	for end := time.Now().Add(stepTime); time.Now().Before(end); time.Sleep(pause) {
		var status syscall.WaitStatus
		found, err := syscall.Wait4(thread, &status, syscall.WNOHANG|waitAll, nil)
		if err != nil {
			return 0, err
		}
		if found == thread {
			if !status.Stopped() {
				return status, errors.New("it has ended")
			}
			return status, nil
		}
	}
	return 0, errors.New("it does not stop for us")
}
