package keeper

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// Shared gives another descriptor of a listening socket, for a process that is started with it. That of File would have
// os/exec put the socket into blocking mode, for all who share it: a server then waits in the kernel for one more
// connection before it can stop listening, and does not end.
func Shared(listener *net.TCPListener) (*os.File, error) {
	raw, err := listener.SyscallConn()
	if err != nil {
		return nil, err
	}
	var copied int
	var failed error
	err = raw.Control(func(number uintptr) {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if copied, failed = syscall.Dup(int(number)); failed == nil {
			syscall.CloseOnExec(copied)
		}
	})
	if err != nil || failed != nil {
		return nil, errors.Join(err, failed)
	}
	return os.NewFile(uintptr(copied), listener.Addr().String()), nil // of NewFile, Fd leaves the mode as it is
}
