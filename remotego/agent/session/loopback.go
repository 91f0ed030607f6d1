package session

import (
	"time"

	"remotego/agent/dlv"
	"remotego/agent/proc"
)

const countEvery = 100 * time.Millisecond

// Entrance is where clients come in, and how many are there.
type Entrance interface {
	// News gets who is there after every change; the latest is enough.
	News() <-chan Presence
	// Alone runs do while no new client is let in; those who are in already are told to it.
	Alone(do func(Presence))
	// Empty sends everybody away and waits for dlv to see it; false when it does not within patience.
	Empty(patience time.Duration) bool
	// Shut lets nobody in any more.
	Shut()
}

// Loopback is the entrance of a dlv that listens on a port of 127.0.0.1 itself. Nothing of ours stands between it
// and its clients: they are counted in the kernel's table, nobody can be kept out, and dlv turns other users away.
type Loopback struct {
	dlv   *dlv.Server
	news  chan Presence
	ended chan struct{}
}

// OpenLoopback begins to count the clients of server, whose port is known.
func OpenLoopback(server *dlv.Server) *Loopback {
	l := &Loopback{server, make(chan Presence, 1), make(chan struct{})}
	go l.count()
	return l
}

// News gets who is there after every change.
func (l *Loopback) News() <-chan Presence { return l.news }

// Alone runs do. Who comes in meanwhile is served by dlv after it.
func (l *Loopback) Alone(do func(Presence)) {
	calls, _ := l.dlv.Calls()
	do(Presence{Inside: len(calls)})
}

// Empty hangs up on every client at dlv's end.
func (l *Loopback) Empty(patience time.Duration) bool {
	for end := time.Now().Add(patience); ; time.Sleep(readyLook) {
		calls, err := l.dlv.Calls()
		if err != nil || len(calls) == 0 {
			return err == nil
		}
		if time.Now().After(end) || l.dlv.HangUp(calls) != nil {
			return false
		}
	}
}

// Shut stops counting: only dlv's end closes its port.
func (l *Loopback) Shut() { close(l.ended) }

func (l *Loopback) count() {
	ticker := time.NewTicker(countEvery)
	defer ticker.Stop()
	var seen tally
	for {
		select {
		case <-l.ended:
			return
		case <-ticker.C:
			calls, err := l.dlv.Calls()
			if err == nil && seen.take(calls) {
				select {
				case <-l.news:
				default:
				}
				l.news <- seen.presence
			}
		}
	}
}

// tally tells new callers from known ones.
type tally struct {
	presence Presence
	known    map[string]bool
}

// take counts the calls of now; true when they are not those of before.
func (t *tally) take(calls []proc.Call) (changed bool) {
	now := map[string]bool{}
	for _, call := range calls {
		now[call.Socket] = true
		if !t.known[call.Socket] {
			t.presence.Visits++
			changed = true
		}
	}
	changed = changed || len(now) != len(t.known)
	t.known, t.presence.Inside = now, len(now)
	return changed
}
