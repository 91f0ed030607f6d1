package probe

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// stopwatch times the steps of a request; those of a redirect's target come on top.
type stopwatch struct {
	mutex                             sync.Mutex
	times                             Times
	resolve, connect, handshake, sent time.Time
	connected                         bool
}

func (w *stopwatch) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { w.begin(&w.resolve) },
		DNSDone:              func(httptrace.DNSDoneInfo) { w.end(w.resolve, &w.times.Resolve) },
		ConnectStart:         func(string, string) { w.begin(&w.connect) },
		ConnectDone:          func(_, _ string, err error) { w.joined(err) },
		TLSHandshakeStart:    func() { w.begin(&w.handshake) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { w.end(w.handshake, &w.times.TLS) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.begin(&w.sent) },
		GotFirstResponseByte: func() { w.end(w.sent, &w.times.FirstByte) },
	}
}

func (w *stopwatch) begin(at *time.Time) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	*at = time.Now()
}

func (w *stopwatch) end(since time.Time, total *float64) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if !since.IsZero() {
		*total += time.Since(since).Seconds()
	}
}

func (w *stopwatch) joined(err error) {
	if err != nil {
		return
	}
	w.end(w.connect, &w.times.Connect)
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.connected = true
}

// read gives the times so far: a connection that is given up may go on being made.
func (w *stopwatch) read() Times {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.times
}

func (w *stopwatch) isConnected() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.connected
}
