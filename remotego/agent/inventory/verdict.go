package inventory

import "remotego/agent/proc"

// capSysPtrace is the bit of CAP_SYS_PTRACE (capabilities(7)).
const capSysPtrace = 1 << 19

// Self is who asks: this process, as one that would trace. Yama is kernel.yama.ptrace_scope, null where the
// kernel has no Yama. DenyPtrace is SELinux's boolean, null where there is none. UserNS is "" where unknown.
type Self struct {
	UID        proc.Owners `json:"uid"`
	GID        proc.Owners `json:"gid"`
	Permitted  uint64      `json:"cap_permitted"`
	Bounding   uint64      `json:"cap_bounding"`
	NoNewPrivs bool        `json:"no_new_privs"`
	Seccomp    int         `json:"seccomp"`
	Yama       *int        `json:"yama"`
	DenyPtrace *bool       `json:"selinux_deny_ptrace"`
	Modules    string      `json:"lsm,omitempty"`
	UserNS     string      `json:"user_namespace,omitempty"`
	IDMap      string      `json:"-"`
}

// Other is the process that would be traced. Owner is the owner of /proc/PID/mem. Opened is whether the kernel let
// us open that file, which needs the same right as tracing (proc_pid_mem(5), ptrace(2) PTRACE_MODE_ATTACH):
// a proof where everything else is inference. Refusal is its errno's text.
type Other struct {
	Status   proc.Status
	Owner    int
	Opened   bool
	Refusal  string
	UserNS   string
	IDMap    string
	Label    string
	Program  bool
	Ancestor bool
}

// Verdict says whether Self can attach to Other; Causes say why not, the one to look at first at the beginning.
// Certain is false where no check that we know of explains what the kernel does, or where a filter of our own
// system calls may still forbid it.
type Verdict struct {
	Can     bool    `json:"can"`
	Certain bool    `json:"certain"`
	Causes  []Cause `json:"causes,omitempty"`
}

// Cause is a word for programs and a sentence for people.
type Cause struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Judge follows ptrace(2), "Ptrace access mode checking", and then trusts the kernel's own answer over it.
func Judge(self Self, other Other) Verdict {
	if other.Status.Tracer != 0 {
		return Verdict{Certain: true, Causes: []Cause{{"traced", "another debugger or tracer holds it"}}}
	}
	if other.Opened {
		return permitted(self, other)
	}
	var causes []Cause
	for _, check := range checks {
		if check.holds(self, other) {
			causes = append(causes, check.cause)
		}
	}
	if len(causes) == 0 {
		return Verdict{Causes: []Cause{{"unknown", "the kernel refuses (" + other.Refusal + "), and no rule we know says why; its security module may: " + other.Label}}}
	}
	return Verdict{Certain: true, Causes: append(causes, hindrances(self)...)}
}

func permitted(self Self, other Other) Verdict {
	if !other.Program {
		return Verdict{Certain: true, Causes: []Cause{{"program-unreadable", "its program file may not be read, so a debugger would know nothing of its code"}}}
	}
	return Verdict{Can: true, Certain: self.Seccomp == 0}
}

type check struct {
	holds func(Self, Other) bool
	cause Cause
}

// checks are the kernel's, each of which CAP_SYS_PTRACE overrides except Yama's last level.
var checks = []check{
	{func(s Self, _ Other) bool { return s.Yama != nil && *s.Yama >= 3 },
		Cause{"yama-3", "kernel.yama.ptrace_scope is 3: nobody may trace until the next boot"}},
	{func(s Self, _ Other) bool { return s.DenyPtrace != nil && *s.DenyPtrace },
		Cause{"selinux", "SELinux's boolean deny_ptrace is on"}},
	{func(s Self, o Other) bool { return foreign(s, o) },
		Cause{"user-namespace", "it lives in another user namespace, where our rights mean nothing"}},
	{func(s Self, o Other) bool { return lacks(s) && !all(o.Status.UID, s.UID[0]) },
		Cause{"uid", "its real, effective or saved user is not ours"}},
	{func(s Self, o Other) bool { return lacks(s) && !all(o.Status.GID, s.GID[0]) },
		Cause{"gid", "its real, effective or saved group is not ours"}},
	{func(s Self, o Other) bool { return lacks(s) && o.Status.Permitted&^s.Permitted != 0 },
		Cause{"capabilities", "it has capabilities that we lack"}},
	{func(s Self, o Other) bool { return lacks(s) && o.Owner != o.Status.UID[1] },
		Cause{"not-dumpable", "it is not dumpable: its program may not be read by all, has file capabilities, or it called prctl"}},
	{func(s Self, _ Other) bool { return s.Yama != nil && *s.Yama == 2 && lacks(s) },
		Cause{"yama-2", "kernel.yama.ptrace_scope is 2: only CAP_SYS_PTRACE may trace"}},
	{func(s Self, o Other) bool { return s.Yama != nil && *s.Yama == 1 && lacks(s) && !o.Ancestor },
		Cause{"yama-1", "kernel.yama.ptrace_scope is 1: only a parent may trace, or whom the process itself allows"}},
}

// hindrances tell what would keep a capability from helping; alone they forbid nothing.
func hindrances(self Self) (found []Cause) {
	if !lacks(self) {
		return nil
	}
	if self.NoNewPrivs {
		found = append(found, Cause{"no-new-privs", "no_new_privs is set here: file capabilities would be ignored"})
	}
	if self.Bounding&capSysPtrace == 0 {
		found = append(found, Cause{"bounding-set", "CAP_SYS_PTRACE is not in our bounding set: no program started here can have it"})
	}
	return found
}

func lacks(self Self) bool { return self.Permitted&capSysPtrace == 0 }

func foreign(self Self, other Other) bool {
	if self.UserNS != "" && other.UserNS != "" {
		return self.UserNS != other.UserNS
	}
	return other.IDMap != "" && self.IDMap != "" && self.IDMap != other.IDMap
}

// all compares the real, effective and saved id.
func all(owners proc.Owners, id int) bool {
	return owners[0] == id && owners[1] == id && owners[2] == id
}
