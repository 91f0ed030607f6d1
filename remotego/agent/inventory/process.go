package inventory

import (
	"errors"
	"os"
	"strings"
	"syscall"

	"remotego/agent/proc"
)

const (
	commandMax   = 4096
	argumentsMax = 64
	ancestorsMax = 64
)

// Process is one line of the list. Exe is "" where we may not read the link; Ports is null where we may not see.
// Problem says why the program is not known; such processes are listed only on demand.
// Tracer is the thread that traces it, TracerPID the process of that thread.
type Process struct {
	proc.ID
	Command    string   `json:"command"`
	Exe        string   `json:"exe,omitempty"`
	Arguments  []string `json:"argv"`
	State      string   `json:"state"`
	Threads    int      `json:"threads"`
	User       string   `json:"user"`
	UID        int      `json:"uid"`
	GID        int      `json:"gid"`
	Tracer     int      `json:"tracer"`
	TracerPID  int      `json:"tracer_pid"`
	NoNewPrivs bool     `json:"no_new_privs"`
	Seccomp    int      `json:"seccomp"`
	Ports      []Socket `json:"ports"`
	Program    *Program `json:"program"`
	Problem    string   `json:"problem,omitempty"`
	Attach     Verdict  `json:"attach"`
	Place
}

type inventory struct {
	self     Self
	users    map[int]string
	programs Programs
	networks Networks
}

// look describes a process; ok is false for one that is not of Go, or has ended.
func (i inventory) look(pid int, all bool) (found Process, ok bool) {
	program, err := i.programs.Of(pid)
	if program == nil && (err == nil || !all || gone(err)) {
		return found, false
	}
	stat, failure := proc.ReadStat(pid)
	status, problem := proc.ReadStatus(pid)
	if failure != nil || problem != nil || stat.Ended() {
		return found, false
	}
	found = Process{
		ID: stat.ID, Command: stat.Comm, State: string(stat.State), Threads: stat.Threads,
		User: i.users[status.UID[1]], UID: status.UID[1], GID: status.GID[1],
		Tracer: status.Tracer, NoNewPrivs: status.NoNewPrivs, Seccomp: status.Seccomp,
		Arguments: arguments(pid), Program: program, Place: ParsePlace(line(proc.Path(pid, "cgroup"))),
	}
	found.Exe, _ = os.Readlink(proc.Path(pid, "exe"))
	if status.Tracer != 0 {
		found.TracerPID = proc.OwnerOf(status.Tracer)
	}
	if err != nil {
		found.Problem = err.Error()
	}
	found.Ports, _ = i.networks.Of(pid)
	found.Attach = Judge(i.self, probe(pid, status))
	return found, true
}

// gone tells a process that has ended, and threads of the kernel, which have no program, from those we may not see.
func gone(err error) bool { return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) }

func probe(pid int, status proc.Status) Other {
	other := Other{Status: status, Owner: -1, Label: line(proc.Path(pid, "attr/current")), IDMap: line(proc.Path(pid, "uid_map"))}
	if info, err := os.Lstat(proc.Path(pid, "mem")); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok {
			other.Owner = int(owner.Uid)
		}
	}
	memory, err := os.Open(proc.Path(pid, "mem"))
	other.Opened = err == nil
	if err == nil {
		memory.Close()
	} else {
		other.Refusal = err.Error()
	}
	if program, err := os.Open(proc.Path(pid, "exe")); err == nil {
		other.Program = true
		program.Close()
	}
	other.UserNS, _ = os.Readlink(proc.Path(pid, "ns/user"))
	other.Ancestor = descends(pid, os.Getpid())
	return other
}

func descends(pid, from int) bool {
	for steps := 0; steps < ancestorsMax && pid > 1; steps++ {
		stat, err := proc.ReadStat(pid)
		if err != nil {
			return false
		}
		if pid = stat.Parent; pid == from {
			return true
		}
	}
	return false
}

// arguments reads the beginning of the command line: at most 4096 bytes and 64 words.
func arguments(pid int) []string {
	file, err := os.Open(proc.Path(pid, "cmdline"))
	if err != nil {
		return []string{}
	}
	defer file.Close()
	raw := make([]byte, commandMax)
	n, _ := file.Read(raw)
	words := strings.SplitN(strings.TrimRight(string(raw[:n]), "\x00"), "\x00", argumentsMax+1)
	return words[:min(len(words), argumentsMax)]
}
