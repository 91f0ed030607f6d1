// Package upstream asks other proxies, and remembers for each request what they answered: goproxy turns many kinds of
// failure into 404, and cmd/go takes 404 as leave to go round us.
package upstream

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

type key struct{}

// Ledger is what upstreams said for one request of a client: the last status, and the last failure. One that answers
// does not make up for one that failed: cmd/go, too, lets a failure outweigh a 404 (modfetch, TryProxies).
type Ledger struct {
	mu     sync.Mutex
	asked  bool
	status int
	err    error
}

// With gives a context whose requests are entered in a new ledger.
func With(ctx context.Context) (context.Context, *Ledger) {
	ledger := &Ledger{}
	return context.WithValue(ctx, key{}, ledger), ledger
}

// enter is called with each answer; requests that belong to no client have no ledger.
func enter(ctx context.Context, status int, err error) {
	if ledger, ok := ctx.Value(key{}).(*Ledger); ok {
		ledger.mu.Lock()
		defer ledger.mu.Unlock()
		ledger.asked = true
		if err != nil {
			ledger.err = err
		} else {
			ledger.status = status
		}
	}
}

// Status corrects a 404 that goproxy is about to give. Nothing but upstreams' own 404 or 410 says that a module is
// absent, and that of one says nothing about another that could not be asked. What was refused without asking stays as
// it is.
func (ledger *Ledger) Status() int {
	ledger.mu.Lock()
	defer ledger.mu.Unlock()
	var timeout net.Error
	switch {
	case !ledger.asked:
		return http.StatusNotFound
	case errors.Is(ledger.err, ErrOffline):
		return http.StatusServiceUnavailable
	case errors.As(ledger.err, &timeout) && timeout.Timeout():
		return http.StatusGatewayTimeout
	case ledger.absent():
		return ledger.status
	}
	return http.StatusBadGateway
}

// Cause is why an upstream, the last of those that failed, gave nothing; nil if all answered.
func (ledger *Ledger) Cause() error {
	ledger.mu.Lock()
	defer ledger.mu.Unlock()
	return ledger.err
}

// Absent says that upstreams were asked, and have no such thing.
func (ledger *Ledger) Absent() bool {
	ledger.mu.Lock()
	defer ledger.mu.Unlock()
	return ledger.absent()
}

func (ledger *Ledger) absent() bool {
	return ledger.err == nil && (ledger.status == http.StatusNotFound || ledger.status == http.StatusGone)
}
