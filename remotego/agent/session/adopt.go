package session

import (
	"os"
	"syscall"
)

const setChildSubreaper = 36

// Adopt prepares this process for guarding: what dlv leaves behind becomes our child (PR_SET_CHILD_SUBREAPER,
// prctl(2)), and nobody's memory gets into a core file.
func Adopt() error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); errno != 0 {
		return os.NewSyscallError("prctl", errno)
	}
	return syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}
