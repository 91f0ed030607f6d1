package session

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"remotego/agent/proc"
	"remotego/agent/text"
)

// create makes the session's directory, for us alone. It must be new.
func create(order Order) error {
	if err := os.Mkdir(order.Directory, 0o700); err != nil {
		return err
	}
	return private(order.Directory)
}

// enter takes over the directory of a session whose guard has died. Its dlv may be dead as well:
// then there is still the process to look after.
func enter(order Order) error {
	if err := private(order.Directory); err != nil {
		return err
	}
	var record struct{ Keeper [2]uint64 }
	if err := readRecord(order, &record); err != nil {
		return err
	}
	keeper := proc.ID{PID: int(record.Keeper[0]), Start: record.Keeper[1]}
	if !buried(keeper) {
		return fmt.Errorf("the session has a guard, process %d: it is not an orphan", keeper.PID)
	}
	os.Remove(order.stopFile())
	for _, socket := range []string{order.socket(), order.control()} {
		if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

func private(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Geteuid() || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s is not a private directory of ours", path)
	}
	return nil
}

func readRecord(order Order, into any) error {
	raw, err := os.ReadFile(order.record())
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func readKnown(order Order) (text.Known, error) {
	var record struct{ Known []uint64 }
	if err := readRecord(order, &record); err != nil {
		return nil, err
	}
	known := text.Known{}
	for _, address := range record.Known {
		known[address] = true
	}
	return known, nil
}

// writeRecord tells other controllers about the session; what an earlier guard has told stays.
func (g *guard) writeRecord() error {
	self, err := proc.ReadStat(os.Getpid())
	if err != nil {
		return err
	}
	addresses := []uint64{}
	for address := range g.code.known {
		addresses = append(addresses, address)
	}
	order := g.order
	record := map[string]any{}
	_ = readRecord(order, &record)
	for key, value := range order.Record {
		record[key] = value
	}
	if record["since"] == nil {
		record["since"] = time.Now().Unix()
	}
	for key, value := range map[string]any{
		"known":     addresses,
		"dlv":       []any{g.dlv.PID, g.dlv.Start},
		"keeper":    []any{self.PID, self.Start},
		"pid":       order.PID,
		"start":     order.Start,
		"directory": order.Directory,
		"socket":    order.entrance(),
		"port":      g.dlv.Port,
		"hold":      order.Hold,
		"kind":      order.kind(),
		"keep":      g.held.Keep,
		"holders":   g.held.Inputs,
	} {
		record[key] = value
	}
	return writeFile(order.record(), record)
}

// writeFile puts a JSON object in place in one step.
func writeFile(path string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(append(raw, '\n'))
	if shut := file.Close(); err == nil {
		err = shut
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
