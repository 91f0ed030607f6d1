package keeper

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"remotego/goproxyd/config"
)

const (
	startWait = time.Minute
	startStep = 50 * time.Millisecond
)

// Start starts a keeper for the working directory that outlives us and our terminal, and returns when it takes orders:
// by then it listens. It gets a socket to take over, or none. Another one that is there is as good.
func Start(socket *os.File) error {
	ended, err := detach(socket)
	if err != nil {
		return err
	}
	late := time.After(startWait)
	for {
		if _, err = Tell("status"); err == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("the keeper ended at once%s", LastWords())
		case <-late:
			return fmt.Errorf("the keeper takes no orders: %w", err)
		case <-time.After(startStep):
		}
	}
}

// detach starts the process. What ends it is in the log. The channel is closed when it ends.
func detach(socket *os.File) (<-chan struct{}, error) {
	program, err := filepath.EvalSymlinks(config.Program)
	if err != nil {
		return nil, err
	}
	complaints, err := os.OpenFile(config.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer complaints.Close()
	command := exec.Command(program, "keep", ".")
	command.Env = environment()
	if socket != nil {
		command.ExtraFiles = []*os.File{socket}
		command.Env = append(command.Env, config.ListenerVariable+"=1")
	}
	command.Stderr = complaints
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait()
	}()
	return ended, nil
}

// environment is ours without what is only for us.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(one string) bool {
		return strings.HasPrefix(one, config.KeptVariable+"=") || strings.HasPrefix(one, config.ListenerVariable+"=")
	})
}
