package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"remotego/goproxyd/config"
)

const (
	noteFile = "install.json"
	lockFile = "install.lock"
)

// ours are the names that a place has in it.
var ours = []string{
	config.File, config.Offline, config.Cert, config.Key, config.Cache, config.Temp, config.Trust, config.Program,
	config.Socket, config.Lock, config.Log, config.Log + ".1", noteFile, lockFile,
}

// allOurs gives an error for something in the working directory that no proxy has put there.
func allOurs() error {
	entries, err := os.ReadDir(".")
	for _, entry := range entries {
		name := strings.TrimSuffix(strings.TrimPrefix(entry.Name(), "."), ".new")
		if health, _ := filepath.Match(config.HealthSocketPattern, name); !health && !slices.Contains(ours, name) {
			return fmt.Errorf("there is %q in it", entry.Name())
		}
	}
	return err
}

// snapshot is what goBack needs.
type snapshot struct {
	note    note
	files   map[string][]byte // nil for one that is not there
	program string
}

func remember() (snapshot, error) {
	kept := snapshot{files: map[string][]byte{}}
	for _, name := range []string{config.File, noteFile, config.CA, config.Cert, config.Key, config.Offline} {
		kept.files[name] = content(name)
	}
	kept.program, _ = os.Readlink(config.Program)
	if text := kept.files[noteFile]; text != nil {
		if err := json.Unmarshal(text, &kept.note); err != nil {
			return snapshot{}, fmt.Errorf("%s: %w", noteFile, err)
		}
	}
	return kept, nil
}

func (kept snapshot) restore() error {
	for name, text := range kept.files {
		if err := put(name, text); err != nil {
			return err
		}
	}
	return link(kept.program)
}

// content is nil for a file that is not there, or is empty: none of ours is.
func content(name string) []byte {
	text, err := os.ReadFile(name)
	if err != nil || len(text) == 0 {
		return nil
	}
	return text
}

// put writes a file so that it is there as before or as after; nothing means that it goes.
func put(name string, text []byte) error {
	if len(text) == 0 {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return syncHere()
	}
	file, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		os.Remove(file.Name())
		return err
	}
	return syncHere()
}

func link(program string) error {
	if !filepath.IsAbs(program) {
		return fmt.Errorf("%q is no absolute path of a program", program)
	}
	fresh := "." + config.Program + ".new"
	_ = os.Remove(fresh)
	if err := os.Symlink(program, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, config.Program); err != nil {
		return err
	}
	return syncHere()
}

func syncHere() error {
	here, err := os.Open(".")
	if err != nil {
		return err
	}
	defer here.Close()
	return here.Sync()
}
