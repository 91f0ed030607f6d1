// Package unixsock opens unix stream sockets on nothing but system calls.
// Package net would do the same for 600 kB more on every target.
package unixsock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// PathLimit is the longest path a socket can have: sun_path less its closing NUL (unix(7)).
const PathLimit = 107

// Conn is one end of a connection. Deadlines work as on any pollable os.File.
type Conn struct{ *os.File }

// Dial connects to the socket at path, waiting at most patience for room in its backlog.
func Dial(path string, patience time.Duration) (Conn, error) {
	fd, err := open(path)
	if err != nil {
		return Conn{}, err
	}
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		err = syscall.Connect(fd, &syscall.SockaddrUnix{Name: path})
		if err == nil {
			return Conn{os.NewFile(uintptr(fd), path)}, nil
		}
		// A non-blocking connect to a full backlog says EAGAIN and leaves nothing pending (connect(2)).
		if !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR) || time.Now().After(end) {
			syscall.Close(fd)
			return Conn{}, fmt.Errorf("connect %s: %w", path, err)
		}
	}
}

// CloseWrite tells the other end that nothing more will come.
func (c Conn) CloseWrite() error {
	return c.control(func(fd int) error { return syscall.Shutdown(fd, syscall.SHUT_WR) })
}

// Hangup ends both directions now; reads of either end return at once.
func (c Conn) Hangup() error {
	return c.control(func(fd int) error { return syscall.Shutdown(fd, syscall.SHUT_RDWR) })
}

// PeerUID is the user that connected (SO_PEERCRED, unix(7)).
func (c Conn) PeerUID() (int, error) {
	_, uid, err := c.Peer()
	return uid, err
}

// Peer is the process that connected, and its user: -1 for a process of a namespace that is not ours to see.
func (c Conn) Peer() (pid, uid int, err error) {
	pid, uid = -1, -1
	err = c.control(func(fd int) error {
		cred, err := syscall.GetsockoptUcred(fd, syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		if err == nil {
			pid, uid = int(cred.Pid), int(cred.Uid)
		}
		return err
	})
	return pid, uid, err
}

func (c Conn) control(do func(fd int) error) error {
	raw, err := c.File.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = do(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// Listener accepts connections at a path that it owns.
type Listener struct {
	file *os.File
	path string
}

// Listen creates the socket at path with mode 0600; it fails where a file exists already.
func Listen(path string) (*Listener, error) {
	fd, err := open(path)
	if err != nil {
		return nil, err
	}
	err = syscall.Bind(fd, &syscall.SockaddrUnix{Name: path})
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err == nil {
		err = syscall.Listen(fd, 64)
	}
	if err != nil {
		syscall.Close(fd)
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	return &Listener{os.NewFile(uintptr(fd), path), path}, nil
}

// Accept waits for the next connection; it returns an error once the listener is closed.
func (l *Listener) Accept() (Conn, error) {
	raw, err := l.file.SyscallConn()
	if err != nil {
		return Conn{}, err
	}
	var fd int
	var failure error
	err = raw.Read(func(listening uintptr) bool {
		fd, _, failure = syscall.Accept4(int(listening), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		return !errors.Is(failure, syscall.EAGAIN)
	})
	if err == nil {
		err = failure
	}
	if err != nil {
		return Conn{}, err
	}
	return Conn{os.NewFile(uintptr(fd), l.path)}, nil
}

// Close stops accepting and removes the socket from its directory.
func (l *Listener) Close() error {
	os.Remove(l.path)
	return l.file.Close()
}

func open(path string) (int, error) {
	if len(path) > PathLimit {
		return -1, fmt.Errorf("%s is too long for a unix socket (%d bytes at most)", path, PathLimit)
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	return fd, os.NewSyscallError("socket", err)
}
