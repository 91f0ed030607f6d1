package endpoint

import (
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func equal[T comparable](t *testing.T, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("expected %v, got %v", expected, actual)
	}
}

// echo returns what it gets on a new listener.
func echo(t *testing.T, network, address string) net.Listener {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(conn, conn)
				conn.Close()
			}()
		}
	}()
	return listener
}

// said is what comes back from where.
func said(t *testing.T, where string) string {
	t.Helper()
	conn, err := Dial(where, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte("hello"))
	conn.CloseWrite()
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

func TestUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	echo(t, "unix", path)
	equal(t, "hello", said(t, path))
}

func TestTCP(t *testing.T) {
	equal(t, "hello", said(t, "tcp:"+echo(t, "tcp", "127.0.0.1:0").Addr().String()))
}

func TestTCP6(t *testing.T) {
	if _, err := os.Stat("/proc/sys/net/ipv6"); err != nil {
		t.Log("no IPv6 here")
		return
	}
	equal(t, "hello", said(t, "tcp:"+echo(t, "tcp6", "[::1]:0").Addr().String()))
}

// TestNextAddress: one that refuses does not keep us from the next.
func TestNextAddress(t *testing.T) {
	good := echo(t, "tcp", "127.0.0.1:0").Addr().String()
	_, port, _ := strings.Cut(good, ":")
	equal(t, "hello", said(t, "tcp:127.0.0.2:"+port+","+good))
}

// TestRefused: nobody listens, and the error says where.
func TestRefused(t *testing.T) {
	_, err := Dial("tcp:127.0.0.1:1", time.Second)
	equal(t, true, errors.Is(err, syscall.ECONNREFUSED))
	equal(t, true, strings.Contains(fmt.Sprint(err), "127.0.0.1:1"))
}

// TestSilence: where nothing answers, patience ends. A full backlog drops what comes.
func TestSilence(t *testing.T) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	syscall.Listen(fd, 0)
	name, _ := syscall.Getsockname(fd)
	where := fmt.Sprintf("tcp:127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for i := 0; i < 2; i++ {
		if conn, err := Dial(where, time.Second); err == nil {
			defer conn.Close()
		}
	}
	began := time.Now()
	_, err = Dial(where, 300*time.Millisecond)
	equal(t, true, errors.Is(err, os.ErrDeadlineExceeded))
	equal(t, true, time.Since(began) < 2*time.Second)
}

// TestAddresses: every address that Go knows is read as Go reads it.
func TestAddresses(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for i := 0; i < 20000; i++ {
		var raw [16]byte
		for at := range raw {
			if random.Intn(3) == 0 {
				raw[at] = byte(random.Intn(256))
			}
		}
		text := netip.AddrFrom16(raw).String()
		if strings.Contains(text, ".") {
			continue
		}
		read, err := parse6(text)
		equal(t, nil, err)
		equal(t, raw, read)
	}
}

// TestNoAddress: what is none is refused.
func TestNoAddress(t *testing.T) {
	for _, text := range []string{
		"", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3:1", "1.2.3.4.5:1", "1.2.3.256:1", "1.2.3.-1:1",
		"localhost:1", "[]:1", "[1:2]:1", "[1:2:3:4:5:6:7:8:9]:1", "[1::2::3]:1", "[g::]:1", "[fe80::1%eth0]:1",
		"[1:2:3:4::5:6:7:8]:1", "[12345::]:1",
	} {
		if address, err := parse(text); err == nil {
			t.Errorf("%q is read as %v", text, address)
		}
	}
}
