package credential

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	self    = "/s/store/agent-1"
	command = "!'/s/store/agent-1' credential git"
	asked   = "https://h.example:8443/team/svc.git"
	team    = "https://h.example:8443/team"
)

var mine = []helper{{team, ""}, {team, command}}

func TestAHelperThatComesAfterOursWouldKeepTheSecret(t *testing.T) {
	for _, one := range []helper{
		{"", "store"}, {team, "store"}, {"https://*.example", "cache"}, {"h.example:8443", "x"}, {"HTTPS://H.Example:8443", "x"},
		{"https://", "x"}, {"https://ann@h.example:8443", "x"}, {"https://h.exampl%65:8443", "x"}, {"https://h.example", "x"},
		{"", "store --file=x credential git"}, {"", "!'/tmp/agent-1' credential git"}, {"", "!'/s/store/a'; '/tmp/b' credential git"},
	} {
		if judge(append(slices.Clone(mine), one), self, asked) == nil {
			t.Errorf("%q was let pass", one)
		}
	}
}

func TestAHelperOfBeforeOrOfAnotherHostIsNoReasonToRefuse(t *testing.T) {
	for name, list := range map[string][]helper{
		"before":        append([]helper{{"", "store"}}, mine...),
		"another host":  append(slices.Clone(mine), helper{"https://other.example/team", "store"}),
		"another of us": append(slices.Clone(mine), helper{"https://h.example", "!'/s/store/agent-2' credential git"}),
	} {
		if err := judge(list, self, asked); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhereGitDoesNotNameUsNobodyIsAnswered(t *testing.T) {
	for _, list := range [][]helper{nil, {{"", "store"}}} {
		if judge(list, self, asked) == nil {
			t.Errorf("%q was answered", list)
		}
	}
}

func TestAPathWithQuotesIsFoundAgain(t *testing.T) {
	odd := `/it's "here"\now/agent-1`
	folder := t.TempDir()
	file := filepath.Join(folder, "gitconfig")
	write(t, file, Order{Prefixes: []string{team}}.gitFile(odd))
	list := output(t, nil, "git", "config", "--null", "--file", file, "--get-regexp", "helper")
	if err := judge(helpers(list), odd, asked); err != nil {
		t.Error(err)
	}
}

// What git itself says decides: each of some thousand sections has a helper of its own, and whichever git tells a
// credential must be one that we refuse to answer beside.
func TestWhateverHelperGitWouldTellIsRefused(t *testing.T) {
	var sections []string
	for _, scheme := range []string{"", "https://", "HTTPS://", "http://", "://"} {
		for _, user := range []string{"", "ann@", "@"} {
			for _, host := range []string{"", "h.example", "H.Example", "*.example", "h.*", "h%2eexample", "other.example", "*"} {
				for _, port := range []string{"", ":", ":443", ":8443"} {
					for _, path := range []string{"", "/", "/team", "/TEAM", "/team/svc.git", "/%74eam"} {
						sections = append(sections, scheme+user+host+port+path)
					}
				}
			}
		}
	}
	folder := t.TempDir()
	told := filepath.Join(folder, "told")
	var text strings.Builder
	for i, one := range sections {
		fmt.Fprintf(&text, "[credential %q]\n\thelper = \"!echo %d >>'%s' #\"\n\tuseHttpPath = true\n", one, i, told)
	}
	file := filepath.Join(folder, "gitconfig")
	write(t, file, text.String())
	env := []string{"GIT_CONFIG_GLOBAL=" + file, "GIT_CONFIG_NOSYSTEM=1", "HOME=" + folder, "PATH=" + os.Getenv("PATH")}
	for _, host := range []string{"h.example", "h.example:8443"} {
		write(t, told, "")
		approve := exec.Command("git", "credential", "approve")
		approve.Env, approve.Dir = env, folder
		approve.Stdin = strings.NewReader("protocol=https\nhost=" + host + "\npath=team/svc.git\nusername=ann\npassword=p\n\n")
		if said, err := approve.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		lines, err := os.ReadFile(told)
		if err != nil {
			t.Fatal(err)
		}
		numbers := strings.Fields(string(lines))
		if len(numbers) < 20 {
			t.Fatalf("%s: git has told %d only", host, len(numbers))
		}
		for _, number := range numbers {
			var i int
			if _, err := fmt.Sscan(number, &i); err != nil {
				t.Fatal(err)
			}
			list := append(slices.Clone(mine), helper{sections[i], "store"})
			if judge(list, self, "https://"+host+"/team/svc.git") == nil {
				t.Errorf("%s: git tells the helper of %q, and we would answer", host, sections[i])
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, env []string, words ...string) []byte {
	t.Helper()
	process := exec.Command(words[0], words[1:]...)
	process.Env = env
	said, err := process.Output()
	if err != nil {
		t.Fatal(err)
	}
	return said
}
