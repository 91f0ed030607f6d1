package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func (cache *Cache) writeName(name, text string) error {
	file, err := cache.write(strings.NewReader(text))
	if err != nil {
		return err
	}
	defer os.Remove(file)
	path := cache.nameOf(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return publish(file, path)
}

// write gives a file that has reached the disk, in the room for what is not finished.
func (cache *Cache) write(bytes io.Reader) (path string, err error) {
	file, err := os.CreateTemp(cache.temp, "entry-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, bytes)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

// publish gives a file its name, and has the name reach the disk, too.
func publish(file, path string) error {
	if err := os.Rename(file, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// readName reads an entry's file; one that is not whole, or says that there is nothing, is not there.
func readName(path string) (digest string, size int64, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENAMETOOLONG) {
			err = fs.ErrNotExist
		}
		return "", 0, err
	}
	said := string(text)
	if _, err := fmt.Sscanf(said, "sha256 %64s %d\n", &digest, &size); err != nil {
		return "", 0, fs.ErrNotExist
	}
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != sha256.Size || size < 0 {
		return "", 0, fs.ErrNotExist
	}
	if said != fmt.Sprintf("sha256 %s %d\n", digest, size) {
		return "", 0, fs.ErrNotExist
	}
	return digest, size, nil
}

// nameOf ends in a sign that no directory has: a version list is a file beside the directory of longer paths.
func (cache *Cache) nameOf(name string) string {
	return filepath.Join(cache.root, names, filepath.FromSlash(name)+".entry")
}

func (cache *Cache) blobOf(digest string) string {
	return filepath.Join(cache.root, blobs, digest)
}
