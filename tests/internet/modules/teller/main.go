// Command teller is a service of the company: it ticks ten times a second, by a private module and public ones.
//
// TELLER_STATE_DIR names a directory for <pid>.json, replaced at each tick.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"corp.example/clock"
	"greet.example/words"
	"pace.example/step/v2"
)

const period = 100 * time.Millisecond

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "teller:", err)
		os.Exit(1)
	}
}

func run() error {
	if err := allowTracing(); err != nil {
		return fmt.Errorf("let others attach: %w", err)
	}
	fmt.Println("clock", clock.Version, "step", step.Version, "words", words.Version)
	if len(os.Args) > 1 && os.Args[1] == "once" {
		return nil
	}
	file := filepath.Join(os.Getenv("TELLER_STATE_DIR"), strconv.Itoa(os.Getpid())+".json")
	ours := clock.New()
	for range time.Tick(period) {
		if err := show(file, ours, tell(ours)); err != nil {
			return err
		}
	}
	return nil
}

// tell lets the clock tick.
//
//go:noinline
func tell(ours *clock.Clock) int {
	count := ours.Tick() // breakpoint in main
	return count
}

// show replaces what others see.
func show(file string, ours *clock.Clock, count int) error {
	text := fmt.Sprintf(`{"Count": %d, "Said": %q}`, count, ours.Said)
	if err := os.WriteFile(file+".new", []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
