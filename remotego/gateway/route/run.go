package route

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

const (
	headTime  = 10 * time.Second
	idleTime  = 120 * time.Second
	lastTime  = 3 * time.Second
	sweepTime = 5 * time.Second
)

// Run serves until its input ends: whoever has started it is gone then.
func Run(line []byte, input *bufio.Reader, out io.Writer) error {
	order, err := ParseOrder(line)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", order.Port))
	if err != nil {
		return err
	}
	told := newTeller(out)
	routed := newRouter(order, told.tell)
	server := &http.Server{
		Handler:           routed,
		ConnContext:       routed.begin,
		ConnState:         routed.change,
		ReadHeaderTimeout: headTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    mostHeader,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	told.tell(map[string]map[string]int{"up": {"port": listener.Addr().(*net.TCPAddr).Port}})
	go func() { ended <- routed.obey(input) }()
	go routed.watch()
	err = <-ended
	ctx, cancel := context.WithTimeout(context.Background(), lastTime)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// obey does what further lines of input say.
func (r *router) obey(input *bufio.Reader) error {
	for {
		line, err := input.ReadSlice('\n')
		if err != nil {
			return err
		}
		var command Command
		if err := strictly(line, &command); err != nil {
			return fmt.Errorf("this is no command: %w", err)
		}
		if command.Current == nil {
			continue
		}
		if err := r.order.knows(*command.Current); err != nil {
			return err
		}
		r.pins.turn(*command.Current)
		r.tell(map[string]map[string]any{"turned": {"current": *command.Current, "others": r.pins.count()}})
	}
}

// watch tells when the last command that was bound to another upstream has ended.
func (r *router) watch() {
	before := 0
	for range time.Tick(sweepTime) {
		now := r.pins.count()
		if now != before {
			r.tell(map[string]map[string]int{"bound": {"others": now}})
		}
		before = now
	}
}

// teller writes events. Whoever does not read them does not hold up requests: they are dropped then.
type teller struct {
	waiting chan any
}

const mostWaiting = 1024

func newTeller(out io.Writer) *teller {
	told := &teller{waiting: make(chan any, mostWaiting)}
	encoder := json.NewEncoder(out)
	go func() {
		for event := range told.waiting {
			if encoder.Encode(event) != nil {
				return
			}
		}
	}()
	return told
}

func (t *teller) tell(event any) {
	select {
	case t.waiting <- event:
	default:
	}
}
