package credential

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const (
	memory     = "/dev/shm"
	tmpfsMagic = 0x01021994 // TMPFS_MAGIC, statfs(2)
)

// keepNetrc holds a netrc that has no name: an unlinked file in memory, reached at /proc/PID/fd/N for as long as this
// process lives and no longer, however it ends. With link, ~/.netrc leads there, unless there is one.
func keepNetrc(content string, link bool) (path string, forget func(), err error) {
	var about syscall.Statfs_t
	if err := syscall.Statfs(memory, &about); err != nil || about.Type != tmpfsMagic {
		return "", nil, fmt.Errorf("%s is no file system in memory, so there is no place for a netrc", memory)
	}
	file, err := os.CreateTemp(memory, ".remotego-")
	if err != nil {
		return "", nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return "", nil, err
	}
	if _, err := file.WriteString(content); err != nil {
		file.Close()
		return "", nil, err
	}
	path = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), file.Fd())
	unlink := func() {}
	if link {
		if unlink, err = lead(path); err != nil {
			file.Close()
			return "", nil, err
		}
	}
	return path, func() { unlink(); file.Close() }, nil
}

// lead makes ~/.netrc a link to path. A link of ours that leads nowhere, left by a server that was killed, is replaced.
func lead(path string) (unlink func(), err error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, err
	}
	own := filepath.Join(home, ".netrc")
	if to, err := os.Readlink(own); err == nil && isOurs(to) {
		if _, err := os.Stat(own); errors.Is(err, os.ErrNotExist) {
			os.Remove(own)
		}
	}
	if err := os.Symlink(path, own); err != nil {
		return nil, fmt.Errorf("~/.netrc cannot lead to ours: %w", err)
	}
	return func() {
		if to, err := os.Readlink(own); err == nil && to == path {
			os.Remove(own)
		}
	}, nil
}

func isOurs(to string) bool {
	matched, err := filepath.Match("/proc/[0-9]*/fd/[0-9]*", to)
	return err == nil && matched
}
