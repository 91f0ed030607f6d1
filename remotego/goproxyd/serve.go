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
	"remotego/goproxyd/keeper"
	"remotego/goproxyd/reverse"
)

const (
	// drain is how long downloads under way may take after the end was asked for.
	drain = 30 * time.Minute

	// reviveTries are made to start another keeper, before those who come are no longer answered.
	reviveTries = 60
	revivePause = time.Second

	headerWait = 10 * time.Second
	idleWait   = 2 * time.Minute
	headerSize = 32 << 10
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
	private, err := healthListener()
	if err != nil {
		return err
	}
	public := server.secured(listener)
	ended := make(chan error, 1)
	go func() { ended <- server.http.Serve(public) }()
	if private != nil {
		go func() { _ = server.http.Serve(private) }() // its end is that of the other
	}
	server.log.Info("serving", "url", conf.URL(), "upstream", conf.Upstream, "tokens", len(conf.Tokens))
	select {
	case err := <-ended:
		return err
	case <-orphaned():
		server.log.Warn("the keeper has died")
		if err := revive(ctx, listener); err != nil {
			server.log.Error("cannot start another keeper", "cause", err)
		}
	case <-ctx.Done():
	}
	return server.drain(public, ended)
}

// drain sees requests through. Shutdown alone would miss a connection that has just been accepted, and the end of the
// process would cut it: so nothing more is accepted first, and the one who accepts has come to its end.
func (server *server) drain(public net.Listener, ended <-chan error) error {
	server.log.Info("draining")
	if err := public.Close(); err != nil {
		return err
	}
	<-ended
	final, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	return server.http.Shutdown(final)
}

// near serves over standard input and output what far passes on.
func near(ctx context.Context, place string) error {
	conf, err := config.Load(place)
	if err != nil {
		return err
	}
	server, err := newServer(place, conf)
	if err != nil {
		return err
	}
	defer server.close()
	return reverse.Near(ctx, server.http)
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

func (server *server) secured(listener net.Listener) net.Listener {
	if server.http.TLSConfig == nil {
		return listener
	}
	return tls.NewListener(listener, server.http.TLSConfig)
}

// healthListener is where the keeper asks this server and no other; nil without a keeper. The working directory is the
// place then. A socket of that name is of a process that is no more.
func healthListener() (net.Listener, error) {
	if os.Getenv(config.KeptVariable) == "" {
		return nil, nil
	}
	name := config.HealthSocket(os.Getpid())
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return net.Listen("unix", name)
}

// revive starts another keeper, which takes the socket over from us: the port is never free. What keeps it from starting
// may pass, and we go on serving until it does; but not without a place. Under systemd it is systemd that starts it.
func revive(ctx context.Context, listener net.Listener) error {
	if os.Getenv(config.SystemdVariable) != "" {
		return nil
	}
	socket, err := keeper.Shared(listener.(*net.TCPListener))
	if err != nil {
		return err
	}
	defer socket.Close()
	for tries := 1; ; tries++ {
		err = keeper.Start(socket)
		if err == nil || tries == reviveTries || errors.Is(err, os.ErrNotExist) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(revivePause):
		}
	}
}

// listen takes the socket of the keeper, or makes its own where there is none.
func listen(conf config.Config) (net.Listener, error) {
	if os.Getenv(config.KeptVariable) == "" {
		return net.Listen("tcp", conf.Listen)
	}
	file := os.NewFile(config.ListenerFile, "listener")
	defer file.Close()
	return net.FileListener(file)
}

// orphaned is closed when the keeper is gone. Without a keeper it never is.
func orphaned() <-chan struct{} {
	gone := make(chan struct{})
	if os.Getenv(config.KeptVariable) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.NewFile(config.LifelineFile, "lifeline"))
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
