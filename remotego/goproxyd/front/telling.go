package front

import (
	"fmt"
	"net/http"
	"os"
)

// health says that requests are answered and, in words, whether upstreams are asked. It costs no request to one: an
// upstream that is down is no reason to take down the cache.
func (front *Front) health(answer *answer) {
	answer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	answer.Header().Set("Cache-Control", "no-store")
	state := "online"
	if front.Offline() {
		state = "offline"
	}
	fmt.Fprintf(answer, "ok %s %d\n", state, os.Getpid())
}

// metrics are in the text format of Prometheus, version 0.0.4.
func (front *Front) metrics(answer *answer) {
	answer.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	offline := 0
	if front.Offline() {
		offline = 1
	}
	counts := &front.cache.Counts
	for hundreds := 1; hundreds < len(front.answers); hundreds++ {
		row(answer, "counter", fmt.Sprintf(`goproxyd_answers_total{status="%dxx"}`, hundreds), front.answers[hundreds].Load())
	}
	for _, one := range []struct {
		kind, name string
		value      int64
	}{
		{"counter", "goproxyd_denied_total", front.denied.Load()},
		{"counter", "goproxyd_busy_total", front.busy.Load()},
		{"gauge", "goproxyd_requests", front.waiting.Load()},
		{"counter", "goproxyd_sent_bytes_total", front.sent.Load()},
		{"counter", "goproxyd_upstream_requests_total", front.upstream.Requests.Load()},
		{"counter", "goproxyd_upstream_failures_total", front.upstream.Failures.Load()},
		{"counter", "goproxyd_cache_hits_total", counts.Hits.Load()},
		{"counter", "goproxyd_cache_misses_total", counts.Misses.Load()},
		{"counter", "goproxyd_cache_stored_total", counts.Stored.Load()},
		{"counter", "goproxyd_cache_unstored_total", counts.Unstored.Load()},
		{"counter", "goproxyd_cache_evicted_total", counts.Evicted.Load()},
		{"counter", "goproxyd_cache_damaged_total", counts.Damaged.Load()},
		{"gauge", "goproxyd_cache_bytes", front.cache.Size()},
		{"gauge", "goproxyd_cache_limit_bytes", front.conf.MaxBytes},
		{"gauge", "goproxyd_offline", int64(offline)},
	} {
		row(answer, one.kind, one.name, one.value)
	}
}

func row(writer http.ResponseWriter, kind, name string, value int64) {
	plain := name
	for place, letter := range name {
		if letter == '{' {
			plain = name[:place]
			break
		}
	}
	if plain == name || name == `goproxyd_answers_total{status="1xx"}` {
		fmt.Fprintf(writer, "# TYPE %s %s\n", plain, kind)
	}
	fmt.Fprintf(writer, "%s %d\n", name, value)
}
