// Package cache keeps what was fetched so that no crash can make it serve a wrong byte.
//
// An entry is a file that names a digest and a length, and the content is a file named by its digest. Both appear by
// rename, after they have reached the disk, the content first. Whatever a kill, a full disk or a power cut leaves is
// therefore an entry that is whole or one that is not there; and as disks lie, content is compared with its digest
// before this process gives it out for the first time. A wrong one is dropped, and so fetched again.
package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	names = "names"
	blobs = "blobs"

	// used is how old the time of last use may be before it is written anew.
	used = time.Hour
)

// Counts are what metrics tell of a cache.
type Counts struct {
	Hits, Misses, Stored, Evicted, Damaged, Unstored atomic.Int64
}

// Cache implements goproxy.Cacher in a directory of its own; several processes may share it.
type Cache struct {
	root  string
	temp  string
	seeds []string
	limit int64
	log   *slog.Logger

	Counts   Counts
	verified sync.Map   // digests that this process has compared
	room     sync.Mutex // one eviction at a time
	size     atomic.Int64
	absent   atomic.Int64
}

// Open makes the directories it needs, and learns how much is there. temp is on the same file system.
func Open(root, temp string, limit int64, seeds []string, log *slog.Logger) (*Cache, error) {
	cache := &Cache{root: root, temp: temp, seeds: seeds, limit: limit, log: log}
	for _, dir := range []string{filepath.Join(root, names), filepath.Join(root, blobs), temp} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	cache.makeRoom(0)
	go cache.sweep()
	return cache, nil
}

// Size is how many bytes of content there are, as far as this process knows.
func (cache *Cache) Size() int64 { return cache.size.Load() }

// content is an open entry; goproxy serves ranges of it because it can seek, and its digest tells whether a part that
// was fetched before belongs to it.
type content struct {
	*os.File
	digest string
}

func (one content) ETag() string { return `"` + one.digest + `"` }

// Get opens an entry. It gives fs.ErrNotExist for what is not there, or was damaged and is dropped.
func (cache *Cache) Get(_ context.Context, name string) (io.ReadCloser, error) {
	if !filepath.IsLocal(name) {
		return nil, fs.ErrNotExist
	}
	found, err := cache.open(name)
	if err == nil {
		cache.Counts.Hits.Add(1)
		return found, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if seeded, err := cache.openSeed(name); err == nil {
		cache.Counts.Hits.Add(1)
		return seeded, nil
	}
	cache.Counts.Misses.Add(1)
	return nil, fs.ErrNotExist
}

func (cache *Cache) open(name string) (io.ReadCloser, error) {
	path := cache.nameOf(name)
	digest, size, err := readName(path)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(cache.blobOf(digest))
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() != size {
		err = fmt.Errorf("%d bytes instead of %d", info.Size(), size)
	}
	if err == nil {
		err = cache.verify(file, digest)
	}
	if err != nil {
		file.Close()
		cache.drop(name, digest, err)
		return nil, fs.ErrNotExist
	}
	if now := time.Now(); now.Sub(info.ModTime()) > used {
		os.Chtimes(cache.blobOf(digest), now, now) // only the order of eviction suffers where it fails
	}
	return content{file, digest}, nil
}

// verify reads all of a file once in the life of this process.
func (cache *Cache) verify(file *os.File, digest string) error {
	if _, done := cache.verified.Load(digest); done {
		return nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != digest {
		return errors.New("its bytes have changed")
	}
	cache.verified.Store(digest, true)
	_, err := file.Seek(0, io.SeekStart)
	return err
}

func (cache *Cache) drop(name, digest string, cause error) {
	cache.Counts.Damaged.Add(1)
	cache.log.Warn("dropped a damaged entry", "name", name, "cause", cause)
	os.Remove(cache.nameOf(name))
	os.Remove(cache.blobOf(digest))
	cache.verified.Delete(digest)
}

// Put stores an entry. That there is no room is no error of the client's: it gets its bytes all the same.
func (cache *Cache) Put(_ context.Context, name string, bytes io.ReadSeeker) error {
	if !filepath.IsLocal(name) {
		return fs.ErrInvalid
	}
	err := cache.store(name, bytes)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		var size int64
		if size, err = bytes.Seek(0, io.SeekEnd); err == nil {
			cache.giveBack(2 * size)
			err = cache.store(name, bytes)
		}
	}
	if err != nil {
		cache.Counts.Unstored.Add(1)
		cache.log.Warn("cannot keep an entry", "name", name, "cause", err)
		return nil
	}
	cache.Counts.Stored.Add(1)
	return nil
}

func (cache *Cache) store(name string, bytes io.ReadSeeker) error {
	size, err := bytes.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size > cache.limit {
		return fmt.Errorf("its %d bytes are more than the cache may have", size)
	}
	if cache.Size()+size > cache.limit {
		cache.makeRoom(size)
	}
	digest, added, err := cache.storeBlob(bytes)
	if err != nil {
		return err
	}
	cache.size.Add(added)
	return cache.writeName(name, fmt.Sprintf("sha256 %s %d\n", digest, size))
}

// storeBlob gives the digest, and how many bytes more there are now. It reads from where nobody can change the
// bytes: what is written is what is hashed.
func (cache *Cache) storeBlob(bytes io.ReadSeeker) (digest string, added int64, err error) {
	if _, err = bytes.Seek(0, io.SeekStart); err != nil {
		return "", 0, err
	}
	hash := sha256.New()
	file, err := cache.write(io.TeeReader(bytes, hash))
	if err != nil {
		return "", 0, err
	}
	defer os.Remove(file)
	digest = hex.EncodeToString(hash.Sum(nil))
	info, err := os.Stat(file)
	if err != nil {
		return "", 0, err
	}
	added = info.Size()
	if old, err := os.Stat(cache.blobOf(digest)); err == nil {
		added -= old.Size()
	}
	cache.verified.Delete(digest) // it is compared again as it was read back from the disk
	return digest, added, publish(file, cache.blobOf(digest))
}

func (cache *Cache) openSeed(name string) (io.ReadCloser, error) {
	for _, seed := range cache.seeds {
		file, err := os.Open(filepath.Join(seed, filepath.FromSlash(name)))
		if err != nil {
			continue
		}
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return file, nil
		}
		file.Close()
	}
	return nil, fs.ErrNotExist
}
