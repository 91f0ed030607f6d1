package main

import (
	"fmt"
	"os"
	"testing"

	"remotego/agent/proc"
)

func count(t *testing.T, pid int, directory string) int {
	t.Helper()
	names, err := os.ReadDir(proc.Path(pid, directory))
	must(t, err)
	return len(names)
}

// TestSoak: sessions one after the other leave the service as it was: code, files, threads.
func TestSoak(t *testing.T) {
	delve(t)
	s := serve(t, compile(t))
	files := count(t, s.id.PID, "fd")
	for round := 0; round < rounds(); round++ {
		k := launch(t, s).up()
		client := connect(t, k.socket)
		client.stopsAt("main.step")
		if round%2 == 0 {
			client.Close()
			k.next("released", slack)
		}
		k.end()
		equal(t, "outcome", "clean", k.next("ended", slack).Outcome)
		equal(t, "changed places", 0, len(s.patches()))
		k.swept()
	}
	equal(t, "files", files, count(t, s.id.PID, "fd"))
	t.Logf("%d rounds, %d files, %d threads", rounds(), files, count(t, s.id.PID, "task"))
	s.intact()
}

// TestClientsComeAndGo: neither guard nor dlv keeps anything of clients that have gone, probes included.
func TestClientsComeAndGo(t *testing.T) {
	s := serve(t, compile(t))
	k := launch(t, s).up()
	visit := func() {
		probe := connect(t, k.socket)
		probe.Close()
		client := connect(t, k.socket)
		client.do("State", map[string]any{"NonBlocking": true})
		client.Close()
	}
	visit()
	k.next("released", slack)
	before := [2]int{count(t, k.cmd.Process.Pid, "fd"), count(t, k.dlv, "fd")}
	for i := 0; i < 25; i++ {
		visit()
		k.next("released", slack)
	}
	eventually(t, fmt.Sprint("no more files than before: ", before), slack, func() bool {
		return count(t, k.cmd.Process.Pid, "fd") <= before[0] && count(t, k.dlv, "fd") <= before[1]
	})
	s.ticks(20)
}
