package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
)

// board shows the service's state to others: in a file, on a port, or both.
type board struct {
	file string
	last atomic.Pointer[[]byte]
}

// newBoard keeps its file in folder and listens on address; an empty string leaves that part out.
func newBoard(folder, address string) (*board, error) {
	shown := &board{}
	shown.last.Store(new([]byte))
	if folder != "" {
		shown.file = filepath.Join(folder, strconv.Itoa(os.Getpid())+".json")
	}
	if address == "" {
		return shown, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	go shown.answer(listener)
	return shown, nil
}

func (b *board) answer(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Write(*b.last.Load())
		_ = conn.Close()
	}
}

// show replaces what others see by the state of service.
func (b *board) show(service *Service) error {
	text, err := json.Marshal(struct {
		PID int
		*Service
	}{os.Getpid(), service})
	if err != nil {
		return err
	}
	b.last.Store(&text)
	if b.file == "" {
		return nil
	}
	fresh := b.file + ".new"
	if err := os.WriteFile(fresh, text, 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, b.file)
}
