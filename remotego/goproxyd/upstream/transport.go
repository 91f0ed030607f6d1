package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// ErrOffline is the answer to every request while the proxy is cut off.
var ErrOffline = errors.New("offline: only what is cached is served")

// final is an error that goproxy does not try again: ten times would keep a client waiting for seconds, and whoever
// wants to try again is the client.
type final struct{ cause error }

func (err final) Error() string        { return err.cause.Error() }
func (err final) Unwrap() error        { return err.cause }
func (err final) Is(target error) bool { return target == context.DeadlineExceeded }

// timedOut is a wait that has been too long.
type timedOut struct{ wait time.Duration }

func (err timedOut) Error() string   { return fmt.Sprintf("nothing came for %v", err.wait) }
func (err timedOut) Timeout() bool   { return true }
func (err timedOut) Temporary() bool { return true }

// Transport is an http.RoundTripper for upstreams.
type Transport struct {
	Offline func() bool
	Prepare func()        // called before each request; it makes room on the disk
	Wait    time.Duration // for the header, and between two pieces of the body
	Next    http.RoundTripper

	Requests, Failures atomic.Int64
}

// New gives a transport that goes through HTTP(S)_PROXY like go does.
func New(wait time.Duration, offline func() bool, prepare func()) *Transport {
	dialer := &net.Dialer{Timeout: min(wait, 10*time.Second), KeepAlive: 30 * time.Second}
	return &Transport{
		Offline: offline,
		Prepare: prepare,
		Wait:    wait,
		Next: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       time.Minute,
			TLSHandshakeTimeout:   min(wait, 10*time.Second),
			ResponseHeaderTimeout: wait,
			DisableCompression:    true, // lengths then tell whether all has come
		},
	}
}

// RoundTrip asks once. Whatever is neither 200, a redirect, 404 nor 410 is an error, and so is a page for people, which
// a captive portal gives with status 200.
func (transport *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if transport.Offline() {
		return nil, transport.fail(request, ErrOffline)
	}
	transport.Prepare()
	transport.Requests.Add(1)
	ctx, cancel := context.WithCancelCause(request.Context())
	response, err := transport.Next.RoundTrip(request.WithContext(ctx))
	if err == nil {
		err = judge(response)
		if err != nil {
			response.Body.Close()
		}
	}
	if err != nil {
		cancel(nil)
		return nil, transport.fail(request, err)
	}
	enter(request.Context(), response.StatusCode, nil)
	response.Body = &body{
		ReadCloser: response.Body, left: mostOf(request.URL.Path),
		wait: transport.Wait, cancel: cancel, ctx: request.Context(),
		clock: time.AfterFunc(transport.Wait, func() { cancel(timedOut{transport.Wait}) }),
	}
	return response, nil
}

func (transport *Transport) fail(request *http.Request, cause error) error {
	transport.Failures.Add(1)
	enter(request.Context(), 0, cause)
	return final{cause}
}

func judge(response *http.Response) error {
	switch status := response.StatusCode; {
	case status == http.StatusNotFound, status == http.StatusGone, status >= 300 && status < 400:
		return nil
	case status != http.StatusOK:
		return fmt.Errorf("%s says %s", response.Request.URL.Host, response.Status)
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "text/html" {
		return fmt.Errorf("%s answers with a page for people, as a captive portal does", response.Request.URL.Host)
	}
	return nil
}

// mostOf is how many bytes may come for a path: what go takes of a zip (x/mod/zip, MaxZipFile), and of a go.mod, which is
// far more than a list or a record of a checksum database has.
func mostOf(path string) int64 {
	if strings.HasSuffix(path, ".zip") {
		return 500 << 20
	}
	return 16 << 20
}

// body ends when nothing more comes for a while, or too much, and enters in the ledger that it did not come whole.
type body struct {
	io.ReadCloser
	left   int64
	ctx    context.Context
	cancel context.CancelCauseFunc
	wait   time.Duration
	clock  *time.Timer
}

func (one *body) Read(buffer []byte) (int, error) {
	one.clock.Reset(one.wait)
	count, err := one.ReadCloser.Read(buffer)
	if one.left -= int64(count); one.left < 0 {
		count, err = 0, errors.New("more comes than can be a module")
	}
	if err != nil && err != io.EOF {
		enter(one.ctx, 0, err)
	}
	return count, err
}

func (one *body) Close() error {
	one.clock.Stop()
	err := one.ReadCloser.Close()
	one.cancel(nil)
	return err
}
