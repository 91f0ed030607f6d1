// Package endpoint connects to what leads to a session: its unix socket, or TCP from a jump host.
package endpoint

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"remotego/agent/unixsock"
)

const (
	tcp = "tcp:"
	// perAddress is the most that one of several addresses may take before the next is tried.
	perAddress = 5 * time.Second
)

// Dial connects to a unix socket's path, or to "tcp:ADDRESS:PORT", waiting at most patience. There may be several
// addresses with a comma between them, IPv6 ones in brackets; they are tried in turn. Names are not resolved:
// package net would do so, and more, for 470 kB on every target.
func Dial(where string, patience time.Duration) (unixsock.Conn, error) {
	if address, isLoopback := strings.CutPrefix(where, loopback); isLoopback {
		return dialLoopback(address, patience)
	}
	list, isTCP := strings.CutPrefix(where, tcp)
	if !isTCP {
		return unixsock.Dial(where, patience)
	}
	var failures []error
	end := time.Now().Add(patience)
	for _, one := range strings.Split(list, ",") {
		conn, err := dial(one, min(time.Until(end), perAddress), func(int) error { return nil })
		if err == nil {
			return conn, nil
		}
		failures = append(failures, fmt.Errorf("connect %s: %w", one, err))
	}
	return unixsock.Conn{}, errors.Join(failures...)
}

// dial connects a socket that prepare has had first.
func dial(text string, patience time.Duration, prepare func(fd int) error) (unixsock.Conn, error) {
	address, err := parse(text)
	if err != nil {
		return unixsock.Conn{}, err
	}
	family := syscall.AF_INET
	if _, is6 := address.(*syscall.SockaddrInet6); is6 {
		family = syscall.AF_INET6
	}
	fd, err := syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return unixsock.Conn{}, err
	}
	// Small packets travel at once: what passes here is mostly questions and answers.
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
	if err = prepare(fd); err == nil {
		err = syscall.Connect(fd, address)
	}
	if err != nil && !errors.Is(err, syscall.EINPROGRESS) {
		syscall.Close(fd)
		return unixsock.Conn{}, err
	}
	conn := unixsock.Conn{File: os.NewFile(uintptr(fd), text)}
	if err := await(conn, patience); err != nil {
		conn.Close()
		return unixsock.Conn{}, err
	}
	return conn, nil
}

// await waits until a connection stands (connect(2), EINPROGRESS).
func await(conn unixsock.Conn, patience time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	var failure error
	err = raw.Write(func(fd uintptr) bool {
		number, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
		if err != nil || number != 0 {
			failure = errors.Join(err, errnoOf(number))
			return true
		}
		_, err = syscall.Getpeername(int(fd))
		return err == nil
	})
	return errors.Join(err, failure, conn.SetDeadline(time.Time{}))
}

func errnoOf(number int) error {
	if number == 0 {
		return nil
	}
	return syscall.Errno(number)
}
