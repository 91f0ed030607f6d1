package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
)

func relayed(where ...string) *exec.Cmd {
	return exec.Command(agent, append([]string{"relay"}, where...)...)
}

// TestRelayEcho: 20 MB arrive unchanged both ways, and the half-close with them.
func TestRelayEcho(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	must(t, err)
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			io.Copy(conn, conn)
			conn.Close()
		}
	}()
	sent := make([]byte, 20<<20)
	rand.Read(sent)
	command := relayed(path)
	command.Stdin = bytes.NewReader(sent)
	received, err := command.Output()
	must(t, err)
	equal(t, "bytes", sha256.Sum256(sent), sha256.Sum256(received))
}

// TestRelayGreeting: the greeting comes first, once the connection stands, over TCP as well.
func TestRelayGreeting(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			io.Copy(conn, conn)
			conn.Close()
		}
	}()
	command := relayed("tcp:"+listener.Addr().String(), "@0 begin 0")
	command.Stdin = bytes.NewReader([]byte("hello"))
	received, err := command.Output()
	must(t, err)
	equal(t, "greeting and bytes", "@0 begin 0\nhello", string(received))
}

// TestRelayNoGreeting: where nobody listens there is no greeting.
func TestRelayNoGreeting(t *testing.T) {
	command := relayed("tcp:127.0.0.1:1", "@0 begin 0")
	received, _ := command.Output()
	equal(t, "output", "", string(received))
	equal(t, "exit code", exitFailed, command.ProcessState.ExitCode())
}

// TestRelayOtherEnd: when the socket's side ends, the relay ends, whatever its input does.
func TestRelayOtherEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	must(t, err)
	defer listener.Close()
	command := relayed(path)
	stdin, err := command.StdinPipe()
	must(t, err)
	defer stdin.Close()
	must(t, command.Start())
	conn, err := listener.Accept()
	must(t, err)
	conn.Close()
	must(t, command.Wait())
}

// TestRelayNowhere: no socket is an error in one line of JSON.
func TestRelayNowhere(t *testing.T) {
	command := relayed(filepath.Join(t.TempDir(), "none"))
	var said bytes.Buffer
	command.Stderr = &said
	command.Run()
	equal(t, "exit code", exitFailed, command.ProcessState.ExitCode())
	var complaint map[string]string
	must(t, json.Unmarshal(said.Bytes(), &complaint))
	equal(t, "error is told", true, complaint["error"] != "")
}
