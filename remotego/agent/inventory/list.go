// Package inventory lists the Go processes of this machine, and says of each whether it can be debugged.
package inventory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"remotego/agent/proc"
)

// Wish is the input of ps. All lists processes, too, whose program may not be read.
type Wish struct {
	All bool `json:"all"`
}

// ParseWish reads it; unknown words are refused.
func ParseWish(raw []byte) (Wish, error) {
	var wish Wish
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wish); err != nil {
		return wish, fmt.Errorf("the wish cannot be read: %w", err)
	}
	return wish, nil
}

// Done is the last line. Looked counts processes; CPUS is the time all of it took.
type Done struct {
	Listed int     `json:"listed"`
	Looked int     `json:"looked"`
	CPUS   float64 `json:"cpu_s"`
	WallS  float64 `json:"wall_s"`
}

// Write lists: one line {"self": Self}, a line {"process": Process} each, and {"done": Done} last:
// without it the list is not complete.
func Write(output io.Writer, wish Wish) error {
	began := time.Now()
	self, err := Ask()
	if err != nil {
		return err
	}
	pids, err := proc.PIDs()
	if err != nil {
		return err
	}
	buffer := bufio.NewWriter(output)
	encoder := json.NewEncoder(buffer)
	if err := encoder.Encode(map[string]Self{"self": self}); err != nil {
		return err
	}
	list := inventory{self, ParseUsers(line("/etc/passwd")), Programs{}, Networks{}}
	done := Done{Looked: len(pids)}
	for _, pid := range pids {
		found, ok := list.look(pid, wish.All)
		if !ok || pid == os.Getpid() {
			continue
		}
		done.Listed++
		if err := encoder.Encode(map[string]Process{"process": found}); err != nil {
			return err
		}
	}
	done.CPUS, done.WallS = used(), time.Since(began).Seconds()
	if err := encoder.Encode(map[string]Done{"done": done}); err != nil {
		return err
	}
	return buffer.Flush()
}

func used() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
