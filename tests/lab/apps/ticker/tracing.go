package main

import "syscall"

// prSetPtracer is PR_SET_PTRACER of prctl(2); the argument -1 admits every process.
const prSetPtracer = 0x59616d61

// allowTracing asks Yama to let others attach. A kernel without Yama answers EINVAL and needs no asking.
func allowTracing() error {
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetPtracer, ^uintptr(0), 0)
	if errno != 0 && errno != syscall.EINVAL {
		return errno
	}
	return nil
}
