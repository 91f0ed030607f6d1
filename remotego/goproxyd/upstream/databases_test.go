package upstream

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const name = "sum.example"

// proxy is an upstream that answers supported with a status, and everything else of a database with its own name.
type proxy struct {
	*httptest.Server
	supported atomic.Int64
	asked     atomic.Int64
}

func upstreamWith(t *testing.T, called string, supported int64) *proxy {
	t.Helper()
	made := &proxy{}
	made.supported.Store(supported)
	made.Server = httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		made.asked.Add(1)
		status := int(made.supported.Load())
		if status == http.StatusOK && !strings.HasSuffix(request.URL.Path, "/supported") {
			fmt.Fprint(writer, called, " ", request.URL.EscapedPath())
			return
		}
		http.Error(writer, "so", status)
	}))
	t.Cleanup(made.Close)
	return made
}

func online() *Transport {
	return New(time.Minute, func() bool { return false }, func() {})
}

// ask gives what a client gets of a database, or "failure".
func ask(t *testing.T, databases *Databases, path string) string {
	t.Helper()
	response, err := (&http.Client{Transport: databases}).Get(DatabaseURL(name) + path)
	if err != nil {
		return "failure"
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func expect[T comparable](t *testing.T, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("expected %v, not %v", expected, actual)
	}
}

func TestADatabaseIsAskedThroughTheUpstreamThatHasIt(t *testing.T) {
	lacking, failing := upstreamWith(t, "lacking", 404), upstreamWith(t, "failing", 500)
	first, second := upstreamWith(t, "first", 200), upstreamWith(t, "second", 200)
	const path = "/lookup/example.com/!m@v1.0.0"
	for list, expected := range map[string]string{
		first.URL + "," + second.URL:                      "first /sumdb/sum.example" + path,
		lacking.URL + "/below/," + first.URL + "/further": "first /further/sumdb/sum.example" + path,
		failing.URL + "|" + second.URL:                    "second /sumdb/sum.example" + path,
		failing.URL + "," + second.URL:                    "failure",
		failing.URL + "|" + lacking.URL:                   "failure",
	} {
		expect(t, list+" "+expected, list+" "+ask(t, &Databases{Upstreams: list, Next: online()}, path))
	}
}

func TestAllOfADatabaseGoesTheSameWayUntilThatFails(t *testing.T) {
	first, second := upstreamWith(t, "first", 200), upstreamWith(t, "second", 200)
	databases := &Databases{Upstreams: first.URL + "|" + second.URL, Next: online()}
	said := []string{ask(t, databases, "/latest"), ask(t, databases, "/tile/8/0/000")}
	first.supported.Store(503)
	said = append(said, ask(t, databases, "/latest"), ask(t, databases, "/latest"))
	expect(t, fmt.Sprint([]string{
		"first /sumdb/sum.example/latest", "first /sumdb/sum.example/tile/8/0/000", "failure",
		"second /sumdb/sum.example/latest",
	}), fmt.Sprint(said))
	expect(t, 5, first.asked.Load()) // of which twice for supported
}

func TestADatabaseThatNoUpstreamHasIsAskedItself(t *testing.T) {
	itself := httptest.NewTLSServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		fmt.Fprint(writer, request.URL.Path)
	}))
	defer itself.Close()
	transport := online()
	transport.Next = itself.Client().Transport
	databases := &Databases{Upstreams: upstreamWith(t, "lacking", 410).URL + ",off", Next: transport}
	response, err := (&http.Client{Transport: databases}).Get(DatabaseURL(itself.Listener.Addr().String()) + "/latest")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	expect(t, "/latest <nil>", fmt.Sprint(string(text), " ", err))
}

func TestARelativeRedirectStaysWithTheUpstream(t *testing.T) {
	moving := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if strings.HasSuffix(request.URL.Path, "/latest") {
			writer.Header().Set("Location", "newest")
			writer.WriteHeader(http.StatusFound)
			return
		}
		fmt.Fprint(writer, request.URL.Path)
	}))
	defer moving.Close()
	databases := &Databases{Upstreams: moving.URL, Next: online()}
	expect(t, "/sumdb/sum.example/newest", ask(t, databases, "/latest"))
}

func TestOtherRequestsPass(t *testing.T) {
	one := upstreamWith(t, "one", 200)
	response, err := (&http.Client{Transport: &Databases{Upstreams: one.URL, Next: online()}}).Get(one.URL + "/m/@v/list")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	expect(t, "one /m/@v/list <nil>", fmt.Sprint(string(text), " ", err))
}
