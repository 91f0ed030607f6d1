package credential

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"remotego/agent/unixsock"
)

const (
	dialTime = 2 * time.Second
	// patience is how long somebody at the other end may think; the server answers sooner or goes.
	patience   = 90 * time.Second
	inputLimit = 1 << 16
)

var (
	errNobody = errors.New("no connection to a developer's machine: run `remotego auth.connect` there")
	errSilent = errors.New("the connection to a developer's machine has ended, or nobody there has answered in time")
	errShown  = errors.New("the URL has a user or a password in it, that every process here can read in our arguments: " +
		"take it out of GOPROXY, and have auth.connect allow the URL without it")
)

// ask puts a question to each server of this login until one grants it.
func ask(question Question) (Reply, error) {
	if err := question.check(); err != nil {
		return Reply{}, err
	}
	paths, err := sockets()
	if err != nil {
		return Reply{}, err
	}
	refused := errNobody
	inside := false
	for _, path := range paths {
		reply, err := askOne(path, question)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist):
			// A server that was killed leaves its socket.
			continue
		case err != nil:
			if refused == errNobody {
				refused = errSilent
			}
		case reply.Refuse == "":
			return reply, nil
		case !reply.Outside || !inside:
			refused, inside = errors.New(reply.Refuse), inside || !reply.Outside
		}
	}
	return Reply{}, refused
}

func askOne(path string, question Question) (reply Reply, err error) {
	path, err = reachable(path)
	if err != nil {
		return reply, err
	}
	conn, err := unixsock.Dial(path, dialTime)
	if err != nil {
		return reply, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return reply, err
	}
	if err := writeLine(conn, question); err != nil {
		return reply, err
	}
	if err := readLine(bufio.NewReader(conn), &reply); err != nil {
		return reply, err
	}
	return reply, reply.check()
}

// Goauth is the command of GOAUTH (`go help goauth`). Asked for nothing in particular, it has nothing to say: the URL
// comes once a server has refused the first attempt.
func Goauth(url string, output io.Writer) error {
	if url == "" {
		return nil
	}
	if !isPlain(url) {
		return errors.New("the URL has a character in it that no URL has")
	}
	if host, _, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/"); strings.Contains(host, "@") {
		return errShown
	}
	bare, _, _ := strings.Cut(url, "?")
	reply, err := ask(Question{Kind: "go", Operation: "get", URL: bare})
	if err != nil {
		return err
	}
	_, err = io.WriteString(output, reply.headers(url, bare))
	return err
}

// headers are in the format of GOAUTH: URLs, an empty line, headers, an empty line. The URL itself is one of them: with
// a query, ?go-get=1, cmd/go finds it by itself or by what is above its path, and not by its path (auth.loadCredential).
func (r Reply) headers(url, bare string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(bare, "https://"), "/")
	var text strings.Builder
	fmt.Fprintln(&text, url)
	for _, path := range r.Paths {
		fmt.Fprintf(&text, "https://%s%s\n", host, orRoot(path))
	}
	word := "Basic " + base64.StdEncoding.EncodeToString([]byte(r.User+":"+r.Password))
	if r.Bearer {
		word = "Bearer " + r.Password
	}
	fmt.Fprintf(&text, "\nAuthorization: %s\n\n", word)
	return text.String()
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// Git is a helper of git's (gitcredentials(7)). What git has been granted is never stored here, and what a server has
// refused is told to the controller, so that it is asked for anew.
func Git(operation string, input io.Reader, output io.Writer) error {
	if operation == "store" {
		return nil
	}
	url, err := readGit(input)
	if err != nil {
		return err
	}
	if operation == "get" {
		if err := keepers(url); err != nil {
			return err
		}
	}
	reply, err := ask(Question{Kind: "git", Operation: operation, URL: url})
	if operation == "erase" {
		return nil
	}
	if err == nil {
		_, err = fmt.Fprintf(output, "username=%s\npassword=%s\n", reply.User, reply.Password)
		return err
	}
	if !errors.Is(err, errNobody) {
		// A refusal is final: no other helper is asked, and nobody for a password.
		_, _ = io.WriteString(output, "quit=1\n")
	}
	return err
}

// readGit makes a URL of what git wants to know. A line without "=" or a key twice is nothing that git says.
func readGit(input io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(input, inputLimit))
	if err != nil {
		return "", err
	}
	known := map[string]string{}
	for _, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		key, value, found := strings.Cut(line, "=")
		if line == "" {
			break
		}
		if _, twice := known[key]; !found || twice && !strings.HasSuffix(key, "[]") {
			return "", errors.New("this is not how git asks")
		}
		known[key] = value
	}
	return known["protocol"] + "://" + known["host"] + "/" + known["path"], nil
}

// Fail says what keeps a client from its answer in words for whoever runs git or go.
func Fail(err error) string { return fmt.Sprintf("remotego: %v", err) }
