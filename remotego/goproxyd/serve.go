package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"remotego/goproxyd/config"
	"remotego/goproxyd/front"
)

const (
	// drain is how long downloads under way may take after the end was asked for.
	drain = 30 * time.Minute

	headerWait = 10 * time.Second
	idleWait   = 2 * time.Minute
	headerSize = 32 << 10
)

// Files that a keeper hands to the server it starts, by number: the socket to listen on, and a pipe that is closed
// when the keeper dies. The environment says that they are there.
const (
	keptVariable = "GOPROXYD_KEPT"
	listenerFile = 3
	lifelineFile = 4
)

// serve answers clients until it is told to end; then it takes no more and sees downloads through.
func serve(ctx context.Context, place string) error {
	conf, err := config.Load(place)
	if err != nil {
		return err
	}
	server, err := newServer(place, conf)
	if err != nil {
		return err
	}
	defer server.close()
	listener, err := listen(conf)
	if err != nil {
		return err
	}
	if conf.TLS {
		listener = tls.NewListener(listener, server.http.TLSConfig)
	}
	gone := orphaned()
	failed := make(chan error, 1)
	go func() { failed <- server.http.Serve(listener) }()
	server.log.Info("serving", "url", conf.URL(), "upstream", conf.Upstream, "tokens", len(conf.Tokens))
	select {
	case err := <-failed:
		return err
	case <-gone:
	case <-ctx.Done():
	}
	server.log.Info("draining")
	final, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	return server.http.Shutdown(final)
}

type server struct {
	http *http.Server
	log  *slog.Logger
	temp string
}

func newServer(place string, conf config.Config) (*server, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("pid", os.Getpid())
	temp, err := ownTemp(filepath.Join(place, config.Temp))
	if err != nil {
		return nil, err
	}
	handler, err := front.New(place, temp, conf, log)
	if err != nil {
		os.RemoveAll(temp)
		return nil, err
	}
	made := &server{log: log, temp: temp, http: &http.Server{
		Handler: handler, ReadHeaderTimeout: headerWait, IdleTimeout: idleWait, MaxHeaderBytes: headerSize,
		ReadTimeout: idleWait, // of requests, which have no body
		ErrorLog:    slogLine(log),
	}}
	if conf.TLS {
		pair, err := tls.LoadX509KeyPair(filepath.Join(place, config.Cert), filepath.Join(place, config.Key))
		if err != nil {
			made.close()
			return nil, err
		}
		made.http.TLSConfig = &tls.Config{
			Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		}
	}
	return made, nil
}

func (server *server) close() { os.RemoveAll(server.temp) }

func slogLine(log *slog.Logger) *stdlog.Logger {
	return slog.NewLogLogger(log.Handler(), slog.LevelDebug)
}

// listen takes the socket of the keeper, or makes its own where there is none.
func listen(conf config.Config) (net.Listener, error) {
	if os.Getenv(keptVariable) == "" {
		return net.Listen("tcp", conf.Listen)
	}
	file := os.NewFile(listenerFile, "listener")
	defer file.Close()
	return net.FileListener(file)
}

// orphaned is closed when the keeper is gone. Without a keeper it never is.
func orphaned() <-chan struct{} {
	gone := make(chan struct{})
	if os.Getenv(keptVariable) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.NewFile(lifelineFile, "lifeline"))
			close(gone)
		}()
	}
	return gone
}

// ownTemp makes a room for what is not finished, and sweeps up after processes that are no more.
func ownTemp(above string) (string, error) {
	if err := os.MkdirAll(above, 0o700); err != nil {
		return "", err
	}
	others, err := os.ReadDir(above)
	if err != nil {
		return "", err
	}
	for _, other := range others {
		pid, err := strconv.Atoi(other.Name())
		if err != nil || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			os.RemoveAll(filepath.Join(above, other.Name()))
		}
	}
	own := filepath.Join(above, fmt.Sprint(os.Getpid()))
	if err := os.RemoveAll(own); err != nil {
		return "", err
	}
	return own, os.Mkdir(own, 0o700)
}
