// Command goproxyd is a Go module proxy with a cache that can be cut off from its upstreams: one static binary around
// github.com/goproxy/goproxy. It needs neither go nor a version control system where it runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"

	"remotego/goproxyd/install"
	"remotego/goproxyd/keeper"
	"remotego/goproxyd/reverse"
)

// Exit codes: exitFailed and exitLeft, of an apply that could not go back, with one line on standard error.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
	exitLeft   = 3
)

var errUsage = errors.New("usage: goproxyd serve PLACE | keep PLACE | apply PLACE | status PLACE | remove PLACE | near PLACE | far ADDRESS:PORT GREETING | version")

// subcommands by name. Each works on one place: the directory with the configuration, the cache and the log.
var subcommands = map[string]func(ctx context.Context, place string) error{
	"serve":  serve,
	"keep":   keeper.Run,
	"apply":  install.Apply,
	"status": install.Status,
	"remove": install.Remove,
	"near":   near,
}

func main() {
	signal.Ignore(syscall.SIGPIPE, syscall.SIGHUP) // the log may go before us, and so may the terminal
	syscall.Umask(0o077)
	keepToOurselves()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := run(ctx, os.Args[1:])
	switch {
	case err == nil:
		os.Exit(exitFine)
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitUsage)
	}
	fmt.Fprintln(os.Stderr, "goproxyd:", err)
	if errors.Is(err, install.ErrLeft) {
		os.Exit(exitLeft)
	}
	os.Exit(exitFailed)
}

func run(ctx context.Context, words []string) error {
	if len(words) == 1 && words[0] == "version" {
		return version()
	}
	if len(words) == 3 && words[0] == "far" {
		return reverse.Far(ctx, words[1], words[2])
	}
	if len(words) != 2 || subcommands[words[0]] == nil {
		return errUsage
	}
	return subcommands[words[0]](ctx, words[1])
}

// keepToOurselves has no program that we start hold what we were given open: whoever started us waits for its end.
func keepToOurselves() {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, one := range open {
		if number, err := strconv.Atoi(one.Name()); err == nil && number > 2 {
			syscall.CloseOnExec(number)
		}
	}
}

// version tells what this was built from: the library decides how the proxy answers.
func version() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program does not know what it was built from")
	}
	fmt.Println("goproxyd", info.GoVersion)
	for _, module := range info.Deps {
		fmt.Println(module.Path, module.Version, module.Sum)
	}
	return nil
}
