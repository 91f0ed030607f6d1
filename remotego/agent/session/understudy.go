package session

import (
	"bufio"
	"encoding/json"
	"os"
	"syscall"
	"time"

	"remotego/agent/lease"
	"remotego/agent/proc"
)

const (
	self      = "/proc/self/exe"
	wordLimit = 1 << 10
	beatEvery = time.Second
	beatLost  = 10 * time.Second
	funeral   = 2 * time.Second
)

// hire starts a second guard that does nothing but wait for our death: the end of a pipe that only we hold.
// It then adopts dlv and ends the session. Our own sweep dismisses it.
func (g *guard) hire() error {
	ear, mouth, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ear.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	line, err := json.Marshal(Order{
		Adopt: &g.dlv.ID, PID: g.order.PID, Start: g.order.Start, Directory: g.order.Directory,
		Record: g.order.Record, Note: g.order.Note, LeaseS: g.order.LeaseS, StartS: g.order.StartS, Standby: true,
		Exec: g.order.Exec.bare(), Core: g.order.Core, TCP: g.order.TCP,
	})
	if err != nil {
		return err
	}
	_, err = os.StartProcess(self, []string{os.Args[0], "guard"}, &os.ProcAttr{
		Files: []*os.File{ear, null, null},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return err
	}
	g.mouth = mouth
	if _, err = mouth.Write(append(line, '\n')); err != nil {
		return err
	}
	go g.beat()
	return nil
}

// beat shows our second that we are not only there but run.
func (g *guard) beat() {
	for {
		if _, err := g.mouth.Write([]byte("\n")); err != nil {
			return
		}
		time.Sleep(beatEvery)
	}
}

// stand waits for the death of the guard we are the second of, or ends it when it stands still: a guard that is
// stopped frees nobody, and would keep others from doing it.
func stand(input *bufio.Reader) {
	guard := os.Getppid()
	beats := make(chan bool)
	go func() {
		defer close(beats)
		for {
			if _, err := lease.Line(input, wordLimit); err != nil {
				return
			}
			beats <- true
		}
	}()
	for {
		select {
		case _, beats := <-beats:
			if !beats {
				return
			}
		case <-time.After(beatLost):
			if stat, err := proc.ReadStat(guard); err == nil && stat.State == 'T' && os.Getppid() == guard {
				syscall.Kill(guard, syscall.SIGKILL)
			}
		}
	}
}

// buried waits until a guard is dead that has closed its pipe already.
func buried(guard proc.ID) bool {
	for end := time.Now().Add(funeral); guard.Lives(); time.Sleep(readyLook) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
