// Command tracer attaches to the process whose number it is given, as a debugger does, and lets it go.
package main

import (
	"fmt"
	"log"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

func main() {
	log.SetFlags(0)
	pid, err := strconv.Atoi(os.Args[1])
	if err == nil {
		err = traceOnce(pid)
	}
	if err != nil {
		log.Fatalf("tracer: %v", err)
	}
	fmt.Println("traced", pid)
}

// traceOnce attaches to pid, waits until it has stopped, and detaches.
func traceOnce(pid int) error {
	runtime.LockOSThread() // ptrace(2) binds the tracee to one thread of the tracer
	if err := syscall.PtraceAttach(pid); err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	if _, err := syscall.Wait4(pid, nil, syscall.WALL, nil); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	return syscall.PtraceDetach(pid)
}
