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
	errClient       = errors.New("the client takes no more of it")
)

// lateError is the cause of a request's end by our own watch.
type lateError struct{ text string }

func (e lateError) Error() string { return e.text }

// Outcome is how an upstream has done: Status 0 is none, or not the whole of one, then Error says why. Both are
// empty where the client has ended it: that says nothing of the upstream.
type Outcome struct {
	Upstream string `json:"upstream"`
	Status   int    `json:"status"`
	Error    string `json:"error,omitempty"`

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
	ctx, cancel := context.WithCancelCause(request.Context())
	defer cancel(nil)
	silent := giveUp(cancel, f.header, "no answer")
	answer, err := f.ask(ctx, request, upstream)
	silent.Stop()
	if err != nil {
		done.Error = refuse(ctx, writer, upstream, err)
		return done
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		done.Error = refuse(ctx, writer, upstream, errPage)
		return done
	}
	begin(writer, answer)
	stalled := giveUp(cancel, f.stall, "no more bytes")
	defer stalled.Stop()
	if err := f.pass(writer, answer.Body, stalled); err == nil {
		done.Status = answer.StatusCode
	} else {
		done.Error, done.cut = blame(ctx, err), true
	}
	return done
}

// giveUp ends a request that takes too long.
func giveUp(cancel context.CancelCauseFunc, after time.Duration, what string) *time.Timer {
	return time.AfterFunc(after, func() { cancel(lateError{fmt.Sprintf("%s within %v", what, after)}) })
}

// begin passes on how an answer begins.
func begin(writer http.ResponseWriter, answer *http.Response) {
	for _, name := range givenBack {
		if value := answer.Header.Get(name); value != "" {
			writer.Header().Set(name, value)
		}
	}
	writer.WriteHeader(answer.StatusCode)
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

// pass copies piece by piece. The upstream and the client have the same time for each, and each its own: whoever stands
// still at the other end, a command that is suspended for instance, is not waited for, and no failure of the upstream.
func (f *forwarder) pass(writer http.ResponseWriter, body io.Reader, stalled *time.Timer) error {
	client := http.NewResponseController(writer)
	defer client.SetWriteDeadline(time.Time{}) // the connection's next answer has a time of its own
	piece := make([]byte, pieceBytes)
	for {
		stalled.Reset(f.stall)
		number, err := body.Read(piece)
		stalled.Stop()
		if number > 0 {
			_ = client.SetWriteDeadline(time.Now().Add(f.stall))
			if _, err := writer.Write(piece[:number]); err != nil {
				return fmt.Errorf("%w: %w", errClient, err)
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

// refuse answers for an upstream that did not, and gives the words that go will show; "" where the client has gone.
func refuse(ctx context.Context, writer http.ResponseWriter, upstream Upstream, err error) string {
	text, status := blame(ctx, err), http.StatusBadGateway
	if text == "" {
		return ""
	}
	if isLate(ctx) {
		status = http.StatusGatewayTimeout
	}
	http.Error(writer, fmt.Sprintf("remotego's router: %s: %s", upstream.URL, text), status)
	return text
}

// blame says what an upstream has done wrong, without the URL around it, which may have a login of an HTTP proxy in it;
// "" where a request has ended by the client's doing.
func blame(ctx context.Context, err error) string {
	var wrapped *url.Error
	switch {
	case isLate(ctx):
		return context.Cause(ctx).Error()
	case errors.Is(err, errClient), ctx.Err() != nil:
		return ""
	case errors.As(err, &wrapped):
		return wrapped.Err.Error()
	default:
		return err.Error()
	}
}

// isLate tells whether our own watch has ended a request.
func isLate(ctx context.Context) bool {
	var late lateError
	return errors.As(context.Cause(ctx), &late)
}
