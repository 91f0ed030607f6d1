// Command agent is remotego's helper on a target: it lists Go processes (ps), keeps a debug session
// (guard) and leads to it (relay). It speaks JSON over its standard streams and listens on no network.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"remotego/agent/credential"
	"remotego/agent/inventory"
	"remotego/agent/lease"
	"remotego/agent/relay"
	"remotego/agent/session"
)

const (
	orderLimit = 1 << 20
	orderTime  = 30 * time.Second
	lastWord   = time.Second
	waitLease  = 30 * time.Second
)

// protocol is counted up with every change of PROTOCOL.md that a controller could notice.
const protocol = 1

// Exit codes: exitFailed with one JSON object {"error": TEXT} on standard error.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
)

var errUsage = errors.New("usage: agent ps | agent wait | agent guard | agent relay SOCKET|tcp:ADDRESS:PORT [GREETING] | " +
	"agent credential serve|goauth [URL]|git get|git store|git erase | agent version")

func main() {
	// dlv inherits both: a hang-up that reaches it would make it die without detaching.
	signal.Ignore(syscall.SIGPIPE, syscall.SIGHUP)
	syscall.Umask(0o077)
	if len(os.Args) > 2 && os.Args[1] == "credential" && os.Args[2] != "serve" {
		os.Exit(answer(os.Args[2:]))
	}
	err := run(os.Args[1:])
	switch {
	case err == nil:
		os.Exit(exitFine)
	case errors.Is(err, errUsage):
		complain(err)
		os.Exit(exitUsage)
	default:
		complain(err)
		os.Exit(exitFailed)
	}
}

func run(words []string) error {
	switch {
	case len(words) == 1 && words[0] == "ps":
		return list()
	case len(words) == 1 && words[0] == "wait":
		return wait()
	case len(words) == 1 && words[0] == "guard":
		return guard()
	case len(words) == 1 && words[0] == "version":
		return version()
	case len(words) == 2 && words[0] == "credential" && words[1] == "serve":
		return lend()
	case len(words) == 2 && words[0] == "relay":
		return relay.Run(words[1], "", os.Stdin, os.Stdout)
	case len(words) == 3 && words[0] == "relay":
		return relay.Run(words[1], words[2], os.Stdin, os.Stdout)
	default:
		return errUsage
	}
}

func list() error {
	line, err := order(bufio.NewReader(os.Stdin))
	if err != nil {
		return err
	}
	wish, err := inventory.ParseWish(line)
	if err != nil {
		return err
	}
	return inventory.Write(os.Stdout, wish)
}

func wait() error {
	input := bufio.NewReader(os.Stdin)
	line, err := order(input)
	if err != nil {
		return err
	}
	expected, err := inventory.ParseExpected(line)
	if err != nil {
		return err
	}
	held := lease.New(lease.Terms{Term: waitLease})
	go held.Listen(input)
	return inventory.Wait(os.Stdout, expected, held.Over)
}

// version proves that the agent can be executed here.
func version() error {
	return json.NewEncoder(os.Stdout).Encode(map[string]int{"protocol": protocol})
}

func guard() error {
	input := bufio.NewReader(os.Stdin)
	line, err := order(input)
	if err != nil {
		return err
	}
	wish, err := session.ParseOrder(line)
	if err != nil {
		return err
	}
	if err := session.Adopt(); err != nil {
		return err
	}
	events := session.NewEvents(os.Stdout)
	events.Tell(session.Guard(wish, input, events))
	events.Close(lastWord)
	return nil
}

// answer is what git and go start: their user reads what goes wrong, so it is no JSON.
func answer(words []string) int {
	err := errUsage
	switch {
	case words[0] == "goauth" && len(words) <= 2:
		err = credential.Goauth(strings.Join(words[1:], ""), os.Stdout)
	case words[0] == "git" && len(words) == 2:
		err = credential.Git(words[1], os.Stdin, os.Stdout)
	}
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errUsage):
		complain(err)
		return exitUsage
	}
	fmt.Fprintln(os.Stderr, credential.Fail(err))
	return exitFailed
}

// lend serves git and go of this login with a controller's credentials.
func lend() error {
	input := bufio.NewReader(os.Stdin)
	line, err := order(input)
	if err != nil {
		return err
	}
	wish, err := credential.ParseOrder(line)
	if err != nil {
		return err
	}
	return credential.Serve(wish, input, os.Stdout)
}

// order waits for the first line of input, but not for ever: whoever started us may be gone.
func order(input *bufio.Reader) ([]byte, error) {
	type answer struct {
		line []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := lease.Line(input, orderLimit)
		answers <- answer{line, err}
	}()
	select {
	case got := <-answers:
		if got.err != nil {
			return nil, fmt.Errorf("one JSON object is wanted on the first line of standard input: %w", got.err)
		}
		return got.line, nil
	case <-time.After(orderTime):
		return nil, fmt.Errorf("no line on standard input for %v", orderTime)
	}
}

func complain(err error) {
	_ = json.NewEncoder(os.Stderr).Encode(map[string]string{"error": err.Error()})
}
