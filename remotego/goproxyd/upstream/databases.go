package upstream

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// databaseScheme is that of the URLs of databases whose place is yet to be found.
const databaseScheme = "sumdb"

// DatabaseURL is how a request for a checksum database is told from others.
func DatabaseURL(name string) string { return databaseScheme + "://" + name }

// Databases is an http.RoundTripper that leads requests for a checksum database to where it is reached: through the
// first upstream that says `supported` for it, else by the database's own name, by the rules of cmd/go (sumdb.go,
// initBase). All of a database goes there, until it fails; then it is looked for anew. Other requests pass.
type Databases struct {
	Upstreams string // as GOPROXY
	Next      http.RoundTripper

	mu     sync.Mutex
	chosen map[string]string
}

// RoundTrip asks once, and before the first time for the place.
func (databases *Databases) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Scheme != databaseScheme {
		return databases.Next.RoundTrip(request)
	}
	name := request.URL.Host
	base, err := databases.base(request.Context(), name)
	if err != nil {
		return nil, err
	}
	led, err := get(request.Context(), base, request.URL.EscapedPath())
	if err != nil {
		return nil, err
	}
	led.Header = request.Header
	response, err := databases.Next.RoundTrip(led)
	if err != nil {
		databases.forget(name, base)
		return nil, err
	}
	if further, err := response.Location(); err == nil {
		response.Header.Set("Location", further.String()) // a relative one is so to where it comes from
	}
	return response, nil
}

// base has others wait while one looks; what that finds is theirs, but not its failure.
func (databases *Databases) base(ctx context.Context, name string) (string, error) {
	databases.mu.Lock()
	defer databases.mu.Unlock()
	if found := databases.chosen[name]; found != "" {
		return found, nil
	}
	found, err := databases.find(ctx, name)
	if err != nil {
		return "", err
	}
	if databases.chosen == nil {
		databases.chosen = map[string]string{}
	}
	databases.chosen[name] = found
	return found, nil
}

func (databases *Databases) forget(name, base string) {
	databases.mu.Lock()
	defer databases.mu.Unlock()
	if databases.chosen[name] == base {
		delete(databases.chosen, name)
	}
}

// find asks upstreams in turn. A failure, unlike a 404, is not made up for by going to the database itself.
func (databases *Databases) find(ctx context.Context, name string) (string, error) {
	var failure error
	for upstream, onward := range each(databases.Upstreams) {
		base, err := url.JoinPath(upstream, "sumdb", name)
		if err != nil {
			return "", err
		}
		switch there, err := databases.supports(ctx, base); {
		case there:
			return base, nil
		case err != nil && !onward:
			return "", err
		case err != nil:
			failure = err
		}
	}
	return "https://" + name, failure
}

func (databases *Databases) supports(ctx context.Context, base string) (bool, error) {
	request, err := get(ctx, base, "supported")
	if err != nil {
		return false, err
	}
	response, err := (&http.Client{Transport: databases.Next}).Do(request)
	if err != nil {
		return false, err
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK, nil
}

func get(ctx context.Context, base, path string) (*http.Request, error) {
	whole, err := url.JoinPath(base, path)
	if err != nil {
		return nil, err
	}
	return http.NewRequestWithContext(ctx, http.MethodGet, whole, nil)
}

// each gives the upstreams of a list up to `off`, and whether a failure, and not only a 404, leads on to the next.
func each(list string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		for list != "" {
			end := strings.IndexAny(list+",", ",|")
			one, onward := strings.TrimSpace(list[:end]), strings.HasPrefix(list[end:], "|")
			list = list[min(end+1, len(list)):]
			if one == "off" || (one != "" && !yield(one, onward)) {
				return
			}
		}
	}
}
