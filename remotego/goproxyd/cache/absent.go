package cache

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	// absences are how many answers of upstreams one process remembers: each takes a block of the disk.
	absences = 20_000

	// forgotten is how long one is remembered.
	forgotten = 30 * 24 * time.Hour
)

// MarkAbsent remembers that upstreams said 404 or 410, for when they cannot be asked.
func (cache *Cache) MarkAbsent(name string, status int) {
	if filepath.IsLocal(name) {
		if _, _, err := readName(cache.nameOf(name)); err == nil {
			return // what was there once is rather a mistake of the upstream's than gone
		}
		if cache.absent.Add(1) > absences {
			return
		}
		_ = cache.writeName(name, fmt.Sprintf("absent %d\n", status)) // it is only a memory
	}
}

// Absent is the status an upstream gave, or 0.
func (cache *Cache) Absent(name string) (status int) {
	if !filepath.IsLocal(name) {
		return 0
	}
	text, err := os.ReadFile(cache.nameOf(name))
	if err != nil {
		return 0
	}
	if _, err := fmt.Sscanf(string(text), "absent %d\n", &status); err != nil {
		return 0
	}
	return status
}
