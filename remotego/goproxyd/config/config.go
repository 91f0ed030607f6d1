// Package config is what a proxy is told: one file of JSON in its place, without a secret in it.
package config

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Names of files in a place.
const (
	File    = "config.json"
	Offline = "offline" // its presence cuts the proxy off from its upstreams, without a restart
	Cert    = "tls.crt"
	Key     = "tls.key"
	Cache   = "cache"
	Temp    = "tmp"
	Trust   = "trust"        // a directory of one file, for SSL_CERT_DIR
	CA      = "trust/ca.crt" // what clients trust, where the certificate is of our own making
	Program = "program"      // a link to the program that serves
	Socket  = "keeper"       // where the keeper takes orders
	Lock    = "keeper.lock"  // held by the keeper for as long as it lives
	Log     = "log"
)

// What a keeper hands to the server it starts: files by number, and the environment says that they are there.
const (
	KeptVariable     = "GOPROXYD_KEPT"
	ListenerFile     = 3                   // the socket to listen on
	LifelineFile     = 4                   // a pipe that is closed when the keeper dies
	ListenerVariable = "GOPROXYD_LISTENER" // for a keeper that is started by a server without one: the socket is there
	SystemdVariable  = "INVOCATION_ID"     // set by systemd, which then looks after the keeper
)

// None is the Upstream of a proxy that has none.
const None = "off"

// HealthSocketPattern matches all names that HealthSocket gives.
const HealthSocketPattern = "server.*"

// HealthSocket is where a server is asked how it is, whoever else listens on the same port.
func HealthSocket(pid int) string { return fmt.Sprintf("server.%d", pid) }

// Config says how to serve. Sizes are in bytes, times in seconds.
type Config struct {
	Listen         string   `json:"listen"`          // HOST:PORT, an address and not a name
	TLS            bool     `json:"tls"`             // with Cert and Key of the place
	Tokens         []string `json:"tokens"`          // SHA-256 of each token, in hexadecimal
	Upstream       string   `json:"upstream"`        // as GOPROXY, but without direct
	SumDB          string   `json:"sumdb"`           // as GOSUMDB: what checks modules that come in
	NoSumDB        string   `json:"nosumdb"`         // as GONOSUMDB
	ProxiedSumDBs  []string `json:"proxied_sumdbs"`  // NAME, or NAME URL: databases that clients reach through us
	MaxBytes       int64    `json:"max_bytes"`       // of the cache; what was not used longest goes first
	Seeds          []string `json:"seeds"`           // directories as GOMODCACHE/cache/download, read and never written
	UpstreamWait   int      `json:"upstream_wait_s"` // for an upstream's header, and between two pieces of its body
	MaxRequests    int      `json:"max_requests"`    // at once; more are told to come again
	MissingIsFinal bool     `json:"missing_is_final"`
	// MissingIsFinal: offline, what is neither cached nor known to be absent is 404 instead of 503. Right where the
	// cache is all there is: go asks for paths above a package and gives up at anything but 404.
}

// Default is what a field has that a file leaves out.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8081", Upstream: "https://proxy.golang.org", SumDB: "sum.golang.org",
		ProxiedSumDBs: []string{"sum.golang.org"}, MaxBytes: 10 << 30, UpstreamWait: 30, MaxRequests: 256,
	}
}

// Load reads and checks the file of a place. A field it does not know is an error: it would do nothing.
func Load(place string) (Config, error) {
	text, err := os.ReadFile(filepath.Join(place, File))
	if err != nil {
		return Config{}, err
	}
	return Parse(text)
}

// Parse reads and checks a configuration.
func Parse(text []byte) (Config, error) {
	conf := Default()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&conf); err != nil {
		return Config{}, fmt.Errorf("%s: %w", File, err)
	}
	if err := conf.check(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", File, err)
	}
	return conf, nil
}

// Wait is UpstreamWait as a duration.
func (conf Config) Wait() time.Duration { return time.Duration(conf.UpstreamWait) * time.Second }

// CacheIsAll says whether what is missing while nobody is asked does not exist: because we were told so, or because
// there never is anybody to ask, as with a GOPROXY of files.
func (conf Config) CacheIsAll() bool { return conf.MissingIsFinal || conf.Upstream == None }

// VerifiedBy is SumDB with a URL, which urlOf gives for a name, where it needs one: none is asked, one has a URL of its
// own, and cmd/go knows of one that is another's at a place of its own.
func (conf Config) VerifiedBy(urlOf func(name string) string) string {
	if conf.SumDB == None || conf.SumDB == "sum.golang.google.cn" || len(strings.Fields(conf.SumDB)) != 1 {
		return conf.SumDB
	}
	name, _, _ := strings.Cut(conf.SumDB, "+")
	return conf.SumDB + " " + urlOf(name)
}

// Databases are ProxiedSumDBs, each with a URL.
func (conf Config) Databases(urlOf func(name string) string) []string {
	var found []string
	for _, one := range conf.ProxiedSumDBs {
		if words := strings.Fields(one); len(words) == 1 {
			one = words[0] + " " + urlOf(words[0])
		}
		found = append(found, one)
	}
	return found
}

// URL is where clients on this machine reach the proxy.
func (conf Config) URL() string {
	if conf.TLS {
		return "https://" + conf.Listen
	}
	return "http://" + conf.Listen
}

func (conf Config) check() error {
	return errors.Join(conf.checkListen(), conf.checkTokens(), checkUpstream(conf.Upstream), conf.checkAmounts())
}

// checkListen keeps what can be reached from outside behind TLS and a token, and tokens off plain HTTP, where go
// does not send them and others can read them.
func (conf Config) checkListen() error {
	listen, err := netip.ParseAddrPort(conf.Listen)
	switch {
	case err != nil:
		return fmt.Errorf("listen: %q is no address and port: %w", conf.Listen, err)
	case !listen.Addr().IsLoopback() && (!conf.TLS || len(conf.Tokens) == 0):
		return fmt.Errorf("listen: %s can be reached from outside, which takes TLS and a token", conf.Listen)
	case len(conf.Tokens) > 0 && !conf.TLS:
		return errors.New("tokens: they take TLS; go sends none over plain HTTP")
	}
	return nil
}

func (conf Config) checkTokens() error {
	for _, token := range conf.Tokens {
		if digest, err := hex.DecodeString(token); err != nil || len(digest) != 32 {
			return errors.New("tokens: one is not the SHA-256 of a token in hexadecimal")
		}
	}
	return nil
}

// checkUpstream refuses direct, which would take go and git here, and would go round every proxy.
func checkUpstream(list string) error {
	if list == None {
		return nil
	}
	for _, one := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' }) {
		parsed, err := url.Parse(one)
		switch {
		case one == "off":
		case one == "direct":
			return errors.New("upstream: direct is not served here")
		case err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https"):
			return errors.New("upstream: one is no http or https URL")
		case parsed.User != nil:
			return errors.New("upstream: a URL with credentials would be a secret in a file")
		}
	}
	if strings.Trim(list, ",|") == "" {
		return errors.New("upstream: it is empty; write off for none")
	}
	return nil
}

func (conf Config) checkAmounts() error {
	if conf.MaxBytes < 1<<20 || conf.UpstreamWait < 1 || conf.MaxRequests < 1 {
		return errors.New("max_bytes is at least 1 MiB, upstream_wait_s and max_requests at least 1")
	}
	return nil
}
