package keeper

import (
	"io"
	"net"
	"os/exec"
	"testing"
	"time"
)

// As when another server is started by it: the one before has to stop listening without another client coming.
func TestASocketThatIsSharedCanBeClosed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	shareWithAnother(t, listener.(*net.TCPListener))
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			client.Close()
		}
	}()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := io.ReadAll(client); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error)
	go func() { closed <- listener.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("it waits for another client")
	}
}

func shareWithAnother(t *testing.T, listener *net.TCPListener) {
	t.Helper()
	socket, err := Shared(listener)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	command := exec.Command("true")
	command.ExtraFiles = append(command.ExtraFiles, socket)
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
}
