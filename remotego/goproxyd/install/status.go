package install

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"remotego/goproxyd/certificate"
	"remotego/goproxyd/config"
	"remotego/goproxyd/keeper"
)

// State is what is printed of a place.
type State struct {
	There      bool            `json:"there"`
	Place      string          `json:"place"`
	Config     json.RawMessage `json:"config"`
	Program    string          `json:"program"`
	Supervisor string          `json:"supervisor"`
	Names      []string        `json:"names"`
	CertSHA256 string          `json:"cert_sha256"`
	CertNames  []string        `json:"cert_names"`
	CA         string          `json:"ca"`
	Current    bool            `json:"current"` // the certificate is good for a while yet
	Offline    bool            `json:"offline"`
	Keeper     int             `json:"keeper"`
	Server     int             `json:"server"`
	Health     string          `json:"health"` // empty when it answers, else why it does not
	Lingers    string          `json:"lingers"`
	SizeBytes  int64           `json:"size_bytes"`
}

// Status prints the State of a place; that there is nothing is no error.
func Status(_ context.Context, place string) error {
	if err := os.Chdir(place); errors.Is(err, os.ErrNotExist) {
		return json.NewEncoder(os.Stdout).Encode(State{Place: place})
	} else if err != nil {
		return err
	}
	return tell()
}

func tell() error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	state := State{Place: here, Config: json.RawMessage("null"), Names: []string{}, CertNames: []string{}}
	text := content(config.File)
	var kept note
	if json.Valid(text) && json.Unmarshal(content(noteFile), &kept) == nil {
		state.There, state.Config, state.Supervisor = true, text, kept.Supervisor
		state.Names = append(state.Names, kept.Names...)
		state.Program, _ = os.Readlink(config.Program)
		state.describe()
	}
	return json.NewEncoder(os.Stdout).Encode(state)
}

func (state *State) describe() {
	cert := content(config.Cert)
	if cert != nil {
		digest := sha256.Sum256(cert)
		state.CertSHA256 = hex.EncodeToString(digest[:])
		state.CertNames = append(state.CertNames, certificate.Names(cert)...)
	}
	made := certificate.Made{CA: content(config.CA), Cert: cert, Key: content(config.Key)}
	state.CA = string(made.CA)
	state.Current = len(state.Names) == 0 || certificate.Suits(made, state.Names, time.Now())
	state.Offline = content(config.Offline) != nil
	if reply, err := keeper.Tell("status"); err == nil {
		state.Keeper, state.Server = reply.Keeper, reply.Server
	}
	if err := probe(); err != nil {
		state.Health = err.Error()
	}
	if state.Supervisor == user.name {
		state.Lingers = lingers()
	}
	state.SizeBytes = size(filepath.Join(config.Cache, "blobs"))
}

// answers waits until the proxy answers where clients ask it.
func answers() error {
	end := time.Now().Add(startWait)
	for {
		err := probe()
		if err == nil || time.Now().After(end) {
			return err
		}
		time.Sleep(probeStep)
	}
}

// probe asks as a client does: by TCP, and by TLS with the certificate checked for one of its names.
func probe() error {
	conf, err := config.Load(".")
	if err != nil {
		return err
	}
	client, err := clientFor(conf)
	if err != nil {
		return err
	}
	response, err := client.Get(conf.URL() + "/healthz")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, 256))
	if err == nil && (response.StatusCode != http.StatusOK || !strings.HasPrefix(string(said), "ok ")) {
		err = fmt.Errorf("%s answers %s, and is not this proxy", conf.Listen, response.Status)
	}
	return err
}

func clientFor(conf config.Config) (*http.Client, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	if conf.TLS {
		pair, err := tls.LoadX509KeyPair(config.Cert, config.Key)
		if err != nil {
			return nil, err
		}
		trusted := x509.NewCertPool()
		trusted.AddCert(pair.Leaf)
		trusted.AppendCertsFromPEM(content(config.CA))
		transport.TLSClientConfig = &tls.Config{RootCAs: trusted, ServerName: nameFor(content(config.Cert)), MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}, nil
}

// nameFor is one that a certificate is for; any below a domain with a star.
func nameFor(cert []byte) string {
	names := certificate.Names(cert)
	if len(names) == 0 {
		return ""
	}
	return strings.Replace(names[0], "*", "any", 1)
}

func size(dir string) (total int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			total += info.Size()
		}
	}
	return total
}
