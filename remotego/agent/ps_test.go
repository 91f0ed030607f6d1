package main

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"remotego/agent/inventory"
)

type listing struct {
	Self    *inventory.Self
	Process *inventory.Process
	Done    *inventory.Done
}

// listed runs ps, as another user where uid is not ours.
func listed(t *testing.T, uid int, wish string) (map[int]inventory.Process, inventory.Done) {
	t.Helper()
	command := exec.Command(agent, "ps")
	command.Stdin = strings.NewReader(wish + "\n")
	command.Stderr = os.Stderr
	if uid != os.Getuid() {
		must(t, os.Chmod(workshop, 0o755))
		must(t, os.Chmod(agent, 0o755))
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	}
	raw, err := command.Output()
	must(t, err)
	found := map[int]inventory.Process{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	for {
		var line listing
		must(t, decoder.Decode(&line))
		switch {
		case line.Process != nil:
			found[line.Process.PID] = *line.Process
		case line.Done != nil:
			return found, *line.Done
		}
	}
}

// asRoot skips tests that need other users; it says so.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root can act as other users")
	}
}

// TestListsByBuildInfo: a Go process is found whatever its name, with what its binary says.
func TestListsByBuildInfo(t *testing.T) {
	s := serve(t, compile(t, "-gcflags=all=-N -l", "-ldflags=-s -w", "-trimpath"))
	processes, done := listed(t, os.Getuid(), `{}`)
	one, found := processes[s.id.PID]
	equal(t, "found", true, found)
	equal(t, "start", s.id.Start, one.Start)
	equal(t, "can attach", true, one.Attach.Can)
	equal(t, "module", "remotego/agent", one.Program.Module)
	equal(t, "path", "remotego/agent/testdata/ticker", one.Program.Path)
	equal(t, "optimised", false, *one.Program.Optimised)
	equal(t, "trimpath", true, *one.Program.Trimpath)
	equal(t, "stripped", true, one.Program.Stripped)
	equal(t, "goes on", true, strings.HasPrefix(one.Program.Go, "go1."))
	equal(t, "cheap: less than 10 ms for each process", true, done.CPUS < 0.01*float64(done.Looked))
	t.Logf("%+v", done)
}

// TestListsPorts: where a process listens is told, in its own network namespace, too.
func TestListsPorts(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	processes, _ := listed(t, os.Getuid(), `{"all":true}`)
	one := processes[os.Getpid()]
	expected := listener.Addr().(*net.TCPAddr).Port
	found := false
	for _, socket := range one.Ports {
		found = found || socket.Port == expected && socket.Address == "127.0.0.1"
	}
	equal(t, "port found", true, found)
}

// TestListsDebugged: who traces a process is told by its process id.
func TestListsDebugged(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	processes, _ := listed(t, os.Getuid(), `{}`)
	one := processes[s.id.PID]
	equal(t, "tracer", k.dlv, one.TracerPID)
	equal(t, "cause", "traced", one.Attach.Causes[0].Code)
}

// TestForeign: another user's process is listed on demand, with the cause.
func TestForeign(t *testing.T) {
	asRoot(t)
	s := serve(t, compile(t))
	processes, _ := listed(t, 65534, `{"all":true}`)
	one, found := processes[s.id.PID]
	equal(t, "found", true, found)
	equal(t, "program is unknown", true, one.Program == nil && one.Problem != "")
	equal(t, "can", false, one.Attach.Can)
	equal(t, "cause", "uid", one.Attach.Causes[0].Code)
	processes, _ = listed(t, 65534, `{}`)
	_, found = processes[s.id.PID]
	equal(t, "not without being asked", false, found)
}

// TestUsage: what is no command says so and fails.
func TestUsage(t *testing.T) {
	command := exec.Command(agent, "listen")
	var said bytes.Buffer
	command.Stderr = &said
	command.Run()
	equal(t, "exit code", exitUsage, command.ProcessState.ExitCode())
	equal(t, "JSON", true, json.Valid(said.Bytes()))
}

// TestObstacles: what keeps a user from his own process is told as the kernel has it.
func TestObstacles(t *testing.T) {
	asRoot(t)
	must(t, os.Chmod(workshop, 0o755))
	const nobody, bindService = 65534, 10
	for expected, attributes := range map[string]*syscall.SysProcAttr{
		"":             {Credential: &syscall.Credential{Uid: nobody, Gid: nobody}},
		"gid":          {Credential: &syscall.Credential{Uid: nobody, Gid: 1}},
		"capabilities": {Credential: &syscall.Credential{Uid: nobody, Gid: nobody}, AmbientCaps: []uintptr{bindService}},
	} {
		t.Run(expected, func(t *testing.T) {
			command := exec.Command(compile(t))
			command.SysProcAttr = attributes
			stdin, err := command.StdinPipe()
			must(t, err)
			must(t, command.Start())
			defer command.Wait()
			defer stdin.Close()
			processes, _ := listed(t, nobody, `{"all":true}`)
			one := processes[command.Process.Pid]
			equal(t, "can", expected == "", one.Attach.Can)
			equal(t, "certain", true, one.Attach.Certain)
			if len(one.Attach.Causes) > 0 {
				equal(t, "cause", expected, one.Attach.Causes[0].Code)
			}
		})
	}
}
