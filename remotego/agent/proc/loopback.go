package proc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
)

const established = "01"

// Call is a connection to a port of 127.0.0.1, seen from who is called: From is the caller's address and port as
// the kernel writes them, UID the caller, Socket the inode of the callee's end.
type Call struct {
	From   string
	UID    int
	Socket string
}

// Calls lists the connections to a port of 127.0.0.1 in our network namespace that neither end has closed.
func Calls(port int) ([]Call, error) {
	raw, err := os.ReadFile(Root + "/net/tcp")
	if err != nil {
		return nil, err
	}
	return ParseCalls(raw, port), nil
}

// ParseCalls reads a table like /proc/net/tcp, where a connection within the machine has a line for each end.
func ParseCalls(raw []byte, port int) []Call {
	here := Endpoint([4]byte{127, 0, 0, 1}, port)
	callers := map[string]int{}
	var calls []Call
	for _, line := range bytes.Split(raw, []byte("\n")) {
		if !bytes.Contains(line, []byte(here)) {
			continue
		}
		fields := strings.Fields(string(line))
		if len(fields) < 10 || fields[3] != established {
			continue
		}
		switch here {
		case fields[1]:
			calls = append(calls, Call{From: fields[2], Socket: fields[9]})
		case fields[2]:
			if uid, err := strconv.Atoi(fields[7]); err == nil {
				callers[fields[1]] = uid
			}
		}
	}
	known := calls[:0]
	for _, call := range calls {
		if uid, found := callers[call.From]; found {
			call.UID = uid
			known = append(known, call)
		}
	}
	return known
}

// Endpoint writes an IPv4 address and a port as the kernel does: a number in the machine's own order
// (net/ipv4/tcp_ipv4.c, get_tcp4_sock).
func Endpoint(address [4]byte, port int) string {
	return fmt.Sprintf("%08X:%04X", binary.NativeEndian.Uint32(address[:]), port)
}
