package session

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"remotego/agent/dlv"
	"remotego/agent/lease"
	"remotego/agent/proc"
)

const (
	lookEvery = 250 * time.Millisecond
	callTime  = 2 * time.Second
	freeTime  = 6 * time.Second
)

// guard is one session under way. Only the goroutine of run touches it.
type guard struct {
	order  Order
	events *Events
	lease  lease.Lease
	ends   chan string
	code   code
	door   *Door
	dlv    *dlv.Server
	watch  Watch
	// mouth is what our second hears us by; its end is our death.
	mouth *os.File
	// unanswered is since when freeing the process has failed.
	unanswered time.Time
}

// Guard carries out an order and gives its end. input is what follows the order.
func Guard(order Order, input *bufio.Reader, events *Events) Event {
	if order.Standby {
		stand(input)
	}
	g := &guard{
		order:  order,
		events: events,
		lease:  lease.Hold(input, seconds(order.LeaseS), order.Keep),
		ends:   make(chan string, 1),
		watch:  Watch{Hold: order.Hold, MaxPause: order.maxPause()},
	}
	go g.hear()
	end := g.run()
	end.Kind, end.At = "ended", time.Now().Unix()
	g.note(end)
	return end
}

// hear turns signals and the end of the lease into one wish: the first counts.
func (g *guard) hear() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	for {
		select {
		case why := <-g.lease.Over:
			g.end(why)
			return
		case number := <-signals:
			if number == syscall.SIGHUP && g.order.Keep {
				continue
			}
			g.end("signal " + number.String())
		}
	}
}

func (g *guard) end(why string) {
	select {
	case g.ends <- why:
	default:
	}
}

func (g *guard) run() Event {
	if !g.order.process().Lives() {
		return Event{Outcome: "missing", Detail: fmt.Sprintf("no process %d that began at %d", g.order.PID, g.order.Start)}
	}
	prepare, begin := create, g.open
	if g.order.Adopt != nil {
		prepare, begin = enter, g.adopt
	}
	if err := prepare(g.order); err != nil {
		return Event{Outcome: "failed", Detail: err.Error()}
	}
	defer g.clean()
	defer func() { g.code.close() }()
	if err := begin(); err != nil {
		end := g.finish("failed")
		end.Detail = strings.TrimSpace(err.Error() + " " + end.Detail)
		return end
	}
	why, ready := g.start()
	if ready {
		why = g.keep()
	}
	return g.finish(why)
}

// clean removes the session's files, unless a dlv is left that somebody has to find.
func (g *guard) clean() {
	if g.dlv == nil || g.dlv.Ended() {
		os.RemoveAll(g.order.Directory)
	}
}

// keep is the life of the session; it gives the reason of its end.
func (g *guard) keep() string {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case why := <-g.ends:
			return why
		case <-g.dlv.Done:
			g.events.Tell(Event{Kind: "gone", What: "dlv"})
			return "dlv has ended"
		case number := <-g.lease.Pings:
			g.events.Tell(Event{Kind: "pong", Ping: &number})
		case now := <-g.door.Seen:
			g.meet(now)
			if why := g.look(); why != "" {
				return why
			}
		case <-ticker.C:
			if why := g.look(); why != "" {
				return why
			}
		}
	}
}

func (g *guard) meet(now Presence) {
	g.watch.Clients(now)
	g.events.Tell(Event{Kind: "clients", Clients: &now.Inside})
}

func (g *guard) look() (why string) {
	stat, err := proc.ReadStat(g.order.PID)
	if err != nil || stat.Start != g.order.Start || stat.Ended() {
		g.events.Tell(Event{Kind: "gone", What: "process"})
		return "the process has ended"
	}
	if _, err := os.Lstat(g.order.stopFile()); err == nil {
		g.events.Tell(Event{Kind: "asked"})
		return "asked"
	}
	// Delve stops the process for an instant at every breakpoint with a condition.
	paused := stat.State == 't' && (g.watch.paused || !g.runs())
	return g.act(g.watch.Look(time.Now(), paused))
}

func (g *guard) act(step Step) (why string) {
	age := g.watch.Age(time.Now()).Seconds()
	switch step {
	case Announce:
		count := g.watch.clients.Inside
		g.events.Tell(Event{Kind: "paused", AgeS: age, Clients: &count})
	case Resumed:
		g.events.Tell(Event{Kind: "resumed"})
	case FreeOverdue:
		return g.free(step, "paused too long")
	case FreeAbandoned:
		return g.free(step, "nobody is connected")
	case Nothing:
	}
	return ""
}

// release does it while nobody can come in. It is not free to do so when somebody came in just before.
func (g *guard) release(step Step) (calmed dlv.Calmed, free bool, err error) {
	g.dlv.Wake()
	if step == FreeOverdue {
		g.door.Empty(farewell)
	}
	g.door.Alone(func(present Presence) {
		if free = present.Inside == 0 || step == FreeOverdue; free {
			calmed, err = dlv.Release(g.dlv.Socket, time.Now().Add(callTime))
		}
	})
	return calmed, free, err
}

// free lets the process run without breakpoints. When dlv does not answer for long, the session ends.
func (g *guard) free(step Step, reason string) (why string) {
	if g.unanswered.IsZero() {
		g.unanswered = time.Now()
	}
	calmed, free, err := g.release(step)
	if !free {
		g.unanswered = time.Time{}
		return ""
	}
	if err == nil {
		g.unanswered = time.Time{}
		g.watch.Freed()
		g.events.Tell(Event{Kind: "released", Why: reason, Paused: calmed.Paused, Breakpoints: calmed.Breakpoints})
		return ""
	}
	if time.Since(g.unanswered) < freeTime {
		return ""
	}
	return "dlv does not answer: " + err.Error()
}
