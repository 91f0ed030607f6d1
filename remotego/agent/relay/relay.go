// Package relay joins standard input and output to a socket: the way to a session where the target's
// sshd forwards nothing, and to a target where a jump host's does not.
package relay

import (
	"fmt"
	"io"
	"time"

	"remotego/agent/endpoint"
)

const (
	dialTime = 10 * time.Second
	// lastWords is how long an answer may take after input has ended.
	lastWords = 30 * time.Second
)

// Run carries bytes until the socket's side has ended, or 30 s after ours has.
// The end of input is passed on as a half-close, so that the last answer still arrives.
// where is as in endpoint.Dial. greeting, unless "", is written as a line as soon as the connection stands.
func Run(where, greeting string, input io.Reader, output io.Writer) error {
	conn, err := endpoint.Dial(where, dialTime)
	if err != nil {
		return err
	}
	defer conn.Close()
	if greeting != "" {
		if _, err := io.WriteString(output, greeting+"\n"); err != nil {
			return err
		}
	}
	answered := make(chan error, 1)
	sent := make(chan error, 1)
	go func() { answered <- carry("to standard output", output, conn) }()
	go func() {
		err := carry("to the socket", conn, input)
		conn.CloseWrite()
		sent <- err
	}()
	var late <-chan time.Time
	for {
		select {
		case err := <-answered:
			return err
		case <-sent:
			// Why sending failed, if it did, is told better by what the socket's side answers.
			late, sent = time.After(lastWords), nil
		case <-late:
			return fmt.Errorf("no end from %s %v after ours", where, lastWords)
		}
	}
}

func carry(whither string, to io.Writer, from io.Reader) error {
	if _, err := io.Copy(to, from); err != nil {
		return fmt.Errorf("%s: %w", whither, err)
	}
	return nil
}
