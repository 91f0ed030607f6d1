// Package dlv starts Delve's server and speaks JSON-RPC with it.
package dlv

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"remotego/agent/endpoint"
	"remotego/agent/unixsock"
)

// Client is one connection to a Delve server (its service/rpc2, API version 2).
// After an error it must be closed: an answer may still be on its way.
type Client struct {
	conn    unixsock.Conn
	decoder *json.Decoder
	until   time.Time
	calls   int
	// continued is the request whose answer comes only when the process stops, 0 for none.
	continued int
}

const (
	runningLook = time.Millisecond
	stopLook    = 10 * time.Millisecond
)

// State is what Delve says about the process. Next says that a step is not finished.
type State struct {
	Running bool `json:"Running"`
	Exited  bool `json:"exited"`
	Next    bool `json:"NextInProgress"`
}

// Dial connects to the server at path, as endpoint.Dial has it. All calls together must end before until.
func Dial(path string, until time.Time) (*Client, error) {
	conn, err := endpoint.Dial(path, time.Until(until))
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(until); err != nil {
		conn.Close()
		return nil, err
	}
	return &Client{conn: conn, decoder: json.NewDecoder(conn), until: until}, nil
}

// Close ends the connection; a request sent just before is still carried out.
func (c *Client) Close() error { return c.conn.Close() }

// State asks without waiting for a running process to stop.
func (c *Client) State() (State, error) {
	var out struct{ State State }
	err := c.call("State", map[string]any{"NonBlocking": true}, &out)
	return out.State, err
}

// ProcessID is the process that dlv debugs.
func (c *Client) ProcessID() (int, error) {
	var out struct{ Pid int }
	err := c.call("ProcessPid", struct{}{}, &out)
	return out.Pid, err
}

// Halt stops the process. It blocks for ever while a DAP client watches a running process.
func (c *Client) Halt() error { return c.call("Command", map[string]any{"name": "halt"}, nil) }

// CancelNext forgets an unfinished step, which would stop the process again.
func (c *Client) CancelNext() error { return c.call("CancelNext", struct{}{}, nil) }

// Breakpoints lists the ids of those a client has set; Delve's own have ids below 1.
// It blocks while the process runs.
func (c *Client) Breakpoints() ([]int, error) {
	var out struct {
		Breakpoints []struct {
			ID int `json:"id"`
		}
	}
	if err := c.call("ListBreakpoints", map[string]any{"All": false}, &out); err != nil {
		return nil, err
	}
	var ids []int
	for _, breakpoint := range out.Breakpoints {
		if breakpoint.ID > 0 {
			ids = append(ids, breakpoint.ID)
		}
	}
	return ids, nil
}

// ClearBreakpoint removes one breakpoint.
func (c *Client) ClearBreakpoint(id int) error {
	return c.call("ClearBreakpoint", map[string]any{"Id": id}, nil)
}

// Continue lets the process run. It returns as soon as that is so, without waiting for the next stop: a second
// continue sent before the first has begun would lie in wait and take effect after somebody's next halt.
func (c *Client) Continue() error {
	if err := c.send("Command", map[string]any{"name": "continue"}); err != nil {
		return err
	}
	c.continued = c.calls
	for {
		state, err := c.State()
		if err != nil || state.Running || c.continued == 0 {
			return err
		}
		time.Sleep(runningLook)
	}
}

// stopsWithin says whether a running process stops by itself.
func (c *Client) stopsWithin(patience time.Duration) (bool, error) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(stopLook) {
		state, err := c.State()
		if err != nil || !state.Running {
			return err == nil, err
		}
	}
	return false, nil
}

// Detach lets go of a stopped process and ends the server.
func (c *Client) Detach() error { return c.call("Detach", map[string]any{"Kill": false}, nil) }

func (c *Client) send(method string, argument any) error {
	c.calls++
	request := map[string]any{"method": "RPCServer." + method, "params": []any{argument}, "id": c.calls}
	raw, err := json.Marshal(request)
	if err != nil {
		return err
	}
	_, err = c.conn.Write(append(raw, '\n'))
	return err
}

func (c *Client) call(method string, argument, result any) error {
	if err := c.send(method, argument); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	reply, err := c.receive()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if reply.Error != nil {
		return &Refusal{method, fmt.Sprint(reply.Error)}
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(reply.Result, result)
}

type reply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  any             `json:"error"`
}

// receive gives the answer to the last request.
func (c *Client) receive() (answer reply, err error) {
	for {
		answer = reply{}
		if err := c.decoder.Decode(&answer); err != nil {
			return answer, err
		}
		switch answer.ID {
		case c.calls:
			return answer, nil
		case c.continued:
			c.continued = 0
		default:
			return answer, fmt.Errorf("answer %d to request %d", answer.ID, c.calls)
		}
	}
}

// Refusal is Delve's answer that it will not do something; the connection is still good.
type Refusal struct{ Method, Said string }

func (r *Refusal) Error() string { return r.Method + ": " + r.Said }

// Refused says whether err is Delve's own answer rather than a broken or silent connection.
func Refused(err error) bool {
	var refusal *Refusal
	return errors.As(err, &refusal)
}
