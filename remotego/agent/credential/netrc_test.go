package credential

import (
	"os"
	"path/filepath"
	"testing"
)

const lent = "machine h.example login x password ours\n"

func home(t *testing.T) (folder, own string) {
	t.Helper()
	folder = t.TempDir()
	t.Setenv("HOME", folder)
	return filepath.Join(folder, "auth"), filepath.Join(folder, ".netrc")
}

func TestWhatTheLoginHasInItsNetrcStandsBehindOurs(t *testing.T) {
	directory, own := home(t)
	theirs := "machine h.example login x password old machine other.example login y password z\n"
	write(t, own, theirs)
	held, forget, err := keepNetrc(Order{ID: "aa", Netrc: lent}, directory)
	if err != nil {
		t.Fatal(err)
	}
	defer forget()
	text, err := os.ReadFile(held.path)
	if err != nil || string(text) != lent+theirs {
		t.Errorf("%q, %v", text, err)
	}
	if held.kept != 1 || len(held.hidden) != 1 || held.hidden[0] != "h.example" {
		t.Errorf("%+v", held)
	}
}

func TestANetrcThatIsThereIsNotReplaced(t *testing.T) {
	directory, own := home(t)
	write(t, own, "machine a login b password c\n")
	if _, _, err := keepNetrc(Order{ID: "aa", Netrc: lent, LinkNetrc: true}, directory); err == nil {
		t.Error("it was")
	}
	text, _ := os.ReadFile(own)
	if _, err := os.Stat(directory); string(text) != "machine a login b password c\n" || !os.IsNotExist(err) {
		t.Errorf("%q, %v", text, err)
	}
}

func TestANetrcThatCannotBeKeptIsAReasonToStop(t *testing.T) {
	directory, own := home(t)
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := keepNetrc(Order{ID: "aa", Netrc: lent}, directory); err == nil {
		t.Error("what is there would not be read any more")
	}
}

func TestALinkGoesWithItsServerAndNoOther(t *testing.T) {
	directory, own := home(t)
	_, forget, err := keepNetrc(Order{ID: "aa", Netrc: lent, LinkNetrc: true}, directory)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(own); err != nil || string(text) != lent {
		t.Errorf("%q, %v", text, err)
	}
	forget()
	if left, _ := os.ReadDir(filepath.Dir(own)); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestALinkOfAKilledServerIsReplacedAndOneOfAnotherHostIsNot(t *testing.T) {
	for name, wanted := range map[string]bool{mark("bb"): true, "bb.deadbeef": false} {
		directory, own := home(t)
		way := filepath.Join(directory, name+netrcSuffix)
		if err := os.Mkdir(directory, 0o700); err != nil {
			t.Fatal(err)
		}
		for from, to := range map[string]string{way: "/proc/0/fd/3", own: way} {
			if err := os.Symlink(to, from); err != nil {
				t.Fatal(err)
			}
		}
		_, forget, err := keepNetrc(Order{ID: "aa", Netrc: lent, LinkNetrc: true}, directory)
		if (err == nil) != wanted {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			forget()
		} else if to, _ := os.Readlink(own); to != way {
			t.Errorf("%s: it leads to %s now", name, to)
		}
	}
}
