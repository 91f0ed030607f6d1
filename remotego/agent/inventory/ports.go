package inventory

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"

	"remotego/agent/proc"
)

const (
	listening = "0A"
	filesMax  = 1 << 16
)

// Socket is an address a process listens on with TCP.
type Socket struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
}

// Networks reads each network namespace once. The key is the namespace's link, or the pid where we may not read that.
type Networks map[string]map[string]Socket

// Of lists where a process listens. It fails where we may not see its open files.
func (n Networks) Of(pid int) ([]Socket, error) {
	files, err := os.Open(proc.Path(pid, "fd"))
	if err != nil {
		return nil, err
	}
	defer files.Close()
	names, err := files.Readdirnames(filesMax)
	if err != nil && err != io.EOF {
		return nil, err
	}
	here := n.near(pid)
	found := []Socket{}
	seen := map[Socket]bool{}
	for _, name := range names {
		link, err := os.Readlink(proc.Path(pid, "fd/"+name))
		if err != nil {
			continue
		}
		inode, isSocket := strings.CutPrefix(link, "socket:[")
		socket, listens := here[strings.TrimSuffix(inode, "]")]
		if isSocket && listens && !seen[socket] {
			seen[socket] = true
			found = append(found, socket)
		}
	}
	sort.Slice(found, func(i, j int) bool {
		return found[i].Port < found[j].Port || found[i].Port == found[j].Port && found[i].Address < found[j].Address
	})
	return found, nil
}

func (n Networks) near(pid int) map[string]Socket {
	key, err := os.Readlink(proc.Path(pid, "ns/net"))
	if err != nil {
		key = strconv.Itoa(pid)
	}
	if known, found := n[key]; found {
		return known
	}
	sockets := map[string]Socket{}
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		raw, err := os.ReadFile(proc.Path(pid, table))
		if err == nil {
			ParseListeners(raw, sockets)
		}
	}
	n[key] = sockets
	return sockets
}

// ParseListeners adds the listening sockets of a table like /proc/net/tcp to into, by inode.
func ParseListeners(raw []byte, into map[string]Socket) {
	for _, line := range bytes.Split(raw, []byte("\n")) {
		fields := strings.Fields(string(line))
		if len(fields) < 10 || fields[3] != listening {
			continue
		}
		address, port, _ := strings.Cut(fields[1], ":")
		number, err := strconv.ParseUint(port, 16, 16)
		if host, ok := parseAddress(address); ok && err == nil {
			into[fields[9]] = Socket{host, int(number)}
		}
	}
}

// parseAddress turns the kernel's form, 32-bit words in the machine's own order, into the usual one.
// The kernel prints the words as numbers, which on big-endian machines are in order already.
func parseAddress(text string) (string, bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw)%4 != 0 {
		return "", false
	}
	var word [4]byte
	for at := 0; at < len(raw); at += 4 {
		binary.BigEndian.PutUint32(word[:], binary.BigEndian.Uint32(raw[at:]))
		if littleEndian {
			word = [4]byte{word[3], word[2], word[1], word[0]}
		}
		copy(raw[at:], word[:])
	}
	return render(raw)
}

// mapped begins IPv4 addresses in the table of IPv6 (RFC 4291, 2.5.5.2).
const mapped = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"

// render writes IPv6 without "::" except for the unspecified address: every reader takes that, too,
// and package netip would make the agent a thirtieth larger.
func render(raw []byte) (string, bool) {
	raw = bytes.TrimPrefix(raw, []byte(mapped))
	words := make([]string, 0, 8)
	switch len(raw) {
	case 4:
		for _, part := range raw {
			words = append(words, strconv.Itoa(int(part)))
		}
		return strings.Join(words, "."), true
	case 16:
		for at := 0; at < len(raw); at += 2 {
			words = append(words, strconv.FormatUint(uint64(binary.BigEndian.Uint16(raw[at:])), 16))
		}
		text := strings.Join(words, ":")
		if text == "0:0:0:0:0:0:0:0" {
			text = "::"
		}
		return text, true
	default:
		return "", false
	}
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1
