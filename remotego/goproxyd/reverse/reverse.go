// Package reverse leads a port of a host without a network to a proxy on a developer's machine, over one connection that
// somebody else has made: standard input and output at both ends. Many streams share it (github.com/hashicorp/yamux).
package reverse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/yamux"
)

// windowSize is what may be under way of one download: a line of 50 ms and 20 MB/s needs 1 MB.
const windowSize = 1 << 20

// pipes are standard input and output as one connection.
type pipes struct {
	io.ReadCloser
	out io.WriteCloser
}

func (both pipes) Write(bytes []byte) (int, error) { return both.out.Write(bytes) }
func (both pipes) Close() error                    { return errors.Join(both.ReadCloser.Close(), both.out.Close()) }

// settings find a dead connection within a minute, and say nothing to anybody: the session's end is an error already.
func settings() *yamux.Config {
	chosen := yamux.DefaultConfig()
	chosen.MaxStreamWindowSize = windowSize
	chosen.KeepAliveInterval = 15 * time.Second
	chosen.ConnectionWriteTimeout = 30 * time.Second
	chosen.LogOutput = io.Discard
	return chosen
}

// Far listens on an address of this machine and passes each connection on, until ctx or the connection ends. The
// greeting is a line that it prints once it listens; all that follows it is the connection.
func Far(ctx context.Context, address, greeting string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is no address of loopback: others would reach a proxy without TLS", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	defer listener.Close()
	if _, err := fmt.Println(greeting); err != nil {
		return err
	}
	session, err := yamux.Client(pipes{os.Stdin, os.Stdout}, settings())
	if err != nil {
		return err
	}
	defer session.Close()
	context.AfterFunc(ctx, func() { session.Close() })
	go func() {
		<-session.CloseChan()
		listener.Close()
	}()
	for {
		client, err := listener.Accept()
		if err != nil {
			return nil // the connection has ended, and so have we
		}
		go pass(client, session)
	}
}

func pass(client net.Conn, session *yamux.Session) {
	defer client.Close()
	stream, err := session.OpenStream()
	if err != nil {
		return
	}
	defer stream.Close()
	var ways sync.WaitGroup
	ways.Go(func() {
		_, _ = io.Copy(stream, client) // whoever goes first ends both ways
		stream.Close()
	})
	ways.Go(func() {
		_, _ = io.Copy(client, stream)
		_ = client.(*net.TCPConn).CloseWrite() // it may have gone
	})
	ways.Wait()
}

// Near answers what comes over the connection, until ctx or the connection ends.
func Near(ctx context.Context, server *http.Server) error {
	session, err := yamux.Server(pipes{os.Stdin, os.Stdout}, settings())
	if err != nil {
		return err
	}
	defer session.Close()
	context.AfterFunc(ctx, func() { session.Close() })
	err = server.Serve(session)
	if session.IsClosed() {
		return nil
	}
	return err
}
