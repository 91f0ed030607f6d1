package credential

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"remotego/agent/unixsock"
)

func TestWhatAnotherHostHasInTheSameHomeStays(t *testing.T) {
	folder := t.TempDir()
	own, others, forgotten := mark("aa")+gitSuffix, "bb.deadbeef"+gitSuffix, "cc.deadbeef"+gitSuffix
	for _, name := range []string{own, others, forgotten} {
		write(t, filepath.Join(folder, name), "")
	}
	long := time.Now().Add(-longest - 2*time.Hour)
	if err := os.Chtimes(filepath.Join(folder, forgotten), long, long); err != nil {
		t.Fatal(err)
	}
	if err := include(folder); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"+gitSuffix))
	list, _ := os.ReadFile(filepath.Join(folder, gitName))
	want := "[include]\n\tpath = " + others + "\n"
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != others || string(list) != want {
		t.Errorf("%v, %q, %v", left, list, err)
	}
}

func TestTheSocketOfAnotherHostIsNotSweptUp(t *testing.T) {
	folder, err := os.MkdirTemp("", "sweep")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	own, others := filepath.Join(folder, mark("aa")+suffix), filepath.Join(folder, "bb.deadbeef"+suffix)
	for _, path := range []string{own, others} {
		bound := filepath.Join(folder, "s")
		listener, err := unixsock.Listen(bound)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(bound, path); err != nil {
			t.Fatal(err)
		}
		listener.Close()
	}
	sweep(folder)
	left, _ := filepath.Glob(filepath.Join(folder, "*"))
	if len(left) != 1 || left[0] != others {
		t.Errorf("%v", left)
	}
}
