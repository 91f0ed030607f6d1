package dlv

import "time"

// Calmed is what Calm found and did. Paused says that the process stood still before.
type Calmed struct {
	Paused      bool
	Breakpoints int
}

// Release clears all breakpoints and lets the process run on under Delve.
// No client may be connected: Delve would never answer.
func Release(socket string, until time.Time) (Calmed, error) {
	return calm(socket, until, (*Client).Continue)
}

// Detach clears all breakpoints, lets go of the process and ends the server. The same holds for clients.
func Detach(socket string, until time.Time) (Calmed, error) {
	return calm(socket, until, (*Client).Detach)
}

func calm(socket string, until time.Time, finish func(*Client) error) (Calmed, error) {
	client, err := Dial(socket, until)
	if err != nil {
		return Calmed{}, err
	}
	defer client.Close()
	calmed, err := tidy(client)
	if err != nil {
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
