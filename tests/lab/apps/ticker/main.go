// Command ticker is a sample service: it counts, about ten times a second, and lets others see the count.
//
// TICKER_STATE_DIR names a directory for <pid>.json, replaced at each tick. TICKER_LISTEN, a loopback
// address, answers each connection with the same JSON. TICKER_TRACEABLE=1 lets any process of the same
// user attach where Yama's ptrace_scope is 1.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"remotego.test/ticker/pace"
)

const period = 100 * time.Millisecond

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatalf("ticker: %v", err)
	}
}

func run() error {
	if os.Getenv("TICKER_TRACEABLE") == "1" {
		if err := allowTracing(); err != nil {
			return fmt.Errorf("let others attach: %w", err)
		}
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	service := newService(filepath.Base(os.Args[0]), host)
	board, err := newBoard(os.Getenv("TICKER_STATE_DIR"), os.Getenv("TICKER_LISTEN"))
	if err != nil {
		return err
	}
	for range time.Tick(period) {
		count := service.tick()
		if err := board.show(service); err != nil {
			return err
		}
		if count == 1 {
			log.Printf("%s ticks", service.Name)
		}
	}
	return nil
}

// tick moves the counter once and remembers the last few values.
//
//go:noinline
func (s *Service) tick() int {
	before := s.Count
	s.Count = pace.Next(before, s.Step) // breakpoint here
	s.Recent = append(s.Recent, s.Count)
	if len(s.Recent) > 4 {
		s.Recent = s.Recent[1:]
	}
	return s.Count
}
