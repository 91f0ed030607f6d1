package credential

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// mark puts this host's mark behind a name: a home may be another host's too (NFS), with servers of its own there, and a
// socket or a process of theirs looks from here as one that has gone. Both parts of it outlive a restart.
func mark(name string) string {
	host, _ := os.Hostname()
	machine, _ := os.ReadFile("/etc/machine-id")
	hash := fnv.New32a()
	fmt.Fprintf(hash, "%s\n%s", host, machine)
	return fmt.Sprintf("%s.%08x", name, hash.Sum32())
}

// isForeign says whether a file is another host's, that may still serve: nothing is lent for longer than longest.
func isForeign(path, suffix string) bool {
	info, err := os.Lstat(path)
	mine := strings.HasSuffix(filepath.Base(path), mark("")+suffix)
	return err == nil && !mine && time.Since(info.ModTime()) < longest+time.Hour
}
