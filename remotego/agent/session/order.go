// Package session keeps one dlv on a process for as long as somebody holds a lease,
// and leaves the process as it was, whoever dies first.
package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"remotego/agent/proc"
	"remotego/agent/unixsock"
)

// Order is what a controller wants: the first line of the guard's input.
//
// Dlv is dlv's command line without --listen, an absolute path first. Directory is the session's own,
// which must not exist yet while its parent must. Record is copied into session.json.
// Adopt, instead of Dlv, names a dlv whose guard has died: its session in Directory is taken over.
// Hold keeps a paused process paused when its last client goes. Keep makes the session outlive its
// controller. Note is a file that gets the last word, and the record beside it; "" for none. MemLimit is dlv's soft limit in bytes.
// Standby is for a guard's second one, which adopts when its input ends.
// Exec is for a dlv that starts the program itself: PID and Start are not known yet. Core is for one that opens a core
// file: there is no process.
// TCP makes dlv listen on a port of 127.0.0.1 instead of a socket: for targets that forward to nothing else.
// Times are in seconds: LeaseS 10, StartS 120, MaxPauseS 0 (for ever) unless set.
type Order struct {
	Dlv       []string                   `json:"dlv"`
	Adopt     *proc.ID                   `json:"adopt"`
	PID       int                        `json:"pid"`
	Start     uint64                     `json:"start"`
	Directory string                     `json:"directory"`
	Record    map[string]json.RawMessage `json:"record"`
	Note      string                     `json:"note"`
	LeaseS    float64                    `json:"lease_s"`
	StartS    float64                    `json:"start_s"`
	MaxPauseS float64                    `json:"max_pause_s"`
	MemLimit  int64                      `json:"mem_limit"`
	Hold      bool                       `json:"hold"`
	Keep      bool                       `json:"keep"`
	Standby   bool                       `json:"standby"`
	TCP       bool                       `json:"tcp"`
	Exec      *Exec                      `json:"exec"`
	Core      bool                       `json:"core"`
}

// Exec is what a program gets besides its command line, which is dlv's: Env on top of our own, KEY=VALUE each.
type Exec struct {
	Env []string `json:"env"`
}

// ParseOrder reads and checks an order. Unknown words are refused: they would be wishes not granted.
func ParseOrder(line []byte) (Order, error) {
	order := Order{LeaseS: 10, StartS: 120}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&order); err != nil {
		return order, fmt.Errorf("the order cannot be read: %w", err)
	}
	return order, order.check()
}

func (o Order) check() error {
	switch {
	case (o.Adopt == nil) == (len(o.Dlv) == 0):
		return errors.New("dlv or adopt: one of them is wanted")
	case o.Adopt == nil && (len(o.Dlv) < 2 || !filepath.IsAbs(o.Dlv[0])):
		return errors.New("dlv: an absolute path is wanted first, and a subcommand")
	case o.Core && o.Exec != nil:
		return errors.New("exec, core: one of them at most")
	case (o.attaches() || o.Adopt != nil && !o.Core) && (o.PID <= 0 || o.Start == 0):
		return errors.New("pid and start: both are wanted")
	case !filepath.IsAbs(o.Directory) || filepath.Clean(o.Directory) != o.Directory:
		return errors.New("directory: a clean absolute path is wanted")
	case len(o.socket()) > unixsock.PathLimit || len(o.control()) > unixsock.PathLimit:
		return fmt.Errorf("directory: %s is too long for a unix socket (%d bytes at most)", o.socket(), unixsock.PathLimit)
	case o.LeaseS < 0.1 || o.StartS < 0.1 || o.MaxPauseS < 0:
		return errors.New("lease_s, start_s: 0.1 at least; max_pause_s: 0 or more")
	case o.Note != "" && !filepath.IsAbs(o.Note):
		return errors.New("note: an absolute path is wanted")
	}
	return nil
}

func (o Order) process() proc.ID { return proc.ID{PID: o.PID, Start: o.Start} }

func (o Order) attaches() bool { return o.Exec == nil && !o.Core }

// kind is what dlv was started for, in the words of its own subcommands.
func (o Order) kind() string {
	switch {
	case o.Exec != nil:
		return "exec"
	case o.Core:
		return "core"
	}
	return "attach"
}

func (o Order) socket() string { return filepath.Join(o.Directory, "session.sock") }

func (o Order) control() string { return filepath.Join(o.Directory, "control.sock") }

// entrance is the socket clients come in by, "" where they come to dlv's port.
func (o Order) entrance() string {
	if o.TCP {
		return ""
	}
	return o.socket()
}

func (o Order) record() string { return filepath.Join(o.Directory, "session.json") }

func (o Order) stopFile() string { return filepath.Join(o.Directory, "stop") }

func (o Order) maxPause() time.Duration { return seconds(o.MaxPauseS) }

func seconds(value float64) time.Duration { return time.Duration(value * float64(time.Second)) }
