package session

import (
	"encoding/json"
	"io"
	"time"
)

// Event is one line of the guard's output; Kind says which of the other fields it has.
type Event struct {
	Kind        string  `json:"event"`
	DlvPID      int     `json:"dlv,omitempty"`
	Socket      string  `json:"socket,omitempty"`
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
}

// Events writes events without ever holding up the guard: nobody may be reading.
type Events struct {
	queue    chan Event
	finished chan struct{}
}

// NewEvents starts writing to output.
func NewEvents(output io.Writer) *Events {
	events := &Events{make(chan Event, 256), make(chan struct{})}
	go events.write(output)
	return events
}

// Tell queues an event, or drops it when 256 wait already.
func (e *Events) Tell(event Event) {
	select {
	case e.queue <- event:
	default:
	}
}

// Close writes what is queued, for at most patience.
func (e *Events) Close(patience time.Duration) {
	close(e.queue)
	select {
	case <-e.finished:
	case <-time.After(patience):
	}
}

func (e *Events) write(output io.Writer) {
	defer close(e.finished)
	encoder := json.NewEncoder(output)
	var broken error
	for event := range e.queue {
		if broken == nil {
			broken = encoder.Encode(event)
		}
	}
}
