package route

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// peerOf finds who is at the other end of a connection over loopback: the kernel tells the owner of its socket, and
// /proc which of our own processes holds that.
func peerOf(connection net.Conn) (Peer, error) {
	theirs, ours := connection.RemoteAddr().(*net.TCPAddr), connection.LocalAddr().(*net.TCPAddr)
	uid, inode, err := socketOf(theirs, ours)
	if err != nil {
		return Peer{}, err
	}
	if uid != os.Getuid() {
		return Peer{}, fmt.Errorf("uid %d is not ours", uid)
	}
	return Peer{Process: holderOf(inode)}, nil
}

// socketOf looks the socket between two addresses up, from the side of the first.
func socketOf(local, remote *net.TCPAddr) (uid int, inode string, err error) {
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		rows := bufio.NewScanner(file)
		for rows.Scan() {
			cells := strings.Fields(rows.Text())
			if len(cells) > 9 && isAddress(cells[1], local) && isAddress(cells[2], remote) {
				file.Close()
				uid, err := strconv.Atoi(cells[7])
				return uid, cells[9], err
			}
		}
		file.Close()
	}
	return 0, "", fmt.Errorf("the kernel has no socket at %v", local)
}

// isAddress compares "0100007F:1F90" with an address: words of four bytes in the order of the machine.
func isAddress(text string, address *net.TCPAddr) bool {
	host, port, _ := strings.Cut(text, ":")
	if number, err := strconv.ParseUint(port, 16, 16); err != nil || int(number) != address.Port {
		return false
	}
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw)%4 != 0 {
		return false
	}
	for at := 0; at < len(raw); at += 4 {
		binary.NativeEndian.PutUint32(raw[at:], binary.BigEndian.Uint32(raw[at:]))
	}
	return net.IP(raw).Equal(address.IP)
}

// holderOf is the process that holds a socket; none where it is in another PID namespace, say.
func holderOf(inode string) *Process {
	wanted := "socket:[" + inode + "]"
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		entries, err := os.ReadDir(folder + "/fd")
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if target, err := os.Readlink(folder + "/fd/" + entry.Name()); err == nil && target == wanted {
				return processAt(folder)
			}
		}
	}
	return nil
}

func processAt(folder string) *Process {
	pid, err := strconv.Atoi(filepath.Base(folder))
	if err != nil {
		return nil
	}
	start := startOf(pid)
	if start == "" {
		return nil
	}
	program, _ := os.Readlink(folder + "/exe")
	return &Process{pid, start, strings.TrimSuffix(filepath.Base(program), " (deleted)")}
}

// startOf tells processes of one number apart: the time of its start, "" where there is none that runs.
func startOf(pid int) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, found := strings.Cut(string(raw[strings.LastIndexByte(string(raw), ')')+1:]), " ")
	cells := strings.Fields(rest)
	if !found || len(cells) < 20 || cells[0] == "Z" || cells[0] == "X" {
		return ""
	}
	return cells[19]
}
