package proc

import (
	"fmt"
	"net"
	"os"
	"testing"
)

// TestCalls: a connection is listed with its caller until one end closes.
func TestCalls(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	count := func() int {
		calls, err := Calls(port)
		equal(t, "error", nil, err)
		for _, call := range calls {
			equal(t, "caller", os.Geteuid(), call.UID)
		}
		return len(calls)
	}
	equal(t, "calls before", 0, count())
	caller, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	callee, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer callee.Close()
	equal(t, "calls", 1, count())
	caller.Close()
	equal(t, "calls after", 0, count())
}

// TestParseCalls: other ports, listeners, half-closed connections and ends without a caller do not count.
func TestParseCalls(t *testing.T) {
	one, two := Endpoint([4]byte{127, 0, 0, 1}, 40000), Endpoint([4]byte{127, 0, 0, 2}, 40001)
	here, other := Endpoint([4]byte{127, 0, 0, 1}, 7000), Endpoint([4]byte{127, 0, 0, 1}, 7001)
	nobody := Endpoint([4]byte{}, 0)
	row := func(local, remote, state string, uid, inode int) string {
		return fmt.Sprintf("  1: %s %s %s 00000000:00000000 00:00000000 00000000 %5d 0 %d 1 0 20 4 30 10 -1\n", local, remote, state, uid, inode)
	}
	table := "  sl  local_address rem_address\n" +
		row(here, nobody, "0A", 5, 1) +
		row(here, one, "01", 5, 2) + row(one, here, "01", 6, 3) +
		row(here, two, "08", 5, 4) + row(two, here, "05", 6, 0) +
		row(other, one, "01", 5, 7) +
		row(here, Endpoint([4]byte{10, 0, 0, 1}, 9), "01", 5, 8) +
		"cut " + here + "\n"
	calls := ParseCalls([]byte(table), 7000)
	equal(t, "calls", 1, len(calls))
	equal(t, "call", Call{From: one, UID: 6, Socket: "2"}, calls[0])
}
