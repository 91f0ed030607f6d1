package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"remotego/agent/inventory"
)

type waited struct {
	Running []int
	Process *inventory.Process
}

// TestWait: a process that begins to run a program of that name is told; one that runs it already is only mentioned.
func TestWait(t *testing.T) {
	named := filepath.Join(t.TempDir(), "expected-job")
	must(t, exec.Command("cp", build(t, "job"), named).Run())
	first := exec.Command(named, "on")
	must(t, first.Start())
	t.Cleanup(func() { first.Process.Kill(); first.Wait() })

	cmd := exec.Command(agent, "wait")
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { stdin.Close(); cmd.Wait() })
	fmt.Fprintln(stdin, `{"name":"expected-job"}`)
	lines := json.NewDecoder(bufio.NewReader(stdout))
	var before, after waited
	must(t, lines.Decode(&before))
	equal(t, "running already", fmt.Sprint([]int{first.Process.Pid}), fmt.Sprint(before.Running))

	// The shell becomes the program: the same process, another name.
	second := exec.Command("sh", "-c", `exec "$0" on`, named)
	must(t, second.Start())
	t.Cleanup(func() { second.Process.Kill(); second.Wait() })
	must(t, lines.Decode(&after))
	equal(t, "who", second.Process.Pid, after.Process.PID)
}

// TestWaitEnds: nobody is waited for when nobody listens any more.
func TestWaitEnds(t *testing.T) {
	cmd := exec.Command(agent, "wait")
	stdin, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	fmt.Fprintln(stdin, `{"name":"nobody-is-called-so"}`)
	stdin.Close()
	equal(t, "fails", true, cmd.Wait() != nil)
}
