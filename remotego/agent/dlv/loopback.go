package dlv

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"remotego/agent/endpoint"
	"remotego/agent/proc"
)

const (
	// listening is how Delve says where it listens (pkg/logflags, WriteAPIListeningMessage).
	listening = "API server listening at: 127.0.0.1:"
	logStart  = 1 << 16
)

// Find learns the port of a dlv that listens on TCP from the first that its log says of it; true once it is known,
// and always for one that listens on a socket.
func (s *Server) Find() bool {
	if s.Socket != "" {
		return true
	}
	file, err := os.Open(s.log)
	if err != nil {
		return false
	}
	defer file.Close()
	said, _ := io.ReadAll(io.LimitReader(file, logStart))
	_, rest, found := bytes.Cut(said, []byte(listening))
	word, _, whole := bytes.Cut(rest, []byte("\n"))
	port, err := strconv.ParseUint(string(word), 10, 16)
	if !found || !whole || err != nil {
		return false
	}
	s.Port = int(port)
	s.Socket = endpoint.Loopback(s.Port)
	return true
}

// Calls lists the clients of a dlv on TCP: connections of our own user that are not our own. Others
// are turned away by dlv itself (--only-same-user).
func (s *Server) Calls() ([]proc.Call, error) {
	all, err := proc.Calls(s.Port)
	clients := all[:0]
	for _, call := range all {
		if !endpoint.Ours(call.From) && (call.UID == os.Geteuid() || call.UID == 0) {
			clients = append(clients, call)
		}
	}
	return clients, err
}

// System calls that package syscall does not know; they have the same numbers on all machines.
const (
	pidfdOpen  = 434
	pidfdGetfd = 438
)

// HangUp ends connections at dlv's own end, as if the clients had gone (pidfd_getfd(2), since Linux 5.6).
// It takes the right to trace dlv, which is our child.
func (s *Server) HangUp(calls []proc.Call) error {
	wanted := map[string]bool{}
	for _, call := range calls {
		wanted["socket:["+call.Socket+"]"] = true
	}
	pidfd, _, errno := syscall.Syscall(pidfdOpen, uintptr(s.PID), 0, 0)
	if errno != 0 {
		return os.NewSyscallError("pidfd_open", errno)
	}
	defer syscall.Close(int(pidfd))
	entries, err := os.ReadDir(proc.Path(s.PID, "fd"))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		number, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		link, err := os.Readlink(filepath.Join(proc.Path(s.PID, "fd"), entry.Name()))
		if err != nil || !wanted[link] {
			continue
		}
		copied, _, errno := syscall.Syscall(pidfdGetfd, pidfd, uintptr(number), 0)
		if errno != 0 {
			return os.NewSyscallError("pidfd_getfd", errno)
		}
		syscall.Shutdown(int(copied), syscall.SHUT_RDWR)
		syscall.Close(int(copied))
	}
	return nil
}
