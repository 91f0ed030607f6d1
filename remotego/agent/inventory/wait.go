package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"remotego/agent/proc"
)

const waitLook = 10 * time.Millisecond

// Expected is the input of wait: the name of a program, as its file or the kernel calls it.
type Expected struct {
	Name string `json:"name"`
}

// ParseExpected reads it; unknown words are refused.
func ParseExpected(raw []byte) (Expected, error) {
	var expected Expected
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&expected); err != nil {
		return expected, fmt.Errorf("the wish cannot be read: %w", err)
	}
	if expected.Name == "" {
		return expected, errors.New("name: the name of a program is wanted")
	}
	return expected, nil
}

// Wait tells who is called so already, {"running": [PID...]}, and then the first Go process that begins to be:
// {"process": Process}. A process that was there is expected, too, from the moment it executes another program.
// It gives up when over gets a reason.
func Wait(output io.Writer, expected Expected, over <-chan string) error {
	self, err := Ask()
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(output)
	list := inventory{self, ParseUsers(line("/etc/passwd")), Programs{}, Networks{}}
	crowd := crowd{name: expected.Name, called: map[proc.ID]bool{}, met: map[int]int{}}
	running := []int{}
	for _, one := range crowd.newcomers() {
		running = append(running, one.PID)
	}
	if err := encoder.Encode(map[string][]int{"running": running}); err != nil {
		return err
	}
	ticker := time.NewTicker(waitLook)
	defer ticker.Stop()
	for {
		select {
		case why := <-over:
			return errors.New("nobody waits any more: " + why)
		case <-ticker.C:
		}
		for _, one := range crowd.newcomers() {
			if found, ok := list.look(one.PID, false); ok {
				return encoder.Encode(map[string]Process{"process": found})
			}
			// It is just about to execute the program it is named after.
			delete(crowd.called, one)
		}
	}
}

// crowd is all processes, as far as we have met them. met counts how often a pid was looked at.
type crowd struct {
	name   string
	called map[proc.ID]bool
	met    map[int]int
}

const (
	youth = 200
	rest  = 50
)

// newcomers gives those that bear the name now and did not before. Young processes, which are about to execute their
// program, are looked at each time; others, which may execute another one, every half second: there may be thousands.
func (c *crowd) newcomers() (found []proc.ID) {
	pids, err := proc.PIDs()
	if err != nil {
		return nil
	}
	now := make(map[int]int, len(pids))
	for _, pid := range pids {
		looks := c.met[pid]
		now[pid] = looks + 1
		if looks > youth && (looks+pid)%rest != 0 {
			continue
		}
		if id, ok := c.bears(pid); ok && !c.called[id] {
			c.called[id] = true
			found = append(found, id)
		}
	}
	c.met = now
	return found
}

func (c *crowd) bears(pid int) (proc.ID, bool) {
	stat, err := proc.ReadStat(pid)
	if err != nil || stat.Ended() {
		return proc.ID{}, false
	}
	exe, _ := os.Readlink(proc.Path(pid, "exe"))
	return stat.ID, stat.Comm == c.name || filepath.Base(strings.TrimSuffix(exe, " (deleted)")) == c.name
}
