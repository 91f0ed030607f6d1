package credential

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"remotego/agent/lease"
)

const (
	lineLimit = 1 << 16
	urlLimit  = 2048
)

// Question is what git or go wants: Kind "git" or "go", Operation "get", or "erase" for what the server has refused.
type Question struct {
	Kind      string `json:"kind"`
	Operation string `json:"operation"`
	URL       string `json:"url"`
}

// Reply grants or, with Refuse, says why not. Paths are those below which the grant holds, on the host that was asked for.
type Reply struct {
	User     string   `json:"user,omitempty"`
	Password string   `json:"password,omitempty"`
	Bearer   bool     `json:"bearer,omitempty"`
	Paths    []string `json:"paths,omitempty"`
	Refuse   string   `json:"refuse,omitempty"`
	// Outside is said with Refuse where another server may know better: the URL is not allowed here.
	Outside bool `json:"outside,omitempty"`
}

var operations = map[string]bool{"get": true, "erase": true}

// check refuses what no controller should have to read. Only https has a secret worth keeping.
func (q Question) check() error {
	switch {
	case q.Kind != "git" && q.Kind != "go", !operations[q.Operation]:
		return errors.New("no such question")
	case len(q.URL) > urlLimit:
		return fmt.Errorf("the URL is longer than %d bytes", urlLimit)
	case !isPlain(q.URL):
		return errors.New("the URL has a character in it that no URL has")
	case !strings.HasPrefix(q.URL, "https://"):
		return errors.New("only https:// is answered")
	}
	return nil
}

// readLine reads one JSON object, unknown words refused.
func readLine(input *bufio.Reader, into any) error {
	line, err := lease.Line(input, lineLimit)
	if err != nil {
		return err
	}
	if len(line) >= lineLimit {
		return errors.New("the line is too long")
	}
	decoder := json.NewDecoder(strings.NewReader(string(line)))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func writeLine(output io.Writer, value any) error { return json.NewEncoder(output).Encode(value) }

// isPlain says whether a URL can stand on a line of its own.
func isPlain(url string) bool {
	return !strings.ContainsFunc(url, func(r rune) bool { return r <= ' ' || r > '~' })
}

const (
	small    = "abcdefghijklmnopqrstuvwxyz0123456789"
	inHost   = small + ".:[]-"
	inPath   = inHost + "ABCDEFGHIJKLMNOPQRSTUVWXYZ_~!$&'()*+,;=@"
	inNumber = "0123456789abcdef"
)

// isPath says whether a path is "" or /NAME/NAME..., with nothing in it that has a meaning to git or go.
func isPath(path string) bool {
	if path == "" {
		return true
	}
	for i, part := range strings.Split(path, "/") {
		if (part == "") != (i == 0) || strings.Trim(part, inPath) != "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// check refuses what would break out of the formats of git and go.
func (r Reply) check() error {
	for _, text := range []string{r.User, r.Password, r.Refuse} {
		if strings.ContainsAny(text, "\r\n\x00") {
			return errors.New("the answer has a line break in it")
		}
	}
	for _, one := range r.Paths {
		if !isPath(one) {
			return fmt.Errorf("the answer is for %q", one)
		}
	}
	return nil
}
