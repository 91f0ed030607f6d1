package credential

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"remotego/agent/lease"
	"remotego/agent/unixsock"
)

const (
	answerTime = 80 * time.Second
	lastWord   = time.Second
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
	socket := filepath.Join(directory, mark(order.ID)+suffix)
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
		remove, err := offer(settings, mark(order.ID), order.gitFile(self))
		if err != nil {
			return nil, err
		}
		up["git"] = filepath.Join(settings, gitName)
		withdraw = func() { remove(); leave(settings) }
	}
	if order.Netrc == "" {
		return withdraw, nil
	}
	netrc, forget, err := keepNetrc(order, filepath.Join(filepath.Dir(filepath.Dir(self)), "auth"))
	if err != nil {
		withdraw()
		return nil, err
	}
	up["netrc"], up["netrc_kept"], up["netrc_hidden"] = netrc.path, netrc.kept, netrc.hidden
	before := withdraw // the result has that name too, and what is returned must not call itself
	return func() { forget(); before() }, nil
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
