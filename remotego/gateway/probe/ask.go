package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	mostHops   = 5
	mostHeader = 64 << 10
	mostText   = 400
)

var (
	errRedirectHTTP = errors.New("a redirect leads to http, and is not followed")
	errRedirectLoop = errors.New("redirects lead on and on")
)

// asker asks one proxy. Its connections are its own, so that what is timed is timed from the start.
type asker struct {
	proxy  string
	base   *url.URL
	order  Order
	client *http.Client
}

func newAsker(proxy string, order Order) (*asker, error) {
	base, err := url.Parse(proxy)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: mostHeader,
	}
	return &asker{proxy, base, order, &http.Client{Transport: transport, CheckRedirect: follow}}, nil
}

// follow follows a redirect as go does, and never one that leads to http: nothing there could be told from a portal.
func follow(request *http.Request, via []*http.Request) error {
	if request.URL.Scheme != "https" {
		return errRedirectHTTP
	}
	if len(via) > mostHops {
		return errRedirectLoop
	}
	return nil
}

func (a *asker) ask(request Request) Answer {
	answer := Answer{Proxy: a.proxy, Request: request.Name}
	start := time.Now()
	switch a.base.Scheme {
	case "https", "http":
		a.fetch(request, &answer)
	case "file":
		a.read(request, &answer)
	default:
		answer.fail(Unsupported, fmt.Errorf("a proxy of the scheme %q", a.base.Scheme))
	}
	answer.Times.Total = time.Since(start).Seconds()
	return answer
}

func (a *asker) fetch(request Request, answer *Answer) {
	ctx, cancel := context.WithTimeout(context.Background(), a.order.timeout())
	defer cancel()
	watch := &stopwatch{}
	defer func() { answer.Times = watch.read() }()
	ctx = httptrace.WithClientTrace(ctx, watch.trace())
	target := strings.TrimSuffix(a.proxy, "/") + "/" + request.Path
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		answer.fail(Unsupported, err)
		return
	}
	if via, err := http.ProxyFromEnvironment(asked); err == nil && via != nil {
		answer.Via = via.Scheme + "://" + via.Host
	}
	got, err := a.client.Do(asked)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) && (errors.Is(err, errRedirectHTTP) || errors.Is(err, errRedirectLoop)) {
			answer.Location = bare(wrapped.URL)
		}
		answer.fail(causeOf(err, watch.isConnected()), err)
		return
	}
	defer got.Body.Close()
	answer.Status, answer.Type = got.StatusCode, got.Header.Get("Content-Type")
	for hop := got.Request; hop.Response != nil; hop = hop.Response.Request {
		answer.Hops = append([]string{bare(hop.URL.String())}, answer.Hops...)
	}
	body, err := io.ReadAll(io.LimitReader(got.Body, a.order.CapBytes+1))
	if err != nil {
		answer.fail(Cut, err)
		return
	}
	answer.keep(body, a.order.CapBytes)
}

// read is what go does with a proxy that is a tree of files (modfetch/proxy.go, getFile).
func (a *asker) read(request Request, answer *Answer) {
	place := filepath.Join(filepath.FromSlash(a.base.Path), filepath.FromSlash(request.Path))
	file, err := os.Open(place)
	if errors.Is(err, os.ErrNotExist) {
		answer.Status = http.StatusNotFound
		return
	}
	if err != nil {
		answer.fail(Unreadable, err)
		return
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, a.order.CapBytes+1))
	if err != nil {
		answer.fail(Unreadable, err)
		return
	}
	answer.Status = http.StatusOK
	answer.keep(body, a.order.CapBytes)
}

func (a *Answer) keep(body []byte, limit int64) {
	if int64(len(body)) > limit {
		body, a.Truncated = body[:limit], true
	}
	a.Body = body
}

// fail notes why there is no whole answer. A password of an HTTP proxy may stand in what the library says.
func (a *Answer) fail(code string, err error) {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	text := err.Error()
	if len(text) > mostText {
		text = text[:mostText]
	}
	a.Error, a.Text = code, text
}

// bare is a URL without what could be a secret in it.
func bare(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return ""
	}
	parsed.User, parsed.RawQuery, parsed.Fragment = nil, "", ""
	return parsed.String()
}

// isNear tells whether a proxy is asked without any network: a tree of files, or one on this machine.
func (a *asker) isNear() bool {
	host := a.base.Hostname()
	address := net.ParseIP(host)
	return a.base.Scheme == "file" || host == "localhost" || address != nil && address.IsLoopback()
}
