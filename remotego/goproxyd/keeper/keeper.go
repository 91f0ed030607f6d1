// Package keeper keeps a server running: it holds the socket, starts the server anew when it dies, and puts another one
// in its place without losing a connection. Clients that come in between wait in the socket's queue.
package keeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"remotego/goproxyd/config"
)

const (
	// healthWait is how long a new server may take until it answers.
	healthWait = time.Minute

	// stopWait is how long downloads may take when the keeper itself is told to end.
	stopWait = 10 * time.Second

	firstPause, longestPause = 100 * time.Millisecond, 5 * time.Second
	settled                  = 10 * time.Second
)

// Keeper looks after one place. Its methods are called by one goroutine, that of Run.
type Keeper struct {
	log      *slog.Logger
	sink     *os.File // the servers' standard error
	listener *net.TCPListener
	listen   string
	lifeline *os.File // closed by the kernel when we die
	pipe     *os.File
	serving  *worker
	exits    chan *worker
	draining map[*worker]bool
}

type worker struct {
	command *exec.Cmd
	begun   time.Time
}

// Run keeps a server until ctx ends. The working directory becomes the place: names of sockets are short ones then.
func Run(ctx context.Context, place string) error {
	if err := os.Chdir(place); err != nil {
		return err
	}
	lock, err := TakeLock()
	if err != nil {
		return err
	}
	defer lock.Close()
	keeper, err := begin()
	if err != nil {
		return err
	}
	defer keeper.end()
	orders, err := takeOrders(ctx)
	if err != nil {
		return err
	}
	defer os.Remove(config.Socket)
	pause := firstPause
	var restart <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case order := <-orders:
			stop := keeper.obey(order)
			if stop {
				return nil
			}
		case gone := <-keeper.exits:
			if keeper.draining[gone] {
				delete(keeper.draining, gone)
				continue
			}
			if time.Since(gone.begun) > settled {
				pause = firstPause
			}
			keeper.log.Warn("the server has ended and is started anew", "state", gone.command.ProcessState, "in", pause)
			keeper.serving, restart = nil, time.After(pause)
			pause = min(2*pause, longestPause)
		case <-restart:
			if keeper.serving == nil {
				if keeper.serving, err = keeper.start(keeper.listener); errors.Is(err, os.ErrNotExist) {
					return err // there is nothing left to serve
				} else if err != nil {
					keeper.log.Error("cannot start the server", "cause", err)
					restart = time.After(pause)
				}
			}
		}
	}
}

// TakeLock makes sure that there is one keeper. One that has just been killed may hold it for a moment yet.
func TakeLock() (*os.File, error) {
	lock, err := os.OpenFile(config.Lock, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for tries := 0; ; tries++ {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return lock, nil
		}
		if tries == 20 {
			lock.Close()
			return nil, errors.New("another keeper looks after this place")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func begin() (*Keeper, error) {
	sweep()
	conf, err := config.Load(".")
	if err != nil {
		return nil, err
	}
	listener, err := firstListener(conf.Listen)
	if err != nil {
		return nil, err
	}
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	sink, err := openLog()
	if err != nil {
		return nil, err
	}
	keeper := &Keeper{
		log: slog.New(slog.NewTextHandler(sink, nil)).With("keeper", os.Getpid()), sink: sink,
		listener: listener, listen: conf.Listen, lifeline: writing, pipe: reading,
		exits: make(chan *worker), draining: map[*worker]bool{},
	}
	keeper.serving, err = keeper.start(listener)
	return keeper, err
}

// sweep removes sockets of servers that were killed.
func sweep() {
	found, _ := filepath.Glob(config.HealthSocketPattern) // the pattern is a good one
	for _, name := range found {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Ext(name), "."))
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			os.Remove(name)
		}
	}
}

// firstListener takes over the socket of a server whose keeper has died, if that is who started us.
func firstListener(address string) (*net.TCPListener, error) {
	if os.Getenv(config.ListenerVariable) != "" {
		file := os.NewFile(config.ListenerFile, "listener")
		defer file.Close()
		if inherited, err := net.FileListener(file); err == nil && inherited.Addr().String() == address {
			return inherited.(*net.TCPListener), nil
		}
	}
	return listenOn(address)
}

func listenOn(address string) (*net.TCPListener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return listener.(*net.TCPListener), nil
}

// start runs the program of the place. It is not waited for until it answers.
func (keeper *Keeper) start(listener *net.TCPListener) (*worker, error) {
	socket, err := Shared(listener)
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	program, err := filepath.EvalSymlinks(config.Program)
	if err != nil {
		return nil, err
	}
	command := exec.Command(program, "serve", ".")
	command.Env = append(environment(), config.KeptVariable+"=1")
	command.ExtraFiles = []*os.File{socket, keeper.pipe}
	command.Stdout, command.Stderr = keeper.sink, keeper.sink
	if err := command.Start(); err != nil {
		return nil, err
	}
	made := &worker{command, time.Now()}
	go func() {
		_ = command.Wait()
		keeper.exits <- made
	}()
	return made, nil
}

// replace starts a server by the configuration and program that the place has now. The one before goes on until the
// new one answers; if that does not, nothing has changed.
func (keeper *Keeper) replace() error {
	conf, err := config.Load(".")
	if err != nil {
		return err
	}
	listener := keeper.listener
	if conf.Listen != keeper.listen {
		if listener, err = listenOn(conf.Listen); err != nil {
			return err
		}
	}
	next, err := keeper.start(listener)
	if err == nil {
		err = keeper.await(next)
	}
	if err != nil {
		if next != nil && next.command.ProcessState == nil {
			keeper.retire(next, syscall.SIGKILL)
		}
		if listener != keeper.listener {
			listener.Close()
		}
		return err
	}
	if keeper.serving != nil {
		keeper.retire(keeper.serving, syscall.SIGTERM)
	}
	if listener != keeper.listener {
		keeper.listener.Close()
	}
	keeper.serving, keeper.listener, keeper.listen = next, listener, conf.Listen
	keeper.log.Info("another server has taken over", "server", next.command.Process.Pid)
	return nil
}

func (keeper *Keeper) retire(old *worker, signal syscall.Signal) {
	keeper.draining[old] = true
	_ = old.command.Process.Signal(signal) // it may have ended by itself
}

// await returns when a new server answers on its own socket; an early end of it is an error at once.
func (keeper *Keeper) await(next *worker) error {
	end := time.Now().Add(healthWait)
	for time.Now().Before(end) {
		if Healthy(next.command.Process.Pid) {
			return nil
		}
		select {
		case gone := <-keeper.exits:
			if gone == next {
				return fmt.Errorf("the new server ended at once: %v%s", gone.command.ProcessState, LastWords())
			}
			if keeper.draining[gone] {
				delete(keeper.draining, gone)
			} else {
				keeper.serving = nil
			}
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("the new server did not answer within %v%s", healthWait, LastWords())
}

// end has downloads a moment to come to their end.
func (keeper *Keeper) end() {
	if keeper.serving != nil {
		keeper.retire(keeper.serving, syscall.SIGTERM)
	}
	for one := range keeper.draining {
		_ = one.command.Process.Signal(syscall.SIGTERM)
	}
	late := time.After(stopWait)
	for len(keeper.draining) > 0 {
		select {
		case gone := <-keeper.exits:
			delete(keeper.draining, gone)
		case <-late:
			for one := range keeper.draining {
				_ = one.command.Process.Kill()
			}
		}
	}
}
