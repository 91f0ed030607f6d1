package credential

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
)

const ours = " credential git"

// keepers refuses where git would hand what we answer to another helper, that could write it to this disk
// (git credential-store): git tells every helper of the list what has worked. Ours begins with an empty one, which drops
// all before it, so only what comes after ours counts.
func keepers(url string) error {
	said, err := exec.Command("git", "config", "--null", "--get-regexp", `^credential\.(.*\.)?helper$`).Output()
	if err != nil {
		// Nothing is set, or this git is none we can ask: then it did not find us by its settings either.
		return nil
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
	if helper := after(said, host); helper != "" {
		return fmt.Errorf("git would tell the helper %q too, that is set after ours; take it out of git's settings here", helper)
	}
	return nil
}

// after is the first helper of the list that comes after ours and may be for the host: it is for all, for this one, or
// for a pattern that we do not try to understand.
func after(list []byte, host string) string {
	seen := false
	for _, entry := range bytes.Split(list, []byte{0}) {
		key, value, _ := strings.Cut(string(entry), "\n")
		section := strings.TrimSuffix(strings.TrimPrefix(key, "credential."), "helper")
		concerned := section == "" || strings.Contains(section, host) || strings.Contains(section, "*")
		switch {
		case strings.HasSuffix(value, ours):
			seen = true
		case seen && value != "" && concerned:
			return value
		}
	}
	return ""
}
