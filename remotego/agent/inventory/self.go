package inventory

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"remotego/agent/proc"
)

// Ask finds out who we are and what the kernel's security modules say to tracing in general.
func Ask() (Self, error) {
	status, err := proc.ReadStatus(os.Getpid())
	if err != nil {
		return Self{}, err
	}
	namespace, _ := os.Readlink("/proc/self/ns/user")
	return Self{
		UID:        status.UID,
		GID:        status.GID,
		Permitted:  status.Permitted,
		Bounding:   status.Bounding,
		NoNewPrivs: status.NoNewPrivs,
		Seccomp:    status.Seccomp,
		Yama:       yama(),
		DenyPtrace: denyPtrace(),
		Modules:    line("/sys/kernel/security/lsm"),
		UserNS:     namespace,
		IDMap:      line("/proc/self/uid_map"),
	}, nil
}

func yama() *int {
	level, err := strconv.Atoi(line("/proc/sys/kernel/yama/ptrace_scope"))
	if err != nil {
		return nil
	}
	return &level
}

// denyPtrace reads "current pending" (libselinux, security_get_boolean_active(3)).
func denyPtrace() *bool {
	current, _, found := strings.Cut(line("/sys/fs/selinux/booleans/deny_ptrace"), " ")
	if !found || line("/sys/fs/selinux/enforce") != "1" {
		return nil
	}
	return truth(current == "1")
}

// line is a small file's text without the spaces around it, "" where it cannot be read.
func line(path string) string {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(string(raw), "\x00", ""))
}
