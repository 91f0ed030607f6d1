package credential

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Order is the first line that a server is given. Prefixes are URLs that git is told to ask us for; Netrc is the content
// of a netrc for a go that knows no GOAUTH, "" for none; LinkNetrc has ~/.netrc lead to it.
type Order struct {
	ID        string   `json:"id"`
	Lease     float64  `json:"lease_s"`
	Expires   float64  `json:"expires_s"`
	Prefixes  []string `json:"prefixes"`
	Netrc     string   `json:"netrc"`
	LinkNetrc bool     `json:"link_netrc"`
}

const longest = 7 * 24 * time.Hour

func isPrefix(text string) bool {
	rest, secure := strings.CutPrefix(text, "https://")
	host, path, _ := strings.Cut(rest, "/")
	return secure && host != "" && strings.Trim(host, inHost) == "" && isPath(strings.TrimSuffix("/"+path, "/"))
}

// ParseOrder reads an order; unknown words are refused.
func ParseOrder(line []byte) (Order, error) {
	var order Order
	decoder := json.NewDecoder(strings.NewReader(string(line)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&order); err != nil {
		return order, fmt.Errorf("no order: %w", err)
	}
	switch {
	case len(order.ID) < 8 || len(order.ID) > 32 || strings.Trim(order.ID, inNumber) != "":
		return order, errors.New("the order's id is none")
	case order.lease() < time.Second || order.lease() > time.Hour:
		return order, errors.New("lease_s is 1 to 3600")
	case order.expires() < time.Second || order.expires() > longest:
		return order, errors.New("expires_s is 1 to 604800")
	}
	for _, one := range order.Prefixes {
		if !isPrefix(one) {
			return order, fmt.Errorf("%q is no prefix", one)
		}
	}
	return order, nil
}

func (o Order) lease() time.Duration   { return time.Duration(o.Lease * float64(time.Second)) }
func (o Order) expires() time.Duration { return time.Duration(o.Expires * float64(time.Second)) }

// gitFile is what git includes: for our prefixes we are the only helper, and are told the path.
func (o Order) gitFile(self string) string {
	var text strings.Builder
	for _, one := range o.Prefixes {
		fmt.Fprintf(&text, "[credential %q]\n\thelper =\n\thelper = \"!%s%s\"\n\tuseHttpPath = true\n", one, word(self), ours)
	}
	return text.String()
}

// word quotes a path for sh and then for git's file.
func word(path string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(quote(path)) }

// quote quotes a path for sh.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }

const (
	gitName   = "gitconfig"
	gitSuffix = ".git"
	lockName  = "lock"
)

// offer has git include a file for this server beside those of others, until the returned function is called.
// The file that ~/.gitconfig includes is always the same; without a server it is not there, which git takes for empty.
func offer(directory, name, text string) (withdraw func(), err error) {
	mine := filepath.Join(directory, name+gitSuffix)
	if err := os.WriteFile(mine, []byte(text), 0o600); err != nil {
		return nil, err
	}
	withdraw = func() {
		os.Remove(mine)
		_ = include(directory)
	}
	if err := include(directory); err != nil {
		withdraw()
		return nil, err
	}
	return withdraw, nil
}

// offered are the files of servers that live; those that were killed have left theirs, which go now. Of other hosts with
// the same home nobody here can tell who lives: theirs stay.
func offered(directory string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(directory, "*"+gitSuffix))
	if err != nil {
		return nil, err
	}
	paths, err := sockets()
	if err != nil {
		return nil, err
	}
	living := map[string]bool{}
	for _, socket := range paths {
		living[strings.TrimSuffix(filepath.Base(socket), suffix)] = !abandoned(socket)
	}
	var kept []string
	for _, one := range found {
		if name := strings.TrimSuffix(filepath.Base(one), gitSuffix); living[name] || isForeign(one, gitSuffix) {
			kept = append(kept, one)
		} else {
			os.Remove(one)
		}
	}
	return kept, nil
}

// include writes the list anew; one at a time, and in one step.
func include(directory string) error {
	unlock, err := locked(filepath.Join(directory, lockName))
	if err != nil {
		return err
	}
	defer unlock()
	found, err := offered(directory)
	if err != nil {
		return err
	}
	list := filepath.Join(directory, gitName)
	if len(found) == 0 {
		os.Remove(list)
		return os.Remove(filepath.Join(directory, lockName))
	}
	var text strings.Builder
	for _, one := range found {
		fmt.Fprintf(&text, "[include]\n\tpath = %s\n", filepath.Base(one))
	}
	if err := os.WriteFile(list+".new", []byte(text.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(list+".new", list)
}
