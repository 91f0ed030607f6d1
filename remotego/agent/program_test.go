package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"remotego/agent/proc"
	"remotego/agent/session"
)

// start has a guard start a program under dlv, with these arguments.
func start(t *testing.T, arguments ...string) *keeper {
	t.Helper()
	k := &keeper{t: t, directory: filepath.Join(t.TempDir(), "s"), events: make(chan session.Event, 1024), said: map[string]string{}}
	k.cmd = exec.Command(agent, "guard")
	argv := []string{delve(t), "exec", build(t, "job"), "--headless", "--accept-multiclient", "--wd", t.TempDir(),
		"--redirect", "stdout:" + k.directory + "/stdout", "--redirect", "stderr:" + k.directory + "/stderr", "--"}
	k.order(map[string]any{
		"dlv": append(argv, arguments...), "exec": map[string]any{"env": []string{"JOB=printing"}},
		"directory": k.directory, "record": map[string]any{"id": "x"}, "lease_s": 60,
	}, nil)
	return k
}

// printed waits until one of the program's streams has said this much, and gives all of it.
func (k *keeper) printed(stream, until string) string {
	k.t.Helper()
	for !strings.Contains(k.said[stream], until) {
		k.next("output", quickTime)
	}
	return k.said[stream]
}

// TestExec: the program waits for its first client, gets its arguments, directory and environment, and is heard.
func TestExec(t *testing.T) {
	k := start(t, "one", "two words", "on")
	up := k.next("up", startTime)
	stat, err := proc.ReadStat(up.PID)
	must(t, err)
	equal(t, "waits", "t", string(stat.State))
	connect(t, up.Socket).resume()
	said := k.printed("stdout", "\n")
	equal(t, "arguments, environment", true, strings.HasPrefix(said, "job [one two words on] printing "))
	equal(t, "characters", "grüße\n", k.printed("stderr", "\n"))
	k.end()
	equal(t, "outcome", "exited", k.next("ended", 2*slack).Outcome)
	equal(t, "program has ended", false, stat.ID.Lives())
	k.swept()
}

// TestExecExits: a program that ends by itself ends the session, which tells its code and all it has said.
func TestExecExits(t *testing.T) {
	k := start(t, "7")
	up := k.next("up", startTime)
	connect(t, up.Socket).resume()
	k.printed("stdout", "job [7]")
	end := k.next("ended", 2*slack)
	equal(t, "outcome", "exited", end.Outcome)
	equal(t, "code is told", true, strings.Contains(end.Why, "status 7"))
	k.swept()
}

// TestExecBreakpoint: an editor finds the program before main has run, and an abandoned breakpoint lets it run on.
func TestExecBreakpoint(t *testing.T) {
	k := start(t, "on")
	up := k.next("up", startTime)
	client := connect(t, up.Socket)
	client.do("CreateBreakpoint", map[string]any{"Breakpoint": map[string]any{"functionName": "main.main"}})
	<-client.resume()
	client.Close()
	equal(t, "breakpoints", 1, k.next("released", slack).Breakpoints)
	k.printed("stdout", "job [on]")
}

// TestExecGuardKilled: the program does not outlive its session, whoever dies first.
func TestExecGuardKilled(t *testing.T) {
	k := start(t, "on")
	up := k.next("up", startTime)
	stat, err := proc.ReadStat(up.PID)
	must(t, err)
	connect(t, up.Socket).resume()
	k.printed("stdout", "job [on]")
	must(t, k.cmd.Process.Kill())
	eventually(t, "the program has ended", 3*slack, func() bool { return !stat.ID.Lives() })
	eventually(t, "the session's directory is gone", slack, func() bool { _, err := os.Lstat(k.directory); return os.IsNotExist(err) })
}

// TestExecRefused: what dlv says about a program it cannot start arrives.
func TestExecRefused(t *testing.T) {
	k := &keeper{t: t, directory: filepath.Join(t.TempDir(), "s"), events: make(chan session.Event, 1024)}
	k.cmd = exec.Command(agent, "guard")
	k.order(map[string]any{
		"dlv":  []string{delve(t), "exec", "/no/such/program", "--headless", "--accept-multiclient"},
		"exec": map[string]any{}, "directory": k.directory, "lease_s": 60,
	}, nil)
	end := k.next("ended", startTime)
	equal(t, "outcome", "failed", end.Outcome)
	equal(t, "reason", true, strings.Contains(end.Detail, "no such file"))
	k.swept()
}

// TestCore: a core file is served like a process that stands still, and left alone.
func TestCore(t *testing.T) {
	s := serve(t, compile(t))
	core := filepath.Join(t.TempDir(), "core")
	attached := launch(t, s).up()
	client := connect(t, attached.socket)
	client.do("Command", map[string]any{"name": "halt"})
	client.do("DumpStart", map[string]any{"Destination": core})
	client.do("DumpWait", map[string]any{"Wait": 30000})
	client.Close()
	attached.end()
	attached.next("ended", 2*slack)
	k := &keeper{t: t, directory: filepath.Join(t.TempDir(), "s"), events: make(chan session.Event, 1024)}
	k.cmd = exec.Command(agent, "guard")
	k.order(map[string]any{
		"dlv":  []string{delve(t), "core", compile(t), core, "--headless", "--accept-multiclient"},
		"core": true, "directory": k.directory, "lease_s": 60,
	}, nil)
	up := k.next("up", startTime)
	connect(t, up.Socket).do("ListGoroutines", map[string]any{})
	k.end()
	equal(t, "outcome", "clean", k.next("ended", 2*slack).Outcome)
	equal(t, "the process of then runs", true, s.id.Lives())
	k.swept()
}
