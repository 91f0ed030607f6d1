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
	Socket string
	Done   chan struct{}
	exit   syscall.WaitStatus
	ours   bool
	log    string
}

const adoptedLook = 20 * time.Millisecond

func at(directory string) *Server {
	return &Server{
		Socket: filepath.Join(directory, "dlv.sock"),
		Done:   make(chan struct{}),
		log:    filepath.Join(directory, "log"),
	}
}

// Adopt takes over a dlv that another guard started in directory and that now has none.
func Adopt(id proc.ID, directory string) *Server {
	server := at(directory)
	server.ID = id
	go func() {
		for id.Lives() {
			time.Sleep(adoptedLook)
		}
		close(server.Done)
	}()
	return server
}

// Start runs dlv in directory, listening on a socket there. It leads a session of its own, so that no
// signal meant for us reaches it, and it outlives us. Its files, telemetry included (off), stay in directory.
// memory is its soft limit in bytes, 0 for none. fallen is called as soon as dlv dies by other means than exit.
func Start(argv []string, directory string, memory int64, fallen func()) (*Server, error) {
	server := at(directory)
	server.ours = true
	if err := silence(filepath.Join(directory, "config", "go", "telemetry")); err != nil {
		return nil, err
	}
	process, err := server.spawn(argv, directory, memory)
	if err != nil {
		return nil, err
	}
	stat, err := proc.ReadStat(process.Pid)
	server.ID = proc.ID{PID: process.Pid, Start: stat.Start}
	go server.reap(process, fallen)
	return server, err
}

func (s *Server) spawn(argv []string, directory string, memory int64) (*os.Process, error) {
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
	words := append(append([]string{}, argv...), "--listen=unix:"+s.Socket)
	return os.StartProcess(argv[0], words, &os.ProcAttr{
		Dir:   directory,
		Env:   environment(directory, memory),
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

// Fell says that dlv has ended without detaching. An adopted one cannot be asked: it removes its socket
// when it ends well.
func (s *Server) Fell() bool {
	if s.ours {
		return s.Ended() && s.fell()
	}
	_, err := os.Lstat(s.Socket)
	return s.Ended() && err == nil
}

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

func environment(directory string, memory int64) []string {
	words := []string{
		"HOME=" + directory,
		"TMPDIR=" + directory,
		"XDG_CACHE_HOME=" + directory,
		"XDG_CONFIG_HOME=" + filepath.Join(directory, "config"),
		"PATH=" + os.Getenv("PATH"),
	}
	if memory > 0 {
		words = append(words, fmt.Sprintf("GOMEMLIMIT=%d", memory))
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
