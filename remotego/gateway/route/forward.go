package route

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	mostHops   = 5
	mostHeader = 64 << 10
	pieceBytes = 64 << 10
)

var (
	passedOn  = []string{"Accept", "Accept-Encoding", "Disable-Module-Fetch", "User-Agent"}
	givenBack = []string{"Cache-Control", "Content-Encoding", "Content-Length", "Content-Type", "Etag", "Last-Modified", "Retry-After"}
)

var (
	errRedirectHTTP = errors.New("it redirects from https to http")
	errRedirectLoop = errors.New("it redirects on and on")
	errPage         = errors.New("it answers with a web page instead of a file")
)

// Outcome is how an upstream has done: Status 0 is none, then Error says why.
type Outcome struct {
	Upstream  string  `json:"upstream"`
	Status    int     `json:"status"`
	FirstByte float64 `json:"first_byte_s"`
	Error     string  `json:"error,omitempty"`

	cut bool // an answer that has begun breaks off
}

// forwarder asks upstreams as go would, and passes answers on as they come.
type forwarder struct {
	client        *http.Client
	header, stall time.Duration
}

func newForwarder(order Order) *forwarder {
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    seconds(order.HeaderS),
		MaxResponseHeaderBytes: mostHeader,
	}
	return &forwarder{&http.Client{Transport: transport, CheckRedirect: follow}, seconds(order.HeaderS), seconds(order.StallS)}
}

// follow follows redirects as go does: never from https to http.
func follow(request *http.Request, via []*http.Request) error {
	if request.URL.Scheme != "https" && via[len(via)-1].URL.Scheme == "https" {
		return errRedirectHTTP
	}
	if len(via) > mostHops {
		return errRedirectLoop
	}
	return nil
}

// forward asks an upstream. What goes wrong on the way is 502 or 504, never 404 or 410: those say that a module does
// not exist, and only the upstream may. When an answer breaks off, so does ours: go sees that it is not whole.
func (f *forwarder) forward(writer http.ResponseWriter, request *http.Request, upstream Upstream) Outcome {
	done := Outcome{Upstream: upstream.URL}
	ctx, cancel := context.WithCancel(request.Context())
	defer cancel()
	watch := time.AfterFunc(f.header, cancel)
	defer watch.Stop()
	start := time.Now()
	answer, err := f.ask(ctx, request, upstream)
	done.FirstByte = time.Since(start).Seconds()
	if err != nil {
		done.Error = f.refuse(writer, request, upstream, err, done.FirstByte)
		return done
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		done.Error = f.refuse(writer, request, upstream, errPage, 0)
		return done
	}
	done.Status = answer.StatusCode
	for _, name := range givenBack {
		if value := answer.Header.Get(name); value != "" {
			writer.Header().Set(name, value)
		}
	}
	writer.WriteHeader(answer.StatusCode)
	watch.Reset(f.stall)
	if err := f.pass(writer, answer.Body, watch); err != nil {
		if request.Context().Err() == nil {
			done.Error = plain(err)
		}
		done.Status, done.cut = 0, true
	}
	return done
}

func (f *forwarder) ask(ctx context.Context, request *http.Request, upstream Upstream) (*http.Response, error) {
	target := strings.TrimSuffix(upstream.URL, "/") + request.URL.EscapedPath()
	asked, err := http.NewRequestWithContext(ctx, request.Method, target, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range passedOn {
		if value := request.Header.Get(name); value != "" {
			asked.Header.Set(name, value)
		}
	}
	return f.client.Do(asked)
}

// pass copies piece by piece; each piece is given the same time.
func (f *forwarder) pass(writer io.Writer, body io.Reader, watch *time.Timer) error {
	piece := make([]byte, pieceBytes)
	for {
		number, err := body.Read(piece)
		if number > 0 {
			watch.Reset(f.stall)
			if _, err := writer.Write(piece[:number]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// refuse answers for an upstream that did not, and says why in the words that go will show. A client that has gone
// itself is no failure of the upstream's.
func (f *forwarder) refuse(writer http.ResponseWriter, request *http.Request, upstream Upstream, err error, waited float64) string {
	if request.Context().Err() != nil {
		return ""
	}
	status, text := http.StatusBadGateway, plain(err)
	if errors.Is(err, context.Canceled) && waited >= f.header.Seconds() {
		status, text = http.StatusGatewayTimeout, fmt.Sprintf("no answer within %v", f.header)
	}
	http.Error(writer, fmt.Sprintf("remotego's router: %s: %s", upstream.URL, text), status)
	return text
}

// plain is an error without the URL around it, which may have a login of an HTTP proxy in it.
func plain(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err.Error()
}
