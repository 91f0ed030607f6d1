package lease

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"time"
)

func why(t *testing.T, held *Lease) string {
	t.Helper()
	select {
	case reason := <-held.Over:
		return reason
	case <-time.After(5 * time.Second):
		t.Fatal("the lease does not end")
		return ""
	}
}

func equal[T comparable](t *testing.T, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("expected %v, got %v", expected, actual)
	}
}

func held(terms Terms, input io.Reader) *Lease {
	lease := New(terms)
	go lease.Listen(bufio.NewReader(input))
	return lease
}

// TestEndWord: the word ends it.
func TestEndWord(t *testing.T) {
	input := io.MultiReader(strings.NewReader("\n{\"end\":true}\n"), blocked())
	equal(t, "end", why(t, held(Terms{Term: time.Minute}, input)))
}

// TestClosed: the end of input ends it.
func TestClosed(t *testing.T) {
	equal(t, "closed", why(t, held(Terms{Term: time.Minute}, strings.NewReader("x\n"))))
}

// TestLinger: the end of input ends it only after its term.
func TestLinger(t *testing.T) {
	began := time.Now()
	equal(t, "closed", why(t, held(Terms{Term: 50 * time.Millisecond, Linger: true}, strings.NewReader("x\n"))))
	equal(t, true, time.Since(began) >= 50*time.Millisecond)
}

// TestReturn: who comes back in time holds it again.
func TestReturn(t *testing.T) {
	lease := held(Terms{Term: 300 * time.Millisecond, Linger: true}, strings.NewReader("x\n"))
	for now := range lease.Held {
		if now.Inputs == 0 {
			break
		}
	}
	reader, writer := io.Pipe()
	go lease.Listen(bufio.NewReader(reader))
	for range [10]int{} {
		io.WriteString(writer, "{\"ping\":1}\n")
		<-lease.Pings
		time.Sleep(50 * time.Millisecond)
	}
	io.WriteString(writer, "{\"end\":true}\n")
	equal(t, "end", why(t, lease))
}

// TestSilent: silence ends it, not before its term.
func TestSilent(t *testing.T) {
	began := time.Now()
	equal(t, "silent", why(t, held(Terms{Term: 50 * time.Millisecond}, blocked())))
	equal(t, true, time.Since(began) >= 50*time.Millisecond)
}

// TestKept: a kept session outlives its input, until the word.
func TestKept(t *testing.T) {
	reader, writer := io.Pipe()
	lease := held(Terms{Term: time.Millisecond, Keep: true}, reader)
	io.WriteString(writer, "{\"ping\":7}\n")
	equal(t, 7, <-lease.Pings)
	io.WriteString(writer, "{\"end\":true}\n")
	equal(t, "end", why(t, lease))
}

// TestKeptNoLonger: what is kept can be held like any other again.
func TestKeptNoLonger(t *testing.T) {
	reader, writer := io.Pipe()
	lease := held(Terms{Term: 50 * time.Millisecond, Keep: true}, reader)
	io.WriteString(writer, "{\"keep\":false}\n")
	equal(t, "silent", why(t, lease))
}

// TestGarbage: what is no JSON renews, and is no more than that.
func TestGarbage(t *testing.T) {
	reader, writer := io.Pipe()
	lease := held(Terms{Term: time.Minute}, reader)
	io.WriteString(writer, "\x00{]\n[]\n{\"end\":\"yes\"}\n")
	io.WriteString(writer, "{\"ping\":1}\n")
	equal(t, 1, <-lease.Pings)
	writer.Close()
	equal(t, "closed", why(t, lease))
}

// TestLongLine: a line without end takes no memory without end.
func TestLongLine(t *testing.T) {
	input := bufio.NewReaderSize(io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), strings.NewReader("\nnext\n")), 64)
	line, err := Line(input, 100)
	equal(t, nil, err)
	equal(t, 100, len(line))
	line, err = Line(input, 100)
	equal(t, nil, err)
	equal(t, "next\n", string(line))
}

func blocked() io.Reader {
	reader, _ := io.Pipe()
	return reader
}
