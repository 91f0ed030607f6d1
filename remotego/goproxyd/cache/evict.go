package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// spare is how much of the disk stays free for what is being fetched, but no more than an eighth of it.
const spare = 64 << 20

type blob struct {
	path    string
	size    int64
	lastUse time.Time
}

// makeRoom counts what is there, and where that and so many bytes more are beyond the limit removes what was not used
// longest, until nine tenths of it are left: not each Put has to look again. A download under way keeps its file: the
// kernel removes it after the last reader. What names a removed content is a miss, and goes when it is met.
func (cache *Cache) makeRoom(more int64) {
	cache.room.Lock()
	defer cache.room.Unlock()
	found, total := cache.list()
	if total+more > cache.limit {
		slices.SortFunc(found, func(a, b blob) int { return a.lastUse.Compare(b.lastUse) })
		for _, one := range found {
			if total+more <= cache.limit*9/10 {
				break
			}
			if os.Remove(one.path) == nil {
				cache.verified.Delete(filepath.Base(one.path))
				cache.Counts.Evicted.Add(1)
				total -= one.size
			}
		}
	}
	cache.size.Store(total)
}

// list gives all contents, and their size in bytes.
func (cache *Cache) list() (found []blob, total int64) {
	entries, err := os.ReadDir(filepath.Join(cache.root, blobs))
	if err != nil {
		cache.log.Warn("cannot list the cache", "cause", err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			continue // removed by another process in the meantime
		}
		found = append(found, blob{filepath.Join(cache.root, blobs, entry.Name()), info.Size(), info.ModTime()})
		total += info.Size()
	}
	return found, total
}

// FreeUp removes contents while the disk has less free space than a fetch may take.
func (cache *Cache) FreeUp() {
	for {
		free, need := cache.free()
		size := cache.Size()
		if free >= need || size == 0 {
			return
		}
		cache.makeRoom(cache.limit*9/10 - size + min(size, max(need-free, size/10)))
		if cache.Size() >= size {
			return
		}
	}
}

func (cache *Cache) free() (free, need int64) {
	var disk syscall.Statfs_t
	if syscall.Statfs(cache.root, &disk) != nil {
		return 0, 0
	}
	block := int64(disk.Bsize)
	return int64(disk.Bavail) * block, min(spare, int64(disk.Blocks)*block/8)
}

// sweep forgets old absences, and names whose content is gone.
func (cache *Cache) sweep() {
	filepath.WalkDir(filepath.Join(cache.root, names), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // one directory that cannot be read, or is gone, does not keep the others
		}
		info, err := entry.Info()
		if err != nil || time.Since(info.ModTime()) < forgotten {
			return nil
		}
		digest, _, err := readName(path)
		if err == nil {
			_, err = os.Stat(cache.blobOf(digest))
		}
		if errors.Is(err, fs.ErrNotExist) {
			os.Remove(path)
		}
		return nil
	})
}
