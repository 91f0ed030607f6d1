package credential

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const ours = " credential git"

var errUnseen = errors.New("git's settings here do not name this program, so nobody can tell which other helpers git would tell")

// keepers refuses where git would hand what we answer to another helper, that could write it to this disk
// (git credential-store): git tells every helper of the list what has worked. Ours begins with an empty one, which drops
// all before it, so only what comes after ours counts. What cannot be looked at is refused too.
func keepers(url string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	said, err := exec.Command("git", "config", "--null", "--get-regexp", `^credential\.(.*\.)?helper$`).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == 1 {
		return errUnseen
	}
	if err != nil {
		return fmt.Errorf("git does not say which helpers it has: %w", err)
	}
	return judge(helpers(said), self, url)
}

// helper is a line of git's settings: a command, and the URL or pattern it is for, "" for all.
type helper struct{ section, command string }

// helpers reads what `git config --null --get-regexp` prints.
func helpers(list []byte) []helper {
	var found []helper
	for _, entry := range bytes.Split(bytes.TrimSuffix(list, []byte{0}), []byte{0}) {
		key, command, _ := strings.Cut(string(entry), "\n")
		section := strings.TrimSuffix(strings.TrimPrefix(key, "credential."), "helper")
		found = append(found, helper{strings.TrimSuffix(section, "."), command})
	}
	return found
}

// judge refuses a helper that comes after ours, unless it is certainly for another host.
func judge(list []helper, self, url string) error {
	seen := false
	for _, one := range list {
		switch {
		case isMine(one.command, self):
			seen = true
		case seen && one.command != "" && !one.isElsewhere(url):
			return fmt.Errorf("git would tell the helper %q too, that is set after ours; take it out of git's settings here", one.command)
		}
	}
	if !seen {
		return errUnseen
	}
	return nil
}

// isMine says whether a command is what gitFile writes for a program of our store; a server may be another version of us.
func isMine(command, self string) bool {
	folder := strings.TrimSuffix("!"+quote(filepath.Dir(self)+"/"), "'")
	name, found := strings.CutPrefix(command, folder)
	name, ends := strings.CutSuffix(name, "'"+ours)
	return found && ends && name != "" && strings.Trim(strings.ToLower(name), small+"._-") == ""
}

// isElsewhere says whether a helper is for another host than a URL's, whatever the port: a name is compared without case.
func (h helper) isElsewhere(url string) bool {
	host, asked := wholeHost(h.section), wholeHost(url)
	return host != "" && asked != "" && host != asked
}

// wholeHost is the host of a section that names one beyond doubt, "" for any other. git also takes parts of URLs, users,
// patterns and escapes (credential.c, urlmatch.c): for which URLs those count is git's to say, so they count for all.
func wholeHost(section string) string {
	scheme, rest, _ := strings.Cut(strings.ToLower(section), "://")
	authority, path, _ := strings.Cut(rest, "/")
	host, port, _ := strings.Cut(authority, ":")
	if scheme == "" || strings.Trim(scheme, small) != "" || strings.Trim(host, small+".-") != "" ||
		strings.Trim(port, "0123456789") != "" || strings.ContainsAny(path, "?#") {
		return ""
	}
	return host
}
