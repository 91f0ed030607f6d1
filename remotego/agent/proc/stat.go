// Package proc reads what the kernel says about processes (proc(5)).
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Root is where the process file system is mounted.
const Root = "/proc"

// ID names one process for good: a pid alone may be taken over by another one.
// Start is in clock ticks since boot (proc_pid_stat(5), field 22).
type ID struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"`
}

// Stat is the part of /proc/PID/stat that we use.
type Stat struct {
	ID
	Comm    string
	State   byte
	Parent  int
	Threads int
}

// Path names a file of a process.
func Path(pid int, name string) string {
	return filepath.Join(Root, strconv.Itoa(pid), name)
}

// ReadStat reads the state of a process, or of a thread of any process.
func ReadStat(pid int) (Stat, error) {
	raw, err := os.ReadFile(Path(pid, "stat"))
	if err != nil {
		return Stat{}, err
	}
	return ParseStat(raw)
}

// ParseStat reads one line of stat. The command may hold spaces and parentheses: the last one closes it.
func ParseStat(raw []byte) (Stat, error) {
	open, shut := bytes.IndexByte(raw, '('), bytes.LastIndexByte(raw, ')')
	if open < 1 || shut < open {
		return Stat{}, errors.New("stat: no command in parentheses")
	}
	fields := bytes.Fields(raw[shut+1:])
	if len(fields) < 20 || len(fields[0]) != 1 {
		return Stat{}, fmt.Errorf("stat: %d fields after the command", len(fields))
	}
	stat := Stat{Comm: string(raw[open+1 : shut]), State: fields[0][0]}
	var failures [4]error
	stat.PID, failures[0] = strconv.Atoi(string(bytes.TrimSpace(raw[:open])))
	stat.Parent, failures[1] = strconv.Atoi(string(fields[1]))
	stat.Threads, failures[2] = strconv.Atoi(string(fields[17]))
	stat.Start, failures[3] = strconv.ParseUint(string(fields[19]), 10, 64)
	return stat, errors.Join(failures[:]...)
}

// Ended says whether nothing of the process runs any more. A leader that has exited
// is a zombie while other threads live on.
func (s Stat) Ended() bool {
	return s.State == 'X' || s.State == 'x' || s.State == 'Z' && s.Threads <= 1
}

// Paused says whether the process stands still: held by a tracer (t) or by job control (T).
func (s Stat) Paused() bool { return s.State == 't' || s.State == 'T' }

// Lives says whether exactly this process still runs.
func (id ID) Lives() bool {
	stat, err := ReadStat(id.PID)
	return err == nil && stat.Start == id.Start && !stat.Ended() && !(stat.State == 'Z' && allDead(id.PID))
}

// allDead says whether no thread of a process lives. One that was killed while it was traced keeps its threads
// until the tracer has asked for each.
func allDead(pid int) bool {
	threads, err := Threads(pid)
	if err != nil {
		return false
	}
	for _, thread := range threads {
		if stat, err := ReadThread(pid, thread); err == nil && stat.State != 'Z' && stat.State != 'X' {
			return false
		}
	}
	return true
}
