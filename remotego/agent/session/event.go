package session

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Event is one line of the guard's output; Kind says which of the other fields it has.
type Event struct {
	Kind        string  `json:"event"`
	DlvPID      int     `json:"dlv,omitempty"`
	Socket      string  `json:"socket,omitempty"`
	Port        int     `json:"port,omitempty"`
	Before      int     `json:"before,omitempty"`
	Clients     *int    `json:"clients,omitempty"`
	AgeS        float64 `json:"age_s,omitempty"`
	Why         string  `json:"why,omitempty"`
	What        string  `json:"what,omitempty"`
	Paused      bool    `json:"paused,omitempty"`
	Breakpoints int     `json:"breakpoints,omitempty"`
	Ping        *int    `json:"ping,omitempty"`
	Outcome     string  `json:"outcome,omitempty"`
	Text        string  `json:"text,omitempty"`
	Detail      string  `json:"detail,omitempty"`
	At          int64   `json:"at,omitempty"`
	PID         int     `json:"pid,omitempty"`
	Stream      string  `json:"stream,omitempty"`
	Data        string  `json:"data,omitempty"`
	Lost        int     `json:"lost,omitempty"`
}

// Events tells everybody who listens, without ever holding up the guard: nobody may be reading.
type Events struct {
	mutex     sync.Mutex
	listeners map[*listener]bool
}

type listener struct {
	queue    chan Event
	finished chan struct{}
	// lost is how many bytes of output were dropped since the last that was queued.
	lost int
}

// queued is how many events wait for a listener at most; output leaves room for what is more important.
const (
	queued = 256
	spare  = 64
)

// NewEvents starts writing to output.
func NewEvents(output io.Writer) *Events {
	events := &Events{listeners: map[*listener]bool{}}
	events.Join(output)
	return events
}

// Join lets one more listen, from the events in first on. The function it gives takes the listener off again.
func (e *Events) Join(output io.Writer, first ...Event) (leave func()) {
	one := &listener{queue: make(chan Event, queued), finished: make(chan struct{})}
	for _, event := range first {
		one.queue <- event
	}
	go one.write(output)
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.listeners[one] = true
	return func() { e.drop(one) }
}

// Tell queues an event for everybody, and drops it for those who have 256 waiting already; output is dropped
// earlier, and its next event says how much was lost.
func (e *Events) Tell(event Event) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for one := range e.listeners {
		one.take(event)
	}
}

func (l *listener) take(event Event) {
	switch {
	case event.Kind == "output" && len(l.queue) > queued-spare:
		l.lost += len(event.Data)
		return
	case event.Kind == "output":
		event.Lost, l.lost = l.lost, 0
	case event.Kind == "ended" && l.lost > 0:
		l.put(Event{Kind: "output", Stream: "stdout", Lost: l.lost})
	}
	l.put(event)
}

func (l *listener) put(event Event) {
	select {
	case l.queue <- event:
	default:
	}
}

// Close writes what is queued, for at most patience.
func (e *Events) Close(patience time.Duration) {
	e.mutex.Lock()
	listeners := e.listeners
	e.listeners = nil
	e.mutex.Unlock()
	late := time.After(patience)
	for one := range listeners {
		close(one.queue)
	}
	for one := range listeners {
		select {
		case <-one.finished:
		case <-late:
			return
		}
	}
}

func (e *Events) drop(one *listener) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.listeners[one] {
		delete(e.listeners, one)
		close(one.queue)
	}
}

func (l *listener) write(output io.Writer) {
	defer close(l.finished)
	encoder := json.NewEncoder(output)
	var broken error
	for event := range l.queue {
		if broken == nil {
			broken = encoder.Encode(event)
		}
	}
}
