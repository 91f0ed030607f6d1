// Package lease tells when nobody holds us any more.
package lease

import (
	"bufio"
	"encoding/json"
	"io"
	"time"
)

const lineLimit = 1 << 16

// Lease is held by whoever writes lines. Every line renews it, even one that says nothing.
// Over gets the reason when it has ended; Pings gets the number of every line {"ping": N}.
type Lease struct {
	Over  <-chan string
	Pings <-chan int
}

type word struct {
	End  bool `json:"end"`
	Ping *int `json:"ping"`
}

// Hold watches input for as long as term allows between two lines. With keep, neither silence nor
// the end of input ends it, only the word {"end": true}.
func Hold(input *bufio.Reader, term time.Duration, keep bool) Lease {
	over, pings := make(chan string, 1), make(chan int, 16)
	words, finished := make(chan word), make(chan struct{})
	go listen(input, words, finished)
	go watch(words, finished, term, keep, over, pings)
	return Lease{over, pings}
}

func listen(input *bufio.Reader, words chan<- word, finished chan<- struct{}) {
	defer close(finished)
	for {
		line, err := Line(input, lineLimit)
		if err != nil {
			return
		}
		var said word
		_ = json.Unmarshal(line, &said)
		words <- said
	}
}

func watch(words <-chan word, finished <-chan struct{}, term time.Duration, keep bool, over chan<- string, pings chan<- int) {
	timer := time.NewTimer(term)
	defer timer.Stop()
	silent := timer.C
	if keep {
		silent = nil
	}
	for {
		select {
		case said := <-words:
			if said.End {
				over <- "end"
				return
			}
			if said.Ping != nil {
				select {
				case pings <- *said.Ping:
				default:
				}
			}
			if !timer.Stop() {
				select {
				case <-timer.C:
				default:
				}
			}
			timer.Reset(term)
		case <-finished:
			if !keep {
				over <- "closed"
				return
			}
			finished = nil
		case <-silent:
			over <- "silent"
			return
		}
	}
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
