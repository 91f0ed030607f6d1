package credential

import (
	"os"
	"syscall"
)

// locked waits for a lock, and gives what lets go of it. The file may have been removed by whoever held it before:
// then it is made and locked anew.
func locked(path string) (unlock func(), err error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
			file.Close()
			return nil, err
		}
		mine, err := file.Stat()
		there, failure := os.Stat(path)
		if err == nil && failure == nil && os.SameFile(mine, there) {
			return func() { file.Close() }, nil
		}
		file.Close()
	}
}
