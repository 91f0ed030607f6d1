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

// spare is how much of the disk stays free for what is being fetched, but no more than a third of it.
const spare = 64 << 20

type blob struct {
	path    string
	size    int64
	lastUse time.Time
}

// makeRoom removes what was not used longest where so many bytes more are beyond the limit, until nine tenths of it are
// left: not each Put has to look again.
func (cache *Cache) makeRoom(more int64) {
	cache.shrink(cache.limit-more, cache.limit*9/10-more)
}

// shrink counts what is there, and where that is more than most removes what was not used longest until it is least. A
// download under way keeps its file: the kernel removes it after the last reader. What names a removed content is a
// miss.
func (cache *Cache) shrink(most, least int64) {
	cache.room.Lock()
	defer cache.room.Unlock()
	found, total := cache.list()
	if total > most {
		slices.SortFunc(found, func(a, b blob) int { return a.lastUse.Compare(b.lastUse) })
		for _, one := range found {
			if total <= least {
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

// FreeUp removes contents where the disk has less free space than a fetch may take.
func (cache *Cache) FreeUp() {
	if free, need := cache.free(); free < need {
		cache.giveBack(need - free)
	}
}

// giveBack removes contents of at least so many bytes, or a tenth of them if that is more.
func (cache *Cache) giveBack(bytes int64) {
	size := cache.Size()
	cache.shrink(0, size-max(bytes, size/10))
}

func (cache *Cache) free() (free, need int64) {
	var disk syscall.Statfs_t
	if syscall.Statfs(cache.root, &disk) != nil {
		return 0, 0
	}
	block := int64(disk.Bsize)
	return int64(disk.Bavail) * block, min(spare, int64(disk.Blocks)*block/3)
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
