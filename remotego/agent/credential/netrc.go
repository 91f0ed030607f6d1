package credential

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	memory      = "/dev/shm"
	tmpfsMagic  = 0x01021994 // TMPFS_MAGIC, statfs(2)
	netrcSuffix = ".netrc"
	netrcLimit  = 1 << 16
)

// netrc is one without a name: where it is, how many machines of the login's own ~/.netrc it has behind ours, and for
// which of them ours comes first.
type netrc struct {
	path   string
	kept   int
	hidden []string
}

// keepNetrc holds a netrc that has no name: an unlinked file in memory, reached at /proc/PID/fd/N for as long as this
// process lives and no longer, however it ends. What the login has in ~/.netrc stands behind ours, as it would not be
// read beside it. With LinkNetrc, ~/.netrc leads there by way of a link in the directory, unless there is one.
func keepNetrc(order Order, directory string) (held netrc, forget func(), err error) {
	var about syscall.Statfs_t
	if err := syscall.Statfs(memory, &about); err != nil || about.Type != tmpfsMagic {
		return held, nil, fmt.Errorf("%s is no file system in memory, so there is no place for a netrc", memory)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return held, nil, err
	}
	theirs, err := ownNetrc(filepath.Join(home, netrcSuffix))
	if err != nil {
		return held, nil, err
	}
	file, err := nameless(order.Netrc + theirs)
	if err != nil {
		return held, nil, err
	}
	held.path = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), file.Fd())
	held.kept, held.hidden = compare(order.Netrc, theirs)
	unlink := func() {}
	if order.LinkNetrc {
		way := filepath.Join(directory, mark(order.ID)+netrcSuffix)
		if unlink, err = lead(filepath.Join(home, netrcSuffix), way, held.path); err != nil {
			file.Close()
			return held, nil, err
		}
	}
	return held, func() { unlink(); file.Close() }, nil
}

func nameless(content string) (*os.File, error) {
	file, err := os.CreateTemp(memory, ".remotego-")
	if err != nil {
		return nil, err
	}
	err = os.Remove(file.Name())
	if err == nil {
		_, err = file.WriteString(content)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// ownNetrc is what a login keeps in ~/.netrc itself; "" where that leads to what is lent.
func ownNetrc(path string) (string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || isLent(path) {
		return "", nil
	}
	if err == nil && (!info.Mode().IsRegular() || info.Size() > netrcLimit) {
		err = errors.New("it is no plain file of less than 64 KiB")
	}
	if err != nil {
		return "", fmt.Errorf("what ~/.netrc has cannot be kept beside ours: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("what ~/.netrc has cannot be kept beside ours: %w", err)
	}
	return string(text), nil
}

// compare counts the machines of a netrc, and names those that stand in front of it already.
func compare(ours, theirs string) (kept int, hidden []string) {
	mine := map[string]bool{}
	for _, one := range machines(ours) {
		mine[one] = true
	}
	for _, one := range machines(theirs) {
		if mine[one] {
			hidden = append(hidden, one)
		} else {
			kept++
		}
	}
	return kept, hidden
}

func machines(text string) (found []string) {
	words := strings.Fields(text)
	for i, one := range words {
		if one == "machine" && i+1 < len(words) && isPlain(words[i+1]) {
			found = append(found, words[i+1])
		}
	}
	return found
}

// lead makes own, ~/.netrc, a link to way, a link to path. What a server of this host has left that was killed is replaced.
func lead(own, way, path string) (unlink func(), err error) {
	if to, err := os.Readlink(own); err == nil && isLent(own) && !isForeign(to, netrcSuffix) {
		if _, err := os.Stat(own); errors.Is(err, os.ErrNotExist) {
			os.Remove(own)
			os.Remove(to)
		}
	}
	if err := os.Mkdir(filepath.Dir(way), 0o700); err != nil && !os.IsExist(err) {
		return nil, err
	}
	if err := private(filepath.Dir(way)); err != nil {
		return nil, err
	}
	if err := os.Symlink(path, way); err != nil {
		return nil, err
	}
	unlink = func() {
		if to, err := os.Readlink(own); err == nil && to == way {
			os.Remove(own)
		}
		os.Remove(way)
		leave(filepath.Dir(way))
	}
	if err := os.Symlink(way, own); err != nil {
		unlink()
		return nil, fmt.Errorf("~/.netrc is there and stays (without link_netrc ours has all that it has): %w", err)
	}
	return unlink, nil
}

// isLent says whether ~/.netrc leads to what a server has put there, this host's or another's.
func isLent(own string) bool {
	to, err := os.Readlink(own)
	return err == nil && strings.HasSuffix(filepath.Base(to), netrcSuffix) && filepath.Base(filepath.Dir(to)) == "auth"
}
