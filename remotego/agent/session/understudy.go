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
		Adopt: &g.dlv.ID, PID: g.order.PID, Start: g.order.Start, Directory: g.order.Directory, Note: g.order.Note,
		LeaseS: g.order.LeaseS, StartS: g.order.StartS, Standby: true,
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
	_, err = mouth.Write(append(line, '\n'))
	return err
}

// stand waits for the death of the guard we are the second of. Lines mean nothing to us.
func stand(input *bufio.Reader) {
	for {
		if _, err := lease.Line(input, wordLimit); err != nil {
			return
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
