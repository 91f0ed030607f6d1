// Command forge is a git server and a module proxy behind TLS that want a token, of which it knows the digest only:
// git http-backend below /team, /forbidden (403 with a good token) and a file tree of modules below /proxy.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"html"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"path/filepath"
	"strings"
)

var (
	listen = flag.String("listen", "127.0.0.1:0", "address")
	cert   = flag.String("cert", "", "certificate")
	key    = flag.String("key", "", "its key")
	root   = flag.String("root", "", "directory with repositories and the tree proxy")
	git    = flag.String("git", "git", "git")
	digest = flag.String("digest", "", "SHA-256 of the token, in hex")
)

func main() {
	flag.Parse()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.SetOutput(os.Stdout)
	log.SetFlags(0)
	log.Fatal(http.ServeTLS(listener, http.HandlerFunc(serve), *cert, *key))
}

func serve(w http.ResponseWriter, r *http.Request) {
	known, offered := known(r)
	recorder := &recorder{ResponseWriter: w, status: http.StatusOK}
	defer func() { log.Printf("%s %s offered=%v %d", r.Method, r.URL.Path, offered, recorder.status) }()
	// Nothing behind this gets to see it: http-backend would have it in its environment.
	r.Header.Del("Authorization")
	switch {
	case !known:
		recorder.Header().Set("WWW-Authenticate", `Basic realm="forge"`)
		http.Error(recorder, "a token is wanted", http.StatusUnauthorized)
	case strings.HasPrefix(r.URL.Path, "/forbidden/"):
		http.Error(recorder, "not for you", http.StatusForbidden)
	case strings.HasPrefix(r.URL.Path, "/proxy/"):
		http.StripPrefix("/proxy/", http.FileServer(http.Dir(filepath.Join(*root, "proxy")))).ServeHTTP(recorder, r)
	case r.URL.Query().Get("go-get") == "1":
		repository(recorder, r)
	default:
		backend(recorder, r)
	}
}

func known(r *http.Request) (known, offered bool) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if _, password, basic := r.BasicAuth(); basic {
		token = password
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:]) == *digest, token != ""
}

// repository says where a module's repository is (`go help importpath`): the first two segments.
func repository(w http.ResponseWriter, r *http.Request) {
	parts := strings.SplitN(strings.Trim(r.URL.Path, "/"), "/", 3)
	name := strings.Join(parts[:min(2, len(parts))], "/")
	if _, err := os.Stat(filepath.Join(*root, name+".git")); err != nil {
		http.NotFound(w, r)
		return
	}
	prefix := html.EscapeString(r.Host + "/" + name)
	fmt.Fprintf(w, "<meta name=\"go-import\" content=\"%s git https://%s.git\">\n", prefix, prefix)
}

func backend(w http.ResponseWriter, r *http.Request) {
	handler := cgi.Handler{
		Path:   *git,
		Args:   []string{"http-backend"},
		Env:    []string{"GIT_PROJECT_ROOT=" + *root, "GIT_HTTP_EXPORT_ALL=1", "HOME=/nonexistent"},
		Logger: log.Default(),
	}
	handler.ServeHTTP(w, r)
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
