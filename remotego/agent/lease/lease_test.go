package lease

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"time"
)

func why(t *testing.T, held Lease) string {
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

// TestEndWord: the word ends it.
func TestEndWord(t *testing.T) {
	input := bufio.NewReader(io.MultiReader(strings.NewReader("\n{\"end\":true}\n"), blocked()))
	equal(t, "end", why(t, Hold(input, time.Minute, false)))
}

// TestClosed: the end of input ends it.
func TestClosed(t *testing.T) {
	equal(t, "closed", why(t, Hold(bufio.NewReader(strings.NewReader("x\n")), time.Minute, false)))
}

// TestSilent: silence ends it, not before its term.
func TestSilent(t *testing.T) {
	began := time.Now()
	equal(t, "silent", why(t, Hold(bufio.NewReader(blocked()), 50*time.Millisecond, false)))
	equal(t, true, time.Since(began) >= 50*time.Millisecond)
}

// TestKept: a kept session outlives its input, until the word.
func TestKept(t *testing.T) {
	reader, writer := io.Pipe()
	held := Hold(bufio.NewReader(reader), time.Millisecond, true)
	io.WriteString(writer, "{\"ping\":7}\n")
	equal(t, 7, <-held.Pings)
	io.WriteString(writer, "{\"end\":true}\n")
	equal(t, "end", why(t, held))
}

// TestGarbage: what is no JSON renews, and is no more than that.
func TestGarbage(t *testing.T) {
	reader, writer := io.Pipe()
	held := Hold(bufio.NewReader(reader), time.Minute, false)
	io.WriteString(writer, "\x00{]\n[]\n{\"end\":\"yes\"}\n")
	io.WriteString(writer, "{\"ping\":1}\n")
	equal(t, 1, <-held.Pings)
	writer.Close()
	equal(t, "closed", why(t, held))
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
