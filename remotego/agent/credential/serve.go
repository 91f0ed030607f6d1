package credential

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"remotego/agent/lease"
	"remotego/agent/proc"
	"remotego/agent/unixsock"
)

const (
	guestsMax   = 32
	askTime     = 10 * time.Second
	answerTime  = 80 * time.Second
	ancestorMax = 8
	lastWord    = time.Second
)

// server asks the controller for each guest, and holds no answer longer than it takes to pass it on.
type server struct {
	output  io.Writer
	mutex   sync.Mutex
	waiting map[int]chan Reply
	last    int
	over    chan string
	renewed chan struct{}
}

func newServer(output io.Writer) *server {
	return &server{
		output: output, waiting: map[int]chan Reply{}, over: make(chan string, 1), renewed: make(chan struct{}, 1),
	}
}

// Serve answers git and go of this login until the controller ends it, goes, is silent for the lease, or time is up.
func Serve(order Order, input *bufio.Reader, output io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	directory, err := room()
	if err != nil {
		return err
	}
	sweep(directory)
	socket := filepath.Join(directory, order.ID+suffix)
	near, err := reachable(socket)
	if err != nil {
		return err
	}
	listener, err := unixsock.Listen(near)
	if err != nil {
		return err
	}
	up := map[string]any{"event": "up", "socket": socket}
	withdraw, err := arrange(order, self, up)
	if err != nil {
		listener.Close()
		leave(directory)
		return err
	}
	served := newServer(output)
	go served.listen(input)
	go func() {
		served.tell(up)
		served.receive(listener)
	}()
	why := served.await(order)
	// Whoever is told of the end finds nothing any more, and access ends even where nobody can be told.
	withdraw()
	listener.Close()
	leave(directory)
	served.tellLast(map[string]any{"event": "ended", "why": why})
	return nil
}

// tellLast waits no longer than lastWord: a network that is gone may hold up every write.
func (s *server) tellLast(event map[string]any) {
	told := make(chan struct{})
	go func() {
		s.tell(event)
		close(told)
	}()
	select {
	case <-told:
	case <-time.After(lastWord):
	}
}

// arrange has git and an old go find the server, notes in up where, and gives what takes it back.
func arrange(order Order, self string, up map[string]any) (withdraw func(), err error) {
	withdraw = func() {}
	if len(order.Prefixes) > 0 {
		settings := filepath.Join(filepath.Dir(filepath.Dir(self)), "auth")
		if err := os.Mkdir(settings, 0o700); err != nil && !os.IsExist(err) {
			return nil, err
		}
		if err := private(settings); err != nil {
			return nil, err
		}
		remove, err := offer(settings, order.ID, order.gitFile(self))
		if err != nil {
			return nil, err
		}
		up["git"] = filepath.Join(settings, gitName)
		withdraw = func() { remove(); leave(settings) }
	}
	if order.Netrc != "" {
		netrc, forget, err := keepNetrc(order.Netrc, order.LinkNetrc)
		if err != nil {
			withdraw()
			return nil, err
		}
		up["netrc"] = netrc
		before := withdraw
		withdraw = func() { forget(); before() }
	}
	return withdraw, nil
}

// await waits for the end and says why it has come.
func (s *server) await(order Order) string {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	silent, expired := time.NewTimer(order.lease()), time.After(order.expires())
	for {
		select {
		case why := <-s.over:
			return why
		case <-s.renewed:
			silent.Stop()
			silent = time.NewTimer(order.lease())
		case <-silent.C:
			return "silent"
		case <-expired:
			return "expired"
		case number := <-signals:
			return "signal " + number.String()
		}
	}
}

// said is a line of the controller's: an answer, the wish to end, or a sign of life.
type said struct {
	Answer int  `json:"answer"`
	End    bool `json:"end"`
	Reply
}

func (s *server) listen(input *bufio.Reader) {
	for {
		line, err := lease.Line(input, lineLimit)
		if err != nil {
			s.end("closed")
			return
		}
		var word said
		if json.Unmarshal(line, &word) != nil {
			continue
		}
		select {
		case s.renewed <- struct{}{}:
		default:
		}
		if word.End {
			s.end("end")
		}
		if answer := s.take(word.Answer); answer != nil {
			answer <- word.Reply
		}
	}
}

func (s *server) end(why string) {
	select {
	case s.over <- why:
	default:
	}
}

func (s *server) receive(listener *unixsock.Listener) {
	places := make(chan struct{}, guestsMax)
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		select {
		case places <- struct{}{}:
			go func() {
				s.serve(conn)
				<-places
			}()
		default:
			conn.Close()
		}
	}
}

// serve answers one guest's one question.
func (s *server) serve(conn unixsock.Conn) {
	defer conn.Close()
	pid, uid, err := conn.Peer()
	if err != nil || uid != os.Getuid() {
		s.tell(map[string]any{"event": "stranger", "pid": pid, "uid": uid})
		return
	}
	_ = conn.SetDeadline(time.Now().Add(askTime))
	var question Question
	err = readLine(bufio.NewReader(conn), &question)
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
	_ = writeLine(conn, s.ask(question, pid, uid))
}

func (s *server) ask(question Question, pid, uid int) Reply {
	number, answer := s.enter()
	s.tell(map[string]any{
		"event": "ask", "number": number, "kind": question.Kind, "operation": question.Operation, "url": question.URL,
		"pid": pid, "uid": uid, "chain": chain(pid),
	})
	select {
	case reply := <-answer:
		if err := reply.check(); err != nil {
			return Reply{Refuse: err.Error()}
		}
		return reply
	case <-time.After(answerTime):
		s.take(number)
		return Reply{Refuse: "nobody at the other end has answered in time"}
	}
}

func (s *server) enter() (int, chan Reply) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.last++
	s.waiting[s.last] = make(chan Reply, 1)
	return s.last, s.waiting[s.last]
}

func (s *server) take(number int) chan Reply {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	answer := s.waiting[number]
	delete(s.waiting, number)
	return answer
}

func (s *server) tell(event map[string]any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if err := writeLine(s.output, event); err != nil {
		s.end("closed")
	}
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

// sweep removes sockets that nobody listens at any more.
func sweep(directory string) {
	found, _ := filepath.Glob(filepath.Join(directory, "*"+suffix))
	for _, one := range found {
		if abandoned(one) {
			os.Remove(one)
		}
	}
}

// abandoned says whether the server of a socket was killed.
func abandoned(socket string) bool {
	near, err := reachable(socket)
	if err != nil {
		return false
	}
	conn, err := unixsock.Dial(near, 0)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// leave removes a directory that nobody else uses.
func leave(directory string) { _ = syscall.Rmdir(directory) }

// Fail says what keeps a client from its answer in words for whoever runs git or go.
func Fail(err error) string { return fmt.Sprintf("remotego: %v", err) }
