// Command gateway stands between go and its module proxies, with go's own HTTP, TLS and proxy rules: it asks
// proxies for known things (probe) and leads go to one of them behind a constant URL (route). JSON in and out.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"remotego/gateway/probe"
	"remotego/gateway/route"
)

const orderLimit = 1 << 20

// protocol is counted up with every change of PROTOCOL.md that a controller could notice.
const protocol = 2

// Exit codes: exitFailed with one JSON object {"error": TEXT} on standard error.
const (
	exitFailed = 1
	exitUsage  = 2
)

var errUsage = errors.New("usage: gateway probe | gateway route | gateway version")

func main() {
	err := run(os.Args[1:])
	if err == nil {
		return
	}
	_ = json.NewEncoder(os.Stderr).Encode(map[string]string{"error": err.Error()})
	if errors.Is(err, errUsage) {
		os.Exit(exitUsage)
	}
	os.Exit(exitFailed)
}

func run(words []string) error {
	if len(words) != 1 {
		return errUsage
	}
	switch words[0] {
	case "probe":
		line, _, err := order()
		if err != nil {
			return err
		}
		return probe.Run(line, os.Stdout)
	case "route":
		line, rest, err := order()
		if err != nil {
			return err
		}
		return route.Run(line, rest, os.Stdout)
	case "version":
		return json.NewEncoder(os.Stdout).Encode(map[string]int{"protocol": protocol})
	default:
		return errUsage
	}
}

// order reads the first line of input, and gives what stands behind it.
func order() ([]byte, *bufio.Reader, error) {
	input := bufio.NewReaderSize(os.Stdin, orderLimit)
	line, err := input.ReadSlice('\n')
	if err != nil && !(errors.Is(err, io.EOF) && len(line) > 0) {
		return nil, nil, fmt.Errorf("one JSON object is wanted on the first line of standard input: %w", err)
	}
	return append([]byte(nil), line...), input, nil
}
