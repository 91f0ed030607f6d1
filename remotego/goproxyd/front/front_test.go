package front

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"remotego/goproxyd/config"
)

// module is what an upstream has of example.com/m v1.0.0.
func module(t *testing.T) map[string][]byte {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, name := range []string{"go.mod", "m.go"} {
		file, err := archive.Create("example.com/m@v1.0.0/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(file, map[string]string{"go.mod": "module example.com/m\n", "m.go": "package m\n"}[name])
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"/example.com/m/@v/list":        []byte("v1.0.0\n"),
		"/example.com/m/@latest":        []byte(`{"Version":"v1.0.0","Time":"2026-01-02T03:04:05Z"}`),
		"/example.com/m/@v/v1.0.0.info": []byte(`{"Version":"v1.0.0","Time":"2026-01-02T03:04:05Z"}`),
		"/example.com/m/@v/v1.0.0.mod":  []byte("module example.com/m\n"),
		"/example.com/m/@v/v1.0.0.zip":  packed.Bytes(),
	}
}

func serveFiles(files map[string][]byte) http.HandlerFunc {
	return func(writer http.ResponseWriter, request *http.Request) {
		if file, ok := files[request.URL.Path]; ok {
			_, _ = writer.Write(file) // the client of a test may have gone
			return
		}
		http.NotFound(writer, request)
	}
}

type proxied struct {
	*httptest.Server
	t     *testing.T
	place string
}

func start(t *testing.T, upstream string, more func(*config.Config)) proxied {
	t.Helper()
	conf := config.Default()
	conf.Upstream, conf.SumDB = upstream, "off"
	conf.ProxiedSumDBs = []string{"sum.example " + strings.FieldsFunc(upstream, func(r rune) bool { return r == ',' || r == '|' })[0] + "/db"}
	if more != nil {
		more(&conf)
	}
	place := t.TempDir()
	temp := filepath.Join(place, "tmp")
	front, err := New(place, temp, conf, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(front)
	t.Cleanup(server.Close)
	return proxied{server, t, place}
}

func (one proxied) get(path string) (int, string) {
	one.t.Helper()
	response, err := http.Get(one.URL + path)
	if err != nil {
		one.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		one.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// said leaves out the words of a 404: the status counts.
func (one proxied) said(path string) string {
	one.t.Helper()
	code, body := one.get(path)
	if code == http.StatusNotFound {
		body = ""
	}
	return fmt.Sprint(code, body)
}

func upstreamOf(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

func expect[T comparable](t *testing.T, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("expected %v, not %v", expected, actual)
	}
}

// questions are all kinds a client can ask.
var questions = []string{
	"/example.com/m/@v/list", "/example.com/m/@latest", "/example.com/m/@v/v1.0.0.info", "/example.com/m/@v/v1.0.0.mod",
	"/example.com/m/@v/v1.0.0.zip", "/example.com/m/@v/main.info", "/sumdb/sum.example/latest",
	"/sumdb/sum.example/lookup/example.com/m@v1.0.0",
}

// Only an upstream's own 404 or 410 is one here: all else would make a client with `,direct` go round us.
func TestStatusOfWhatUpstreamsSay(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(writer http.ResponseWriter, _ *http.Request) { http.Error(writer, "so", code) }
	}
	upstreams := map[string]struct {
		url      string
		expected int
	}{
		"404": {upstreamOf(t, status(404)), 404},
		"410": {upstreamOf(t, status(410)), 410},
		"400": {upstreamOf(t, status(400)), 502},
		"401": {upstreamOf(t, status(401)), 502},
		"403": {upstreamOf(t, status(403)), 502},
		"429": {upstreamOf(t, status(429)), 502},
		"500": {upstreamOf(t, status(500)), 502},
		"502": {upstreamOf(t, status(502)), 502},
		"503": {upstreamOf(t, status(503)), 502},
		"504": {upstreamOf(t, status(504)), 502},
		"page": {upstreamOf(t, func(writer http.ResponseWriter, _ *http.Request) {
			writer.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(writer, "<html>log in")
		}), 502},
		"refused": {refusing(t), 502},
		"reset": {upstreamOf(t, func(writer http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(writer).Hijack()
			if err == nil {
				_ = connection.(*net.TCPConn).SetLinger(0) // a reset is what is wanted
				connection.Close()
			}
		}), 502},
		"silent": {upstreamOf(t, func(_ http.ResponseWriter, request *http.Request) { <-request.Context().Done() }), 504},
		"short": {upstreamOf(t, func(writer http.ResponseWriter, _ *http.Request) {
			writer.Header().Set("Content-Length", "100")
			fmt.Fprint(writer, "short")
		}), 502},
		"endless": {upstreamOf(t, func(writer http.ResponseWriter, _ *http.Request) {
			piece := bytes.Repeat([]byte("v1.0.0\n"), 1000)
			for _, err := writer.Write(piece); err == nil; _, err = writer.Write(piece) {
			}
		}), 502},
	}
	for name, upstream := range upstreams {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := start(t, upstream.url, func(conf *config.Config) {
				if name == "silent" {
					conf.UpstreamWait = 1
				}
			})
			for _, question := range questions {
				code, _ := proxy.get(question)
				expect(t, fmt.Sprint(question, " ", upstream.expected), fmt.Sprint(question, " ", code))
			}
		})
	}
}

func TestNothingIsTriedTenTimes(t *testing.T) {
	asked := 0
	proxy := start(t, upstreamOf(t, func(writer http.ResponseWriter, _ *http.Request) {
		asked++
		http.Error(writer, "busy", 503)
	}), nil)
	proxy.get("/example.com/m/@v/list")
	expect(t, 1, asked)
}

// As in cmd/go: behind a comma the next is asked after a 404 alone, behind a bar after a failure, too; and a failure of
// one is not made up for by the 404 of the next.
func TestSeparatorsBetweenUpstreams(t *testing.T) {
	files := upstreamOf(t, serveFiles(module(t)))
	none := upstreamOf(t, http.NotFound)
	broken := upstreamOf(t, func(writer http.ResponseWriter, _ *http.Request) { http.Error(writer, "no", 500) })
	silent := upstreamOf(t, func(_ http.ResponseWriter, request *http.Request) { <-request.Context().Done() })
	for list, expected := range map[string]int{
		none + "," + files: 200, none + "|" + files: 200, broken + "|" + files: 200, broken + "," + files: 502,
		files + "," + broken: 200, broken + "|" + none: 502, none + "," + broken: 502, none + "|" + none: 404,
		silent + "|" + none: 504, refusing(t) + "|" + none: 502,
	} {
		proxy := start(t, list, func(conf *config.Config) {
			if strings.HasPrefix(list, silent) {
				conf.UpstreamWait = 1
			}
		})
		code, _ := proxy.get("/example.com/m/@v/v1.0.0.mod")
		expect(t, fmt.Sprint(list, expected), fmt.Sprint(list, code))
	}
}

func TestBytesAreThoseOfTheUpstream(t *testing.T) {
	files := module(t)
	proxy := start(t, upstreamOf(t, serveFiles(files)), nil)
	for _, question := range questions[3:5] {
		code, body := proxy.get(question)
		expect(t, fmt.Sprint(200, string(files[question])), fmt.Sprint(code, body))
	}
}

func TestOfflineAnswersAtOnceFromTheCache(t *testing.T) {
	asked := 0
	files := module(t)
	proxy := start(t, upstreamOf(t, func(writer http.ResponseWriter, request *http.Request) {
		asked++
		serveFiles(files)(writer, request)
	}), nil)
	var before []string
	for _, question := range questions {
		before = append(before, proxy.said(question))
	}
	if err := os.WriteFile(filepath.Join(proxy.place, config.Offline), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	online, begun := asked, time.Now()
	for number, question := range questions {
		expect(t, before[number], proxy.said(question))
	}
	unknown, _ := proxy.get("/example.com/unknown/@v/list")
	expect(t, fmt.Sprint(online, 503, true), fmt.Sprint(asked, unknown, time.Since(begun) < 10*time.Second))
}

// Where the cache is said to be all there is, and where there never is an upstream.
func TestWhatIsNotInAWholeCacheDoesNotExist(t *testing.T) {
	for name, more := range map[string]func(*config.Config){
		"complete":    func(conf *config.Config) { conf.MissingIsFinal = true },
		"no upstream": func(conf *config.Config) { conf.Upstream = "off" },
		"":            func(*config.Config) {},
	} {
		proxy := start(t, upstreamOf(t, serveFiles(module(t))), more)
		if err := os.WriteFile(filepath.Join(proxy.place, config.Offline), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		expected := map[bool]int{true: 503, false: 404}[name == ""]
		for _, question := range questions {
			code, _ := proxy.get(question)
			expect(t, fmt.Sprint(name, question, expected), fmt.Sprint(name, question, code))
		}
	}
}

func TestListIsServedFromTheCacheWhenTheUpstreamFails(t *testing.T) {
	files, broken := module(t), false
	proxy := start(t, upstreamOf(t, func(writer http.ResponseWriter, request *http.Request) {
		if broken {
			http.Error(writer, "no", 500)
			return
		}
		serveFiles(files)(writer, request)
	}), nil)
	proxy.get("/example.com/m/@v/list")
	broken = true
	code, body := proxy.get("/example.com/m/@v/list")
	expect(t, "200 v1.0.0", fmt.Sprint(code, " ", body))
}

func TestTokens(t *testing.T) {
	digest := sha256.Sum256([]byte("right"))
	proxy := start(t, upstreamOf(t, serveFiles(module(t))), func(conf *config.Config) {
		conf.TLS, conf.Tokens = true, []string{hex.EncodeToString(digest[:])}
	})
	for _, one := range []struct {
		path     string
		allow    func(*http.Request)
		expected int
	}{
		{"/example.com/m/@v/list", func(*http.Request) {}, 401},
		{"/example.com/m/@v/list", func(r *http.Request) { r.SetBasicAuth("anybody", "wrong") }, 401},
		{"/example.com/m/@v/list", func(r *http.Request) { r.SetBasicAuth("right", "") }, 401},
		{"/example.com/m/@v/list", func(r *http.Request) { r.SetBasicAuth("anybody", "right") }, 200},
		{"/example.com/m/@v/list", func(r *http.Request) { r.Header.Set("Authorization", "Bearer right") }, 200},
		{"/example.com/m/@v/list", func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") }, 401},
		{"/sumdb/sum.example/supported", func(*http.Request) {}, 401},
		{"/metrics", func(*http.Request) {}, 401},
		{"/healthz", func(*http.Request) {}, 200},
	} {
		request, err := http.NewRequest(http.MethodGet, proxy.URL+one.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		one.allow(request)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		expect(t, fmt.Sprint(one.path, one.expected), fmt.Sprint(one.path, response.StatusCode))
	}
}

func TestMetricsCount(t *testing.T) {
	proxy := start(t, upstreamOf(t, serveFiles(module(t))), nil)
	proxy.get("/example.com/m/@v/v1.0.0.zip")
	proxy.get("/example.com/m/@v/v1.0.0.zip")
	_, text := proxy.get("/metrics")
	for _, row := range []string{"goproxyd_cache_hits_total 1", "goproxyd_cache_misses_total 1", "goproxyd_cache_stored_total 3"} {
		expect(t, row+" true", fmt.Sprint(row, " ", strings.Contains(text, row+"\n")))
	}
}

func TestTooManyAreToldToComeAgain(t *testing.T) {
	held, release := make(chan bool), make(chan bool)
	proxy := start(t, upstreamOf(t, func(writer http.ResponseWriter, request *http.Request) {
		held <- true
		<-release
		http.NotFound(writer, request)
	}), func(conf *config.Config) { conf.MaxRequests, conf.UpstreamWait = 1, 60 })
	done := make(chan int)
	go func() {
		response, err := http.Get(proxy.URL + "/example.com/m/@v/list")
		if err != nil {
			done <- 0
			return
		}
		response.Body.Close()
		done <- response.StatusCode
	}()
	<-held
	code, _ := proxy.get("/example.com/m/@latest")
	close(release)
	expect(t, "503 404", fmt.Sprint(code, " ", <-done))
}
