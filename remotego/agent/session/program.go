package session

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"remotego/agent/dlv"
	"remotego/agent/proc"
)

// A program that dlv starts for us ends with the session: nobody else waits for it.

const (
	partingTime = 5 * time.Second
	piece       = 1 << 14
	drainTime   = 50 * time.Millisecond
)

// bare leaves out what a second guard has no use for.
func (e *Exec) bare() *Exec {
	if e == nil {
		return nil
	}
	return &Exec{}
}

// discover asks dlv for the process it has started, and hires our second for it.
func (g *guard) discover() bool {
	client, err := dlv.Dial(g.dlv.Socket, time.Now().Add(callTime))
	if err != nil {
		return false
	}
	defer client.Close()
	pid, err := client.ProcessID()
	if err != nil {
		return false
	}
	stat, err := proc.ReadStat(pid)
	if err != nil {
		return false
	}
	g.order.PID, g.order.Start = stat.PID, stat.Start
	// Its file is the truth: it has had dlv's breakpoints from the beginning.
	g.code = recall(stat.ID, nil)
	return g.writeRecord() == nil && g.hire() == nil
}

// lastWords is what dlv says of a program that has ended under it: its exit code.
func (g *guard) lastWords() string {
	if g.order.Exec == nil {
		return ""
	}
	_, err := g.state()
	if !dlv.Refused(err) {
		return ""
	}
	_, words, _ := strings.Cut(err.Error(), ": ")
	return ": " + words
}

// terminate ends the program and all of its process group, of which it is the leader (Delve, proc/native).
func (g *guard) terminate() {
	process := g.order.process()
	for _, number := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if process.PID > 0 && process.Lives() {
			syscall.Kill(-process.PID, number)
			await(process, partingTime)
		}
	}
	for _, pipe := range g.pipes {
		pipe.file.SetReadDeadline(time.Now().Add(drainTime))
		<-pipe.drained
	}
}

func await(process proc.ID, patience time.Duration) {
	for end := time.Now().Add(patience); process.Lives() && time.Now().Before(end); {
		// It is our child once dlv, which started it, has gone; then it stays a zombie until we ask.
		syscall.Wait4(process.PID, nil, syscall.WNOHANG, nil)
		time.Sleep(readyLook)
	}
}

// pipe carries what the program prints.
type pipe struct {
	file    *os.File
	drained chan struct{}
}

// catchOutput makes the pipes that dlv's command line sends the program's output to: DIRECTORY/stdout and stderr.
func (g *guard) catchOutput() error {
	for _, name := range []string{"stdout", "stderr"} {
		path := filepath.Join(g.order.Directory, name)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			return err
		}
		// Open for writing, too: it never ends by itself, and dlv does not wait for a reader.
		file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		one := pipe{file, make(chan struct{})}
		g.pipes = append(g.pipes, one)
		go one.carry(name, g.events)
	}
	return nil
}

// carry tells what comes as events, cut between characters.
func (p pipe) carry(name string, events *Events) {
	defer close(p.drained)
	defer p.file.Close()
	held := make([]byte, 0, piece+utf8.UTFMax)
	for {
		n, err := p.file.Read(held[len(held) : len(held)+piece])
		held = held[:len(held)+n]
		if whole := complete(held); whole > 0 {
			events.Tell(Event{Kind: "output", Stream: name, Data: string(held[:whole])})
			held = held[:copy(held, held[whole:])]
		}
		if err != nil {
			if len(held) > 0 {
				events.Tell(Event{Kind: "output", Stream: name, Data: string(held)})
			}
			return
		}
	}
}

// complete is how many bytes of text stand before a last character that is cut.
func complete(text []byte) int {
	for cut := 1; cut < utf8.UTFMax && cut <= len(text); cut++ {
		if last := text[len(text)-cut:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return len(text) - cut
			}
			break
		}
	}
	return len(text)
}
