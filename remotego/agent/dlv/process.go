package dlv

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"remotego/agent/proc"
)

const tail = 2000

// Server is a dlv under our care. Done is closed when it has ended.
type Server struct {
	proc.ID
	// Socket is where it serves, for Dial; "" for one on TCP whose port is not known yet (see Find).
	Socket string
	// Port is that of a dlv on TCP, 0 for others.
	Port  int
	Done  chan struct{}
	exit  syscall.WaitStatus
	ours  bool
	log   string
	tcp   bool
	letGo bool
}

const adoptedLook = 20 * time.Millisecond

func at(directory string, tcp bool) *Server {
	server := &Server{Done: make(chan struct{}), tcp: tcp, log: filepath.Join(directory, "log")}
	if !tcp {
		server.Socket = filepath.Join(directory, "dlv.sock")
	}
	return server
}

// Adopt takes over a dlv that another guard started in directory and that now has none. tcp as in Start.
func Adopt(id proc.ID, directory string, tcp bool) *Server {
	server := at(directory, tcp)
	server.Find()
	server.ID = id
	go func() {
		for id.Lives() {
			time.Sleep(adoptedLook)
		}
		close(server.Done)
	}()
	return server
}

// Launch is how to start a dlv: its command line without --listen, the directory for its files, whether it listens on any
// port of 127.0.0.1 instead of a socket there, and its soft limit of memory in bytes, 0 for none. A program that
// it starts gets Env, KEY=VALUE, on top of our own environment; nil for a dlv that starts none.
type Launch struct {
	Argv      []string
	Directory string
	TCP       bool
	Memory    int64
	Env       []string
}

// Start runs dlv. It leads a session of its own, so that no signal meant for us reaches it, and it outlives us.
// Its files, telemetry included (off), stay in its directory. fallen is called as soon as dlv dies by other means
// than exit.
func Start(launch Launch, fallen func()) (*Server, error) {
	server := at(launch.Directory, launch.TCP)
	server.ours = true
	if err := silence(filepath.Join(launch.Directory, "config", "go", "telemetry")); err != nil {
		return nil, err
	}
	process, err := server.spawn(launch)
	if err != nil {
		return nil, err
	}
	stat, err := proc.ReadStat(process.Pid)
	server.ID = proc.ID{PID: process.Pid, Start: stat.Start}
	go server.reap(process, fallen)
	return server, err
}

func (s *Server) spawn(launch Launch) (*os.Process, error) {
	log, err := os.OpenFile(s.log, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	// Behind "--" it would be an argument of the program that dlv starts.
	words := append([]string{launch.Argv[0], launch.Argv[1], s.listen()}, launch.Argv[2:]...)
	return os.StartProcess(launch.Argv[0], words, &os.ProcAttr{
		Dir:   launch.Directory,
		Env:   launch.environment(),
		Files: []*os.File{null, log, log},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
}

func (s *Server) reap(process *os.Process, fallen func()) {
	state, err := process.Wait()
	if err == nil {
		s.exit, _ = state.Sys().(syscall.WaitStatus)
	}
	if s.fell() {
		fallen()
	}
	close(s.Done)
}

// panicked is the exit code of a Go program that died of its own fault.
const panicked = 2

func (s *Server) fell() bool { return s.exit.Signaled() || s.exit.ExitStatus() == panicked }

func (s *Server) listen() string {
	if s.tcp {
		return "--listen=127.0.0.1:0"
	}
	return "--listen=unix:" + s.Socket
}

// Fell says that dlv has ended without detaching. An adopted one cannot be asked: it removes its socket
// when it ends well. One on TCP leaves no sign: unless it said that it lets go, the worst is believed, which costs
// nothing but a look.
func (s *Server) Fell() bool {
	if s.ours {
		return s.Ended() && s.fell()
	}
	if s.tcp {
		return s.Ended() && !s.letGo
	}
	_, err := os.Lstat(s.Socket)
	return s.Ended() && err == nil
}

// LetGo notes that dlv has said it detaches.
func (s *Server) LetGo() { s.letGo = true }

// Refused says that dlv has ended because it did not attach.
func (s *Server) Refused() bool { return s.ours && s.Ended() && !s.fell() && s.exit.ExitStatus() != 0 }

// Ended says whether dlv has ended.
func (s *Server) Ended() bool {
	select {
	case <-s.Done:
		return true
	default:
		return false
	}
}

// Traces says whether dlv is the tracer: the kernel names one of its threads.
func (s *Server) Traces(tracer int) bool { return tracer != 0 && proc.OwnsThread(s.PID, tracer) }

// Wake continues a dlv that job control has stopped; otherwise it would hear nothing.
func (s *Server) Wake() {
	if stat, err := proc.ReadStat(s.PID); err == nil && stat.State == 'T' && !s.Ended() {
		syscall.Kill(s.PID, syscall.SIGCONT)
	}
}

// Signal sends a signal unless dlv has ended.
func (s *Server) Signal(signal syscall.Signal) {
	if !s.Ended() {
		syscall.Kill(s.PID, signal)
	}
}

// Said is the end of what dlv has printed.
func (s *Server) Said() string {
	file, err := os.Open(s.log)
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > tail {
		file.Seek(-tail, 2)
	}
	said := make([]byte, tail)
	n, _ := file.Read(said)
	return strings.TrimSpace(strings.ToValidUTF8(string(said[:n]), "?"))
}

func (l Launch) environment() []string {
	words := []string{"XDG_CONFIG_HOME=" + filepath.Join(l.Directory, "config")}
	if l.Env != nil {
		words = append(append(os.Environ(), words...), l.Env...)
	} else {
		home := []string{"HOME=" + l.Directory, "TMPDIR=" + l.Directory, "XDG_CACHE_HOME=" + l.Directory}
		words = append(append(words, home...), "PATH="+os.Getenv("PATH"))
	}
	if l.Memory > 0 {
		words = append(words, fmt.Sprintf("GOMEMLIMIT=%d", l.Memory))
	}
	return words
}

// silence turns Go's telemetry off where a program with this configuration directory looks
// (golang.org/x/telemetry, internal/telemetry/dir.go).
func silence(directory string) error {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "mode"), []byte("off 2026-01-01"), 0o600)
}
