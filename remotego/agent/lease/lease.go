// Package lease tells when nobody holds us any more.
package lease

import (
	"bufio"
	"encoding/json"
	"io"
	"time"
)

const lineLimit = 1 << 16

// Lease is held by whoever writes lines to one of its inputs. Every line renews it, even one that says nothing.
// Over gets the reason when it has ended; Pings gets the number of every line {"ping": N}; Held gets how it is held
// after every change, the latest of them.
type Lease struct {
	Over  <-chan string
	Pings <-chan int
	Held  <-chan Hold
	words chan word
	moves chan int
}

// Hold is how many inputs are open, and whether the lease outlives them.
type Hold struct {
	Inputs int
	Keep   bool
}

// Terms are for how long the lease lasts after a line, and what else does not end it. Keep: neither silence nor the end
// of all inputs ends it, only the word {"end": true}; {"keep": false} takes that back. Linger: when the last input
// ends, the lease still lasts as after its last line, so that a holder who has lost its way can come back.
type Terms struct {
	Term   time.Duration
	Keep   bool
	Linger bool
}

type word struct {
	End  bool  `json:"end"`
	Ping *int  `json:"ping"`
	Keep *bool `json:"keep"`
}

// New begins a lease without inputs.
func New(terms Terms) *Lease {
	over, pings, held := make(chan string, 1), make(chan int, 16), make(chan Hold, 1)
	lease := &Lease{Over: over, Pings: pings, Held: held, words: make(chan word), moves: make(chan int)}
	go lease.watch(terms, over, pings, held)
	return lease
}

// Listen heeds an input until its end.
func (l *Lease) Listen(input *bufio.Reader) {
	l.moves <- +1
	defer func() { l.moves <- -1 }()
	for {
		line, err := Line(input, lineLimit)
		if err != nil {
			return
		}
		var said word
		_ = json.Unmarshal(line, &said)
		l.words <- said
	}
}

// watch goes on after the end, for inputs that do not know of it.
func (l *Lease) watch(terms Terms, over chan<- string, pings chan<- int, held chan Hold) {
	timer := time.NewTimer(terms.Term)
	inside := 0
	for {
		select {
		case said := <-l.words:
			switch {
			case said.End:
				end(over, "end")
			case said.Ping != nil:
				offer(pings, *said.Ping)
			case said.Keep != nil:
				terms.Keep = *said.Keep
				replace(held, Hold{inside, terms.Keep})
			}
			if !timer.Stop() {
				select {
				case <-timer.C:
				default:
				}
			}
			timer.Reset(terms.Term)
		case move := <-l.moves:
			inside += move
			replace(held, Hold{inside, terms.Keep})
			if inside == 0 && !terms.Keep && !terms.Linger {
				end(over, "closed")
			}
		case <-timer.C:
			switch {
			case terms.Keep:
				timer.Reset(terms.Term)
			case inside == 0:
				end(over, "closed")
			default:
				end(over, "silent")
			}
		}
	}
}

func end(over chan<- string, why string) {
	select {
	case over <- why:
	default:
	}
}

func offer(pings chan<- int, number int) {
	select {
	case pings <- number:
	default:
	}
}

// replace makes sure that the latest is what is read next; only one writes.
func replace(latest chan Hold, now Hold) {
	select {
	case <-latest:
	default:
	}
	latest <- now
}

// Line reads one line and throws away what goes beyond limit bytes.
func Line(input *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := input.ReadSlice('\n')
		line = append(line, part[:min(len(part), limit-len(line))]...)
		switch {
		case err == nil:
			return line, nil
		case err == io.EOF && len(line) > 0:
			return line, nil
		case err != bufio.ErrBufferFull:
			return nil, err
		}
	}
}
