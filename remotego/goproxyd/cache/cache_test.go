package cache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const small = 1 << 20

func open(t *testing.T, root string, limit int64, seeds ...string) *Cache {
	t.Helper()
	made, err := Open(root, filepath.Join(root, "tmp"), limit, seeds, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func put(t *testing.T, cache *Cache, name, text string) {
	t.Helper()
	if err := cache.Put(context.Background(), name, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, cache *Cache, name string) string {
	t.Helper()
	found, err := cache.Get(context.Background(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return "absent"
	}
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	text, err := io.ReadAll(found)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func expect[T comparable](t *testing.T, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("expected %v, not %v", expected, actual)
	}
}

func TestWhatWasPutIsThereForAnotherProcess(t *testing.T) {
	root := t.TempDir()
	put(t, open(t, root, small), "m/@v/v1.0.0.zip", "bytes")
	expect(t, "bytes", get(t, open(t, root, small), "m/@v/v1.0.0.zip"))
}

func TestAPathAboveAnotherIsNoDirectory(t *testing.T) {
	cache := open(t, t.TempDir(), small)
	put(t, cache, "m/@v/list", "v1.0.0")
	put(t, cache, "m/@v/list/@v/list", "deeper")
	expect(t, "v1.0.0", get(t, cache, "m/@v/list"))
}

func TestNoNameLeadsOutside(t *testing.T) {
	cache := open(t, t.TempDir(), small)
	expect(t, "absent", get(t, cache, "../../etc/passwd"))
	expect(t, true, cache.Put(context.Background(), "../x", strings.NewReader("")) != nil)
}

// The states that a crash can leave, and worse ones that a disk can: nothing of them is ever given out.
func TestDamageIsNeverServed(t *testing.T) {
	whole := strings.Repeat("0123456789", 1000)
	for name, harm := range map[string]func(blob, entry string) error{
		"blob cut":      func(blob, _ string) error { return os.Truncate(blob, 5000) },
		"blob emptied":  func(blob, _ string) error { return os.Truncate(blob, 0) },
		"blob longer":   func(blob, _ string) error { return os.WriteFile(blob, []byte(whole+"x"), 0o600) },
		"blob of zeros": func(blob, _ string) error { return os.WriteFile(blob, make([]byte, len(whole)), 0o600) },
		"one bit":       func(blob, _ string) error { return os.WriteFile(blob, []byte("1"+whole[1:]), 0o600) },
		"blob gone":     func(blob, _ string) error { return os.Remove(blob) },
		"entry cut":     func(_, entry string) error { return os.Truncate(entry, 40) },
		"entry emptied": func(_, entry string) error { return os.Truncate(entry, 0) },
		"entry zeros":   func(_, entry string) error { return os.WriteFile(entry, make([]byte, 80), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			cache := open(t, root, small)
			put(t, cache, "m/@v/v1.0.0.zip", whole)
			digest, _, err := readName(cache.nameOf("m/@v/v1.0.0.zip"))
			if err != nil {
				t.Fatal(err)
			}
			if err := harm(cache.blobOf(digest), cache.nameOf("m/@v/v1.0.0.zip")); err != nil {
				t.Fatal(err)
			}
			again := open(t, root, small)
			expect(t, "absent", get(t, again, "m/@v/v1.0.0.zip"))
			put(t, again, "m/@v/v1.0.0.zip", whole)
			expect(t, whole, get(t, again, "m/@v/v1.0.0.zip"))
		})
	}
}

func TestWhatWasUsedLastStays(t *testing.T) {
	cache := open(t, t.TempDir(), 1<<20)
	for number := range 8 {
		put(t, cache, fmt.Sprint(number), strings.Repeat(fmt.Sprint(number), 128<<10))
		age(t, cache, fmt.Sprint(number), time.Duration(20-number)*time.Hour)
	}
	get(t, cache, "0") // the oldest, and now the one used last
	put(t, cache, "new", strings.Repeat("n", 128<<10))
	there := map[string]bool{}
	for _, name := range []string{"0", "1", "7", "new"} {
		there[name] = get(t, cache, name) != "absent"
	}
	expect(t, "map[0:true 1:false 7:true new:true]", fmt.Sprint(there))
	expect(t, true, cache.Size() <= 1<<20)
}

func age(t *testing.T, cache *Cache, name string, by time.Duration) {
	t.Helper()
	digest, _, err := readName(cache.nameOf(name))
	if err != nil {
		t.Fatal(err)
	}
	when := time.Now().Add(-by)
	if err := os.Chtimes(cache.blobOf(digest), when, when); err != nil {
		t.Fatal(err)
	}
}

// Eviction takes names and never bytes: who has begun to read reads to the end.
func TestReadersKeepWhatIsEvicted(t *testing.T) {
	cache := open(t, t.TempDir(), 1<<20)
	text := strings.Repeat("a", 700<<10)
	put(t, cache, "a", text)
	reader, err := cache.Get(context.Background(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	put(t, cache, "b", strings.Repeat("b", 700<<10))
	read, err := io.ReadAll(reader)
	expect(t, true, err == nil && string(read) == text)
	expect(t, "absent", get(t, cache, "a"))
}

func TestWhatIsLargerThanAllIsNotKept(t *testing.T) {
	cache := open(t, t.TempDir(), 1<<20)
	put(t, cache, "kept", "x")
	put(t, cache, "large", strings.Repeat("l", 2<<20))
	expect(t, "absent x 1", fmt.Sprint(get(t, cache, "large"), " ", get(t, cache, "kept"), " ", cache.Counts.Unstored.Load()))
}

func TestManyWritersAndReadersOfOneName(t *testing.T) {
	cache := open(t, t.TempDir(), 4<<20)
	var all sync.WaitGroup
	for writer := range 8 {
		all.Go(func() {
			for range 20 {
				put(t, cache, "list", strings.Repeat(fmt.Sprint(writer), 50_000))
				if text := get(t, cache, "list"); text != "absent" && strings.Trim(text, text[:1]) != "" {
					t.Error("a mixture was read")
				}
			}
		})
	}
	all.Wait()
	expect(t, int64(0), cache.Counts.Damaged.Load())
}

func TestAbsenceIsRememberedUntilThereIsSomething(t *testing.T) {
	cache := open(t, t.TempDir(), small)
	cache.MarkAbsent("m/@v/list", 410)
	expect(t, "absent 410", fmt.Sprint(get(t, cache, "m/@v/list"), " ", cache.Absent("m/@v/list")))
	put(t, cache, "m/@v/list", "v1.0.0")
	cache.MarkAbsent("m/@v/list", 404)
	expect(t, "v1.0.0 0", fmt.Sprint(get(t, cache, "m/@v/list"), " ", cache.Absent("m/@v/list")))
}

func TestSeedsAreReadAndNeverWritten(t *testing.T) {
	seed, root := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(seed, "list"), []byte("seeded"), 0o600); err != nil {
		t.Fatal(err)
	}
	cache := open(t, root, small, seed)
	expect(t, "seeded", get(t, cache, "list"))
	put(t, cache, "list", "fetched")
	text, err := os.ReadFile(filepath.Join(seed, "list"))
	expect(t, "fetched seeded <nil>", fmt.Sprint(get(t, cache, "list"), " ", string(text), " ", err))
}
