// Package front is what clients meet: who they are, how the proxy is, and goproxy behind it with its answers corrected.
package front

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goproxy/goproxy"

	"remotego/goproxyd/cache"
	"remotego/goproxyd/config"
	"remotego/goproxyd/upstream"
)

// stall is how long a client may take none of the bytes it asked for.
const stall = 2 * time.Minute

// Front is an http.Handler.
type Front struct {
	conf     config.Config
	tokens   [][]byte
	place    string
	log      *slog.Logger
	cache    *cache.Cache
	upstream *upstream.Transport
	proxy    *goproxy.Goproxy
	slots    chan struct{}

	answers               [6]atomic.Int64 // by hundreds of the status
	denied, busy, waiting atomic.Int64
	sent                  atomic.Int64
}

// New makes a handler for a place. temp is a directory of this process alone.
func New(place, temp string, conf config.Config, log *slog.Logger) (*Front, error) {
	kept, err := cache.Open(filepath.Join(place, config.Cache), temp, conf.MaxBytes, conf.Seeds, log)
	if err != nil {
		return nil, err
	}
	front := &Front{conf: conf, place: place, log: log, cache: kept, slots: make(chan struct{}, conf.MaxRequests)}
	for _, token := range conf.Tokens {
		digest, err := hex.DecodeString(token)
		if err != nil {
			return nil, err
		}
		front.tokens = append(front.tokens, digest)
	}
	front.upstream = upstream.New(conf.Wait(), front.Offline, kept.FreeUp)
	asked := &upstream.Databases{Upstreams: conf.Upstream, Next: front.upstream}
	front.proxy = &goproxy.Goproxy{
		Fetcher: &goproxy.GoFetcher{
			Env:       []string{"GOPROXY=" + conf.Upstream, "GOSUMDB=" + conf.VerifiedBy(upstream.DatabaseURL), "GONOSUMDB=" + conf.NoSumDB},
			GoBin:     filepath.Join(place, "there-is-no-go-here"),
			TempDir:   temp,
			Transport: asked,
		},
		ProxiedSumDBs: conf.Databases(upstream.DatabaseURL),
		Cacher:        kept,
		TempDir:       temp,
		Transport:     asked,
		Logger:        log,
	}
	return front, nil
}

// Offline says whether upstreams are left alone: there is none, or the file is there that somebody makes and removes.
func (front *Front) Offline() bool {
	if front.conf.Upstream == config.None {
		return true
	}
	_, err := os.Lstat(filepath.Join(front.place, config.Offline))
	return err == nil
}

func (front *Front) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	answer := &answer{ResponseWriter: writer, front: front, control: http.NewResponseController(writer)}
	defer func() { front.answers[min(answer.status/100, 5)].Add(1) }()
	switch {
	case request.URL.Path == "/healthz":
		front.health(answer)
	case !front.admits(request):
		front.denied.Add(1)
		answer.Header().Set("WWW-Authenticate", `Basic realm="goproxyd"`)
		http.Error(answer, "a token is wanted here", http.StatusUnauthorized)
	case request.URL.Path == "/metrics":
		front.metrics(answer)
	default:
		front.serve(answer, request)
	}
}

// admits takes a token as the password of Basic, which .netrc gives, or as a Bearer.
func (front *Front) admits(request *http.Request) bool {
	if len(front.tokens) == 0 {
		return true
	}
	_, token, given := request.BasicAuth()
	if !given {
		token, given = strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	}
	digest := sha256.Sum256([]byte(token))
	found := 0
	for _, one := range front.tokens {
		found |= subtle.ConstantTimeCompare(one, digest[:])
	}
	return given && found == 1
}

func (front *Front) serve(answer *answer, request *http.Request) {
	select {
	case front.slots <- struct{}{}:
		defer func() { <-front.slots }()
	default:
		front.busy.Add(1)
		answer.Header().Set("Retry-After", "5")
		http.Error(answer, "too many requests at once", http.StatusServiceUnavailable)
		return
	}
	front.waiting.Add(1)
	defer front.waiting.Add(-1)
	ctx, ledger := upstream.With(request.Context())
	answer.ledger, answer.name = ledger, strings.TrimPrefix(request.URL.Path, "/")
	front.proxy.ServeHTTP(answer, request.WithContext(ctx))
}

// answer corrects what goproxy says of what it does not have, counts, and ends what nobody reads.
type answer struct {
	http.ResponseWriter
	front    *Front
	control  *http.ResponseController
	ledger   *upstream.Ledger // nil for what goproxy does not answer
	name     string
	status   int
	replaced bool
}

func (answer *answer) WriteHeader(status int) {
	if answer.status != 0 {
		return
	}
	answer.status = status
	answer.postpone()
	if answer.ledger != nil && status >= http.StatusBadRequest {
		answer.status = answer.correct(status)
		if answer.status >= http.StatusInternalServerError {
			answer.replace()
			return
		}
	}
	answer.ResponseWriter.WriteHeader(answer.status)
}

// correct gives what the status should be. 500 is a failure here, unless an upstream's error is behind it.
func (answer *answer) correct(status int) int {
	if status == http.StatusInternalServerError && answer.ledger.Cause() != nil {
		return answer.offline(answer.ledger.Status())
	}
	if status != http.StatusNotFound {
		return status
	}
	status = answer.ledger.Status()
	if answer.ledger.Absent() {
		answer.front.cache.MarkAbsent(answer.name, status)
	}
	return answer.offline(status)
}

// offline knows what upstreams said before they were left alone.
func (answer *answer) offline(status int) int {
	if status != http.StatusServiceUnavailable {
		return status
	}
	if known := answer.front.cache.Absent(answer.name); known != 0 {
		return known
	}
	if answer.front.conf.CacheIsAll() {
		return http.StatusNotFound
	}
	return status
}

// replace writes a text of ours: goproxy's says "not found".
func (answer *answer) replace() {
	answer.replaced = true
	text := http.StatusText(answer.status)
	if cause := answer.ledger.Cause(); cause != nil {
		text = cause.Error()
	}
	header := answer.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Del("Content-Length")
	answer.ResponseWriter.WriteHeader(answer.status)
	fmt.Fprintf(answer.ResponseWriter, "goproxyd: %s\n", text)
}

func (answer *answer) Write(bytes []byte) (int, error) {
	answer.WriteHeader(http.StatusOK)
	if answer.replaced {
		return len(bytes), nil
	}
	answer.postpone()
	count, err := answer.ResponseWriter.Write(bytes)
	answer.front.sent.Add(int64(count))
	return count, err
}

// postpone gives the client its time anew. Not every connection can have a deadline; then there is none.
func (answer *answer) postpone() { _ = answer.control.SetWriteDeadline(time.Now().Add(stall)) }
