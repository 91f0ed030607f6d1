package proc

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// Owners are the real, effective, saved and file-system ids of a process, in this order.
type Owners [4]int

// Status is the part of /proc/PID/status that decides who may trace whom (proc_pid_status(5)).
// Tracer is the thread that traces, 0 for none: a thread id, not a process id.
// Seccomp is 0 off, 1 strict, 2 filter. SignalsPending are those for the one thread, SharedPending for all together.
type Status struct {
	Tracer         int
	UID, GID       Owners
	Permitted      uint64
	Effective      uint64
	Bounding       uint64
	NoNewPrivs     bool
	Seccomp        int
	Paused         bool
	SignalsPending uint64
	SharedPending  uint64
}

// ReadStatus reads the status of a process or thread.
func ReadStatus(pid int) (Status, error) {
	raw, err := os.ReadFile(Path(pid, "status"))
	return ParseStatus(raw), err
}

// ParseStatus reads the lines it knows and leaves the rest at zero: old kernels lack some.
func ParseStatus(raw []byte) Status {
	var status Status
	for _, line := range bytes.Split(raw, []byte("\n")) {
		key, value, found := strings.Cut(string(line), ":")
		if !found {
			continue
		}
		value = strings.TrimSpace(value)
		switch key {
		case "TracerPid":
			status.Tracer = number(value)
		case "Uid":
			status.UID = owners(value)
		case "Gid":
			status.GID = owners(value)
		case "CapPrm":
			status.Permitted = mask(value)
		case "CapEff":
			status.Effective = mask(value)
		case "CapBnd":
			status.Bounding = mask(value)
		case "NoNewPrivs":
			status.NoNewPrivs = value == "1"
		case "Seccomp":
			status.Seccomp = number(value)
		case "State":
			status.Paused = strings.HasPrefix(value, "T") || strings.HasPrefix(value, "t")
		case "SigPnd":
			status.SignalsPending = mask(value)
		case "ShdPnd":
			status.SharedPending = mask(value)
		}
	}
	return status
}

func owners(text string) (ids Owners) {
	for i, word := range strings.Fields(text) {
		if i < len(ids) {
			ids[i] = number(word)
		}
	}
	return ids
}

func number(text string) int {
	value, _ := strconv.Atoi(text)
	return value
}

func mask(text string) uint64 {
	value, _ := strconv.ParseUint(text, 16, 64)
	return value
}

func tgid(raw []byte) int {
	for _, line := range bytes.Split(raw, []byte("\n")) {
		if rest, found := bytes.CutPrefix(line, []byte("Tgid:")); found {
			return number(string(bytes.TrimSpace(rest)))
		}
	}
	return 0
}
