package endpoint

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"remotego/agent/proc"
	"remotego/agent/unixsock"
)

const loopback = "loopback:"

// ours is where our own calls to a port of 127.0.0.1 come from: whoever counts its clients tells them by that.
var ours = [4]byte{127, 0, 0, 2}

// Loopback names a port of 127.0.0.1 for Dial.
func Loopback(port int) string { return fmt.Sprintf("%s127.0.0.1:%d", loopback, port) }

// Ours says whether a call in the kernel's table (see proc.Call) is one of ours.
func Ours(from string) bool {
	address, _, _ := strings.Cut(proc.Endpoint(ours, 0), ":")
	return strings.HasPrefix(from, address+":")
}

func dialLoopback(text string, patience time.Duration) (unixsock.Conn, error) {
	return dial(text, patience, func(fd int) error {
		return syscall.Bind(fd, &syscall.SockaddrInet4{Addr: ours})
	})
}
