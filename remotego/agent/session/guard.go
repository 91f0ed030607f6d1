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
	"remotego/agent/unixsock"
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
	lease  *lease.Lease
	ends   chan string
	code   code
	door   Entrance
	// control is where controllers come back; before it is open, nobody can.
	control *Control
	held    lease.Hold
	dlv     *dlv.Server
	watch   Watch
	// mouth is what our second hears us by; its end is our death.
	mouth *os.File
	// lived: when the end began the process was there, and so was dlv.
	lived bool
	// pipes carry the output of a program that dlv has started.
	pipes []pipe
	// unanswered is since when freeing the process has failed.
	unanswered time.Time
}

// Guard carries out an order and gives its end. input is what follows the order.
func Guard(order Order, input *bufio.Reader, events *Events) Event {
	if order.Standby {
		stand(input)
	}
	// Who takes over a dead guard's session and goes away again wants its end.
	terms := lease.Terms{Term: seconds(order.LeaseS), Keep: order.Keep, Linger: order.Adopt == nil}
	g := &guard{
		order:  order,
		events: events,
		lease:  lease.New(terms),
		held:   lease.Hold{Keep: order.Keep},
		ends:   make(chan string, 1),
		watch:  Watch{Hold: order.Hold, MaxPause: order.maxPause(), Awaited: order.Exec != nil && order.Adopt == nil},
	}
	go g.lease.Listen(input)
	go g.hear()
	end, entered := g.run()
	end.Kind, end.At = "ended", time.Now().Unix()
	g.note(end)
	if entered {
		g.clean()
	}
	return end
}

// hear turns signals and the end of the lease into one wish: the first counts.
func (g *guard) hear() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	for {
		select {
		case why := <-g.lease.Over:
			g.end(why)
			return
		case number := <-signals:
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

// run is the whole life; entered says that the session's directory is ours to clean.
func (g *guard) run() (end Event, entered bool) {
	if g.order.Adopt == nil && g.order.attaches() && !g.order.process().Lives() {
		return Event{Outcome: "missing", Detail: fmt.Sprintf("no process %d that began at %d", g.order.PID, g.order.Start)}, false
	}
	prepare, begin := create, g.open
	if g.order.Adopt != nil {
		prepare, begin = enter, g.adopt
	}
	if err := prepare(g.order); err != nil {
		return Event{Outcome: "failed", Detail: err.Error()}, false
	}
	defer func() { g.code.close() }()
	if err := begin(); err != nil {
		end := g.finish("failed")
		end.Detail = strings.TrimSpace(err.Error() + " " + end.Detail)
		return end, true
	}
	why, ready := g.start()
	if ready {
		why = g.keep()
	}
	return g.finish(why), true
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
		case caller := <-g.control.Callers:
			g.welcome(caller)
		case g.held = <-g.lease.Held:
			g.tellOthers()
		case now := <-g.door.News():
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

// welcome lets a controller hold us from now on, beside others if need be, and tells it how things stand.
func (g *guard) welcome(caller unixsock.Conn) {
	first := []Event{g.upEvent()}
	if g.watch.paused {
		first = append(first, g.pausedEvent())
	}
	leave := g.events.Join(caller, first...)
	go func() {
		defer caller.Close()
		defer leave()
		g.lease.Listen(bufio.NewReader(caller))
	}()
}

// tellOthers writes down how many hold us. What cannot be written is known from our being alive.
func (g *guard) tellOthers() { _ = g.writeRecord() }

func (g *guard) upEvent() Event {
	return Event{Kind: "up", DlvPID: g.dlv.PID, PID: g.order.PID, Socket: g.order.entrance(), Port: g.dlv.Port, Before: len(g.code.known)}
}

func (g *guard) pausedEvent() Event {
	count := g.watch.clients.Inside
	return Event{Kind: "paused", AgeS: g.watch.Age(time.Now()).Seconds(), Clients: &count}
}

func (g *guard) meet(now Presence) {
	g.watch.Clients(now)
	g.events.Tell(Event{Kind: "clients", Clients: &now.Inside})
}

func (g *guard) look() (why string) {
	if _, err := os.Lstat(g.order.stopFile()); err == nil {
		g.events.Tell(Event{Kind: "asked"})
		return "asked"
	}
	if g.order.Core {
		return ""
	}
	stat, err := proc.ReadStat(g.order.PID)
	if err != nil || !g.order.process().Lives() {
		g.events.Tell(Event{Kind: "gone", What: "process"})
		return "the process has ended" + g.lastWords()
	}
	// Delve stops the process for an instant at every breakpoint with a condition.
	paused := stat.State == 't' && (g.watch.paused || !g.runs())
	return g.act(g.watch.Look(time.Now(), paused))
}

func (g *guard) act(step Step) (why string) {
	switch step {
	case Announce:
		g.events.Tell(g.pausedEvent())
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
			calmed, err = dlv.Release(g.dlv.Socket, g.order.PID, time.Now().Add(callTime))
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
