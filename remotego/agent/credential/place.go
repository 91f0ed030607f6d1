// Package credential answers git and go on a target with what a controller grants, and keeps nothing:
// serve holds the connection to the controller, the clients (goauth, git) are what go and git start.
package credential

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"

	"remotego/agent/unixsock"
)

const (
	folder       = "remotego-auth"
	suffix       = ".sock"
	othersMayAny = 0o077
)

// places are where sockets may lie, the best first: the login's runtime directory, made by the system for it alone and
// in memory, and the directory auth beside the store that the agent was pushed to. No variable of the environment
// decides, so that a client always looks where a server has been.
func places() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	found := []string{filepath.Join(filepath.Dir(filepath.Dir(self)), "auth")}
	runtime := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	if private(runtime) == nil {
		found = append([]string{filepath.Join(runtime, folder)}, found...)
	}
	return found, nil
}

// private says why a directory is not ours alone, nil if it is.
func private(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is no directory", path)
	case !known || int(stat.Uid) != os.Getuid():
		return fmt.Errorf("%s belongs to somebody else", path)
	case info.Mode().Perm()&othersMayAny != 0:
		return fmt.Errorf("%s is open to others (%v)", path, info.Mode().Perm())
	}
	return nil
}

// room makes the first place that can be had, and gives it.
func room() (string, error) {
	candidates, err := places()
	if err != nil {
		return "", err
	}
	for _, path := range candidates {
		if err = os.Mkdir(path, 0o700); err != nil && !os.IsExist(err) {
			continue
		}
		if err = private(path); err == nil {
			return path, nil
		}
	}
	return "", err
}

// sockets are those of all servers of this login on this host that may be there, in the order of their names.
func sockets() ([]string, error) {
	candidates, err := places()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, path := range candidates {
		if private(path) != nil {
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), mark("")+suffix) {
				found = append(found, filepath.Join(path, entry.Name()))
			}
		}
	}
	sort.Strings(found)
	return found, nil
}

// reachable gives a path of a socket that is short enough for one, by way of its directory, which stays open for as long
// as we live. Homes may be deep.
func reachable(path string) (string, error) {
	if len(path) <= unixsock.PathLimit {
		return path, nil
	}
	fd, err := syscall.Open(filepath.Dir(path), syscall.O_DIRECTORY|syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return "", fmt.Errorf("%s: %w", filepath.Dir(path), err)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", fd, filepath.Base(path)), nil
}

// sweep removes sockets of this host that nobody listens at any more.
func sweep(directory string) {
	found, _ := filepath.Glob(filepath.Join(directory, mark("*")+suffix))
	for _, one := range found {
		if abandoned(one) {
			os.Remove(one)
		}
	}
}

// abandoned says whether the server of a socket was killed.
func abandoned(socket string) bool {
	near, err := reachable(socket)
	if err != nil {
		return false
	}
	conn, err := unixsock.Dial(near, 0)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// leave removes a directory that nobody else uses.
func leave(directory string) { _ = syscall.Rmdir(directory) }
