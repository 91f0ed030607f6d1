package credential

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"remotego/agent/proc"
	"remotego/agent/unixsock"
)

const (
	guestsMax   = 32
	turnedMax   = 256
	askTime     = 10 * time.Second
	ancestorMax = 8
)

// receive serves guestsMax at a time; so many more are told that there is no room, and the rest are hung up on.
func (s *server) receive(listener *unixsock.Listener) {
	guests, turned := make(chan struct{}, guestsMax), make(chan struct{}, turnedMax)
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		select {
		case guests <- struct{}{}:
			go func() {
				s.serve(conn, s.ask)
				<-guests
			}()
			continue
		default:
		}
		select {
		case turned <- struct{}{}:
			go func() {
				s.serve(conn, crowded)
				<-turned
			}()
		default:
			conn.Close()
		}
	}
}

// guest is who has asked; gone is closed once nobody waits for the answer any more.
type guest struct {
	pid, uid int
	gone     chan struct{}
}

func crowded(Question, guest) Reply {
	return Reply{Refuse: fmt.Sprintf("%d questions wait for an answer already; ask again in a while", guestsMax)}
}

// serve answers one guest's one question.
func (s *server) serve(conn unixsock.Conn, answer func(Question, guest) Reply) {
	defer conn.Close()
	pid, uid, err := conn.Peer()
	if err != nil || uid != os.Getuid() {
		s.tell(map[string]any{"event": "stranger", "pid": pid, "uid": uid})
		return
	}
	_ = conn.SetDeadline(time.Now().Add(askTime))
	input := bufio.NewReader(conn)
	var question Question
	err = readLine(input, &question)
	if errors.Is(err, io.EOF) {
		return // somebody has looked whether we live
	}
	if err == nil {
		err = question.check()
	}
	if err != nil {
		s.tell(map[string]any{"event": "malformed", "pid": pid, "uid": uid, "why": "it was no question"})
		_ = writeLine(conn, Reply{Refuse: "this is no question: " + err.Error()})
		return
	}
	_ = conn.SetDeadline(time.Now().Add(answerTime + askTime))
	who := guest{pid, uid, make(chan struct{})}
	go func() {
		// A guest says nothing more: what ends this is that it goes, or that we are done with it.
		_, _ = input.ReadByte()
		close(who.gone)
	}()
	_ = writeLine(conn, answer(question, who))
}

func (s *server) ask(question Question, who guest) Reply {
	number, answer := s.enter()
	s.tell(map[string]any{
		"event": "ask", "number": number, "kind": question.Kind, "operation": question.Operation, "url": question.URL,
		"pid": who.pid, "uid": who.uid, "chain": chain(who.pid),
	})
	select {
	case reply := <-answer:
		if err := reply.check(); err != nil {
			return Reply{Refuse: err.Error()}
		}
		return reply
	case <-who.gone:
	case <-time.After(answerTime):
	}
	// Whoever is about to say yes at the other end has to know that it is too late.
	s.take(number)
	s.tell(map[string]any{"event": "gone", "number": number})
	return Reply{Refuse: "nobody at the other end has answered in time"}
}

// chain names a process and those that have started it, as the kernel calls them: what they say of themselves may be
// anything.
func chain(pid int) []string {
	var names []string
	for len(names) < ancestorMax && pid > 1 {
		stat, err := proc.ReadStat(pid)
		if err != nil {
			break
		}
		names, pid = append(names, stat.Comm), stat.Parent
	}
	return names
}
