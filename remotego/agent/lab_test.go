package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"remotego/agent/proc"
	"remotego/agent/session"
	"remotego/agent/text"
)

const (
	startTime = 60 * time.Second
	quickTime = 10 * time.Second
	slack     = 5 * time.Second
)

var (
	workshop string
	agent    string
	built    sync.Map
)

// TestMain builds the agent once, as it is shipped.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		directory, err := os.MkdirTemp("", "agent-test-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(directory)
		workshop, agent = directory, filepath.Join(directory, "agent")
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", agent, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := build.CombinedOutput(); err != nil {
			panic(fmt.Sprintf("%v: %s", err, said))
		}
		return m.Run()
	}())
}

// delve is the real dlv these tests need; without it they are skipped, and say so.
func delve(t *testing.T) string {
	t.Helper()
	path := os.Getenv("DLV")
	if path == "" {
		path, _ = exec.LookPath("dlv")
	}
	if path == "" {
		t.Skip("SKIPPED: no dlv. Set DLV to the path of one to test sessions")
	}
	absolute, err := filepath.Abs(path)
	must(t, err)
	return absolute
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("%s: expected %v, got %v", what, expected, actual)
	}
}

// eventually waits for a fact of the kernel that has no event to await.
func eventually(t *testing.T, what string, within time.Duration, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

func compile(t *testing.T, flags ...string) string { return build(t, "ticker", flags...) }

func build(t *testing.T, program string, flags ...string) string {
	t.Helper()
	key := program + strings.Join(flags, " ")
	if path, found := built.Load(key); found {
		return path.(string)
	}
	path := filepath.Join(workshop, fmt.Sprintf("program%x", sha256.Sum256([]byte(key))))
	arguments := append(append([]string{"build"}, flags...), "-o", path, "./testdata/"+program)
	said, err := exec.Command("go", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	built.Store(key, path)
	return path
}

// service is a running ticker.
type service struct {
	t     *testing.T
	cmd   *exec.Cmd
	id    proc.ID
	stdin io.WriteCloser
	lines chan string
	gone  chan struct{}
}

func serve(t *testing.T, program string) *service {
	t.Helper()
	s := &service{t: t, cmd: exec.Command(program), lines: make(chan string, 1<<16), gone: make(chan struct{})}
	s.cmd.Stderr = os.Stderr
	var err error
	s.stdin, err = s.cmd.StdinPipe()
	must(t, err)
	stdout, err := s.cmd.StdoutPipe()
	must(t, err)
	must(t, s.cmd.Start())
	go s.follow(stdout)
	t.Cleanup(func() {
		s.stdin.Close()
		s.cmd.Process.Kill()
		<-s.gone
	})
	s.ticks(3)
	stat, err := proc.ReadStat(s.cmd.Process.Pid)
	must(t, err)
	s.id = stat.ID
	return s
}

func (s *service) follow(stdout io.Reader) {
	scanner := bufio.NewScanner(stdout)
	for scanner.Scan() {
		select {
		case s.lines <- scanner.Text():
		default:
		}
	}
	s.cmd.Wait()
	close(s.gone)
}

// ticks waits for new ticks: those printed before do not count.
func (s *service) ticks(count int) {
	s.t.Helper()
	for len(s.lines) > 0 {
		<-s.lines
	}
	limit := time.After(quickTime)
	for ; count > 0; count-- {
		select {
		case <-s.lines:
		case <-s.gone:
			s.t.Fatalf("the service has ended: %v", s.cmd.ProcessState)
		case <-limit:
			s.t.Fatal("the service stands still")
		}
	}
}

func (s *service) patches() text.Patches {
	s.t.Helper()
	image, err := text.Load(s.id.PID)
	must(s.t, err)
	defer image.Close()
	patches, err := image.Diff()
	must(s.t, err)
	return patches
}

// intact checks the promise: it runs, untraced, with the code of its file.
func (s *service) intact() {
	s.t.Helper()
	s.ticks(20)
	status, err := proc.ReadStatus(s.id.PID)
	must(s.t, err)
	equal(s.t, "tracer", 0, status.Tracer)
	equal(s.t, "changed places in the code", 0, len(s.patches()))
}

// keeper is a running guard.
type keeper struct {
	t         *testing.T
	cmd       *exec.Cmd
	stdin     io.WriteCloser
	events    chan session.Event
	directory string
	socket    string
	dlv       int
	said      map[string]string
}

type wish func(order map[string]any)

func launch(t *testing.T, s *service, wishes ...wish) *keeper {
	t.Helper()
	k := &keeper{t: t, directory: filepath.Join(t.TempDir(), "s"), events: make(chan session.Event, 1024)}
	k.cmd = exec.Command(agent, "guard")
	delve(t)
	k.begin(s, wishes)
	return k
}

// launchBelow starts the guard as a grandchild, whose standard streams go through a parent that can be killed.
func launchBelow(t *testing.T, s *service) (*keeper, *os.Process) {
	t.Helper()
	k := &keeper{t: t, directory: filepath.Join(t.TempDir(), "s"), events: make(chan session.Event, 1024)}
	k.cmd = exec.Command("sh", "-c", `mkfifo "$1/in" && { "$0" guard < "$1/in" & } && exec cat > "$1/in"`, agent, t.TempDir())
	k.begin(s, []wish{term(2)})
	return k, k.cmd.Process
}

func (k *keeper) begin(s *service, wishes []wish) {
	t := k.t
	t.Helper()
	k.order(map[string]any{
		"dlv": []string{delve(t), "attach", fmt.Sprint(s.id.PID), "--headless", "--accept-multiclient", "--continue"},
		"pid": s.id.PID, "start": s.id.Start, "directory": k.directory, "record": map[string]any{"id": "x"},
		"lease_s": 60,
	}, wishes)
}

// order starts the guard.
func (k *keeper) order(order map[string]any, wishes []wish) {
	t := k.t
	t.Helper()
	for _, one := range wishes {
		one(order)
	}
	k.cmd.Stderr = os.Stderr
	var err error
	k.stdin, err = k.cmd.StdinPipe()
	must(t, err)
	stdout, err := k.cmd.StdoutPipe()
	must(t, err)
	must(t, k.cmd.Start())
	go k.follow(stdout)
	t.Cleanup(func() { k.stdin.Close(); k.cmd.Process.Signal(syscall.SIGTERM); k.cmd.Wait() })
	must(t, json.NewEncoder(k.stdin).Encode(order))
}

// end asks for the end of the session.
func (k *keeper) end() {
	fmt.Fprintln(k.stdin, `{"end":true}`)
}

// comeBack holds the same session by another way.
func (k *keeper) comeBack() *keeper {
	k.t.Helper()
	conn, err := net.Dial("unix", filepath.Join(k.directory, "control.sock"))
	must(k.t, err)
	k.t.Cleanup(func() { conn.Close() })
	again := &keeper{t: k.t, stdin: conn, directory: k.directory, events: make(chan session.Event, 1024)}
	go again.follow(conn)
	return again
}

func (k *keeper) follow(stdout io.Reader) {
	defer close(k.events)
	decoder := json.NewDecoder(stdout)
	for {
		var event session.Event
		if decoder.Decode(&event) != nil {
			return
		}
		k.events <- event
	}
}

// next waits for an event of this kind and passes over others.
func (k *keeper) next(kind string, within time.Duration) session.Event {
	k.t.Helper()
	limit := time.After(within)
	for {
		select {
		case event, open := <-k.events:
			if !open {
				k.t.Fatalf("the guard ended before %q", kind)
			}
			if event.Kind == "output" && k.said != nil {
				k.said[event.Stream] += event.Data
			}
			if event.Kind == kind {
				return event
			}
			if event.Kind == "ended" {
				k.t.Fatalf("ended before %q: %+v", kind, event)
			}
		case <-limit:
			k.t.Fatalf("no %q within %v", kind, within)
		}
	}
}

func (k *keeper) up() *keeper {
	k.t.Helper()
	event := k.next("up", startTime)
	k.dlv, k.socket = event.DlvPID, event.Socket
	if k.socket == "" {
		k.socket = fmt.Sprintf("127.0.0.1:%d", event.Port)
	}
	return k
}

// swept checks that the guard left nothing: no process, no file.
func (k *keeper) swept() {
	k.t.Helper()
	k.cmd.Wait()
	_, err := os.Lstat(k.directory)
	equal(k.t, "session directory is gone", true, os.IsNotExist(err))
	if k.dlv != 0 {
		stat, err := proc.ReadStat(k.dlv)
		equal(k.t, "dlv is gone", true, err != nil || stat.Ended())
	}
}

// debugger speaks JSON-RPC over any socket, by means that are not ours.
type debugger struct {
	t *testing.T
	*rpc.Client
}

// dial connects to a unix socket's path or to an address.
func dial(t *testing.T, where string) net.Conn {
	t.Helper()
	network := "tcp"
	if filepath.IsAbs(where) {
		network = "unix"
	}
	conn, err := net.Dial(network, where)
	must(t, err)
	return conn
}

func connect(t *testing.T, socket string) *debugger {
	t.Helper()
	conn := dial(t, socket)
	client := jsonrpc.NewClient(conn)
	t.Cleanup(func() { client.Close() })
	return &debugger{t, client}
}

func (d *debugger) do(method string, argument any) {
	d.t.Helper()
	var reply any
	call := d.Go("RPCServer."+method, argument, &reply, make(chan *rpc.Call, 1))
	select {
	case <-call.Done:
		if call.Error != nil {
			d.t.Fatalf("%s: %v", method, call.Error)
		}
	case <-time.After(quickTime):
		d.t.Fatalf("%s: no answer", method)
	}
}

// breakAt sets a breakpoint and lets the process run; the returned channel ends when it stops.
func (d *debugger) breakAt(function string) <-chan *rpc.Call {
	d.t.Helper()
	d.do("Command", map[string]any{"name": "halt"})
	d.do("CreateBreakpoint", map[string]any{"Breakpoint": map[string]any{"functionName": function}})
	return d.resume()
}

func (d *debugger) resume() <-chan *rpc.Call {
	var reply stopped
	return d.Go("RPCServer.Command", map[string]any{"name": "continue"}, &reply, make(chan *rpc.Call, 1)).Done
}

// stopped is what dlv answers when a process that it let run has come to a stop.
type stopped struct{ State struct{ Exited bool } }

func (d *debugger) stopsAt(function string) {
	d.t.Helper()
	if !d.reaches(function) {
		d.t.Fatal("the process has ended")
	}
}

// reaches is false when dlv's own halt, which is a SIGTRAP, has killed the process: on a busy machine Delve 1.27.1
// hands that on to it once in some hundred times.
func (d *debugger) reaches(function string) bool {
	d.t.Helper()
	select {
	case call := <-d.breakAt(function):
		if call.Error != nil {
			d.t.Fatal(call.Error)
		}
		return !call.Reply.(*stopped).State.Exited
	case <-time.After(quickTime):
		d.t.Fatal("the breakpoint was not hit")
		return false
	}
}
