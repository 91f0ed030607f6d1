package dlv

import (
	"errors"
	"syscall"
	"time"

	"remotego/agent/proc"
)

// callTime is how long functions have that a client had Delve call, callsMax how many of them one after the other.
const (
	callTime = 150 * time.Millisecond
	callsMax = 3
)

// quiets is how often Delve is made to take its own signal. Once is enough where no breakpoint is left.
const quiets = 5

var errLoose = errors.New("a SIGTRAP of Delve's is on its way to the process")

// Calmed is what Calm found and did. Paused says that the process stood still before.
type Calmed struct {
	Paused      bool
	Breakpoints int
}

// Release clears all breakpoints and lets the process run on under Delve.
// No client may be connected: Delve would never answer.
func Release(socket string, pid int, until time.Time) (Calmed, error) {
	return calm(socket, pid, until, (*Client).Continue)
}

// Detach clears all breakpoints, lets go of the process and ends the server. The same holds for clients.
func Detach(socket string, pid int, until time.Time) (Calmed, error) {
	return calm(socket, pid, until, func(client *Client) error {
		if err := outlast(client); err != nil {
			return err
		}
		if err := quiet(client, pid); err != nil {
			return err
		}
		return client.Detach()
	})
}

func calm(socket string, pid int, until time.Time, finish func(*Client) error) (Calmed, error) {
	client, err := Dial(socket, until)
	if err != nil {
		return Calmed{}, err
	}
	defer client.Close()
	calmed, err := tidy(client)
	if err != nil {
		return calmed, err
	}
	if err := quiet(client, pid); err != nil {
		return calmed, err
	}
	return calmed, finish(client)
}

func tidy(client *Client) (Calmed, error) {
	state, err := client.State()
	if err != nil {
		return Calmed{}, err
	}
	calmed := Calmed{Paused: !state.Running}
	if state.Running {
		if err := client.Halt(); err != nil {
			return calmed, err
		}
	}
	// There is a step to forget or there is not: a refusal tells the same as the state would.
	if err := client.CancelNext(); err != nil && !Refused(err) {
		return calmed, err
	}
	ids, err := client.Breakpoints()
	if err != nil {
		return calmed, err
	}
	for _, id := range ids {
		if err := client.ClearBreakpoint(id); err != nil && !Refused(err) {
			return calmed, err
		}
		calmed.Breakpoints++
	}
	return calmed, nil
}

// outlast lets functions return that a client had Delve call in the process: they return to a trap that only Delve
// understands (runtime.debugCallV2), and Delve then stops the process. A call that takes longer is not saved.
func outlast(client *Client) error {
	for calls := 0; calls < callsMax; calls++ {
		if err := client.Continue(); err != nil {
			return err
		}
		stopped, err := client.stopsWithin(callTime)
		if err != nil {
			return err
		}
		if !stopped {
			return client.Halt()
		}
	}
	return nil
}

// quiet makes a stopped process take the SIGTRAP by which Delve halts it (pkg/proc/native, requestManualStop).
// When it comes to a breakpoint at the same moment, Delve is content with that stop and the signal stays pending:
// a process that nobody traces any more would die of it.
func quiet(client *Client, pid int) error {
	for round := 0; trapPending(pid); round++ {
		if round == quiets {
			return errLoose
		}
		if err := client.Continue(); err != nil {
			return err
		}
		state, err := client.State()
		if err != nil {
			return err
		}
		if state.Running {
			if err := client.Halt(); err != nil {
				return err
			}
		}
	}
	return nil
}

func trapPending(pid int) bool {
	status, err := proc.ReadStatus(pid)
	return err == nil && status.SharedPending>>(syscall.SIGTRAP-1)&1 == 1
}
