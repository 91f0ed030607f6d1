package inventory

import (
	"strings"
	"testing"

	"remotego/agent/proc"
)

func equal[T comparable](t *testing.T, what string, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("%s: expected %v, got %v", what, expected, actual)
	}
}

// TestPlace: containers and units are found in control groups of both versions.
func TestPlace(t *testing.T) {
	id := strings.Repeat("0a", 32)
	for text, expected := range map[string]Place{
		"0::/system.slice/app.service":                                       {Unit: "app.service"},
		"0::/user.slice/user-1.slice/session-2.scope":                        {Unit: "session-2.scope"},
		"0::/user.slice/user@1.service/app.slice/app.service/sub":            {Unit: "app.service"},
		"0::/system.slice/docker-" + id + ".scope":                           {Container: id, Unit: "docker-" + id + ".scope"},
		"0::/kubepods.slice/pod1.slice/cri-containerd-" + id + ".scope":      {Container: id, Unit: "cri-containerd-" + id + ".scope"},
		"12:pids:/docker/" + id + "\n1:name=systemd:/docker/" + id:           {Container: id},
		"4:memory:/system.slice/x.service\n1:name=systemd:/system.slice/a.b": {},
		"0::/kubepods/besteffort/pod1/" + id:                                 {Container: id},
		"0::/" + id + "0":                                                    {},
		"0::/":                                                               {},
		"":                                                                   {},
	} {
		equal(t, text, expected, ParsePlace(text))
	}
}

// TestListeners: only listening sockets count, of both families.
func TestListeners(t *testing.T) {
	if !littleEndian {
		t.Skip("the recorded tables are of a little-endian machine")
	}
	found := map[string]Socket{}
	ParseListeners([]byte("  sl  local_address rem_address   st ...\n"+
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 111 1\n"+
		"   1: 0100007F:1F91 0100007F:9999 01 00000000:00000000 00:00000000 00000000 0 0 222 1\n"), found)
	ParseListeners([]byte("   0: 00000000000000000000000000000000:0050 0:0 0A 0:0 0:0 0 0 0 333 1\n"+
		"   1: 000080FE00000000FF005450B6FD1DFE:0051 0:0 0A 0:0 0:0 0 0 0 444 1\n"+
		"   2: 0000000000000000FFFF00000100007F:0052 0:0 0A 0:0 0:0 0 0 0 555 1\n"), found)
	equal(t, "count", 4, len(found))
	equal(t, "IPv4", Socket{"127.0.0.1", 8080}, found["111"])
	equal(t, "any", Socket{"::", 80}, found["333"])
	equal(t, "IPv6", Socket{"fe80:0:0:0:5054:ff:fe1d:fdb6", 81}, found["444"])
	equal(t, "mapped", Socket{"127.0.0.1", 82}, found["555"])
}

// TestUsers: the first name of a uid counts, lines that are none do not.
func TestUsers(t *testing.T) {
	names := ParseUsers("root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n+nis\nx:y:z\n")
	equal(t, "count", 1, len(names))
	equal(t, "root", "root", names[0])
}

// TestFlags: optimisation is off only where it is off everywhere.
func TestFlags(t *testing.T) {
	for flags, expected := range map[string]bool{"all=-N -l": true, "-N -l": false, "all=-N": false, "": false, "main=-N -l": false} {
		equal(t, flags, expected, unoptimised(flags))
	}
}

func judged(self Self, other Other) string {
	verdict := Judge(self, other)
	if verdict.Can {
		return "can"
	}
	codes := make([]string, 0, len(verdict.Causes))
	for _, cause := range verdict.Causes {
		codes = append(codes, cause.Code)
	}
	return strings.Join(codes, " ")
}

// TestVerdicts: the true cause is named for each obstacle alone.
func TestVerdicts(t *testing.T) {
	me := Self{UID: proc.Owners{7, 7, 7, 7}, GID: proc.Owners{8, 8, 8, 8}, Bounding: ^uint64(0)}
	plain := Other{Status: proc.Status{UID: me.UID, GID: me.GID}, Owner: 7, Program: true}
	level := func(value int) *int { return &value }
	cases := []struct {
		expected string
		change   func(*Self, *Other)
	}{
		{"can", func(_ *Self, o *Other) { o.Opened = true }},
		{"program-unreadable", func(_ *Self, o *Other) { o.Opened, o.Program = true, false }},
		{"traced", func(_ *Self, o *Other) { o.Opened, o.Status.Tracer = true, 5 }},
		{"uid", func(_ *Self, o *Other) { o.Status.UID[2] = 9 }},
		{"gid", func(_ *Self, o *Other) { o.Status.GID[1] = 9 }},
		{"capabilities", func(_ *Self, o *Other) { o.Status.Permitted = 1 << 10 }},
		{"not-dumpable", func(_ *Self, o *Other) { o.Owner = 0 }},
		{"yama-1", func(s *Self, _ *Other) { s.Yama = level(1) }},
		{"yama-2", func(s *Self, _ *Other) { s.Yama = level(2) }},
		{"yama-3", func(s *Self, _ *Other) { s.Yama = level(3) }},
		{"yama-3", func(s *Self, _ *Other) { s.Yama, s.Permitted = level(3), capSysPtrace }},
		{"unknown", func(s *Self, _ *Other) { s.Yama = level(0) }},
		{"unknown", func(s *Self, o *Other) { s.Yama, s.Permitted = level(2), capSysPtrace }},
		{"unknown", func(s *Self, o *Other) { s.Yama, o.Ancestor = level(1), true }},
		{"user-namespace", func(s *Self, o *Other) { s.UserNS, o.UserNS = "user:[1]", "user:[2]" }},
		{"selinux", func(s *Self, _ *Other) { s.DenyPtrace = truth(true) }},
		{"yama-1 no-new-privs", func(s *Self, _ *Other) { s.Yama, s.NoNewPrivs = level(1), true }},
		{"yama-1 bounding-set", func(s *Self, _ *Other) { s.Yama, s.Bounding = level(1), 0 }},
	}
	for _, one := range cases {
		self, other := me, plain
		one.change(&self, &other)
		equal(t, one.expected, one.expected, judged(self, other))
	}
}

// TestUncertain: a filter of our own system calls leaves room for doubt.
func TestUncertain(t *testing.T) {
	verdict := Judge(Self{Seccomp: 2}, Other{Opened: true, Program: true})
	equal(t, "can", true, verdict.Can)
	equal(t, "certain", false, verdict.Certain)
}

// FuzzTables: no text breaks a parser.
func FuzzTables(f *testing.F) {
	f.Add("0::/a.service")
	f.Add("   0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 111 1")
	f.Fuzz(func(t *testing.T, text string) {
		ParsePlace(text)
		ParseUsers(text)
		ParseListeners([]byte(text), map[string]Socket{})
	})
}
