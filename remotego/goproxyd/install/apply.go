// Package install has a proxy serve from a place by a configuration, or leaves all as it was: what it starts must
// answer before what served until then is let go.
package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"remotego/goproxyd/certificate"
	"remotego/goproxyd/config"
	"remotego/goproxyd/keeper"
)

const (
	orderLimit = 1 << 20

	startWait   = time.Minute
	probeStep   = 50 * time.Millisecond
	removeTries = 5
)

// ErrLeft is that of an Apply that has left something between what was and what should be.
var ErrLeft = errors.New("going back failed, too")

// Order is what apply reads from its standard input, so that no key is ever an argument.
type Order struct {
	Config     json.RawMessage `json:"config"`
	Program    string          `json:"program"`    // absolute; a link in the place leads to it
	Supervisor string          `json:"supervisor"` // one of supervisors, or auto
	Names      []string        `json:"names"`      // to make a certificate for; none if one is given
	Cert       string          `json:"cert"`       // PEM, as the next two
	Key        string          `json:"key"`
	CA         string          `json:"ca"`
	Offline    bool            `json:"offline"`
}

// note is what a place knows of its installation, beside the configuration.
type note struct {
	Supervisor string   `json:"supervisor"`
	Names      []string `json:"names"`
}

// Apply reads an Order and carries it out; it prints the state that Status would.
func Apply(ctx context.Context, place string) error {
	var order Order
	if err := json.NewDecoder(io.LimitReader(os.Stdin, orderLimit)).Decode(&order); err != nil {
		return fmt.Errorf("no order on standard input: %w", err)
	}
	if _, err := config.Parse(order.Config); err != nil {
		return err
	}
	made, err := enter(place)
	if err != nil {
		return err
	}
	lock, err := takeLock()
	if err != nil {
		return err
	}
	defer lock.Close()
	former, err := remember()
	if err != nil {
		return err
	}
	err = carryOut(ctx, order, former)
	if err == nil {
		err = tell() // who does not hear of it takes it for a failure, and then it has to be one
	}
	if err != nil {
		return goBack(context.WithoutCancel(ctx), former, made, err)
	}
	return nil
}

func enter(place string) (made bool, err error) {
	err = os.Mkdir(place, 0o700)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return false, err
	}
	made = err == nil
	if err := os.Chdir(place); err != nil {
		return made, err
	}
	return made, os.MkdirAll(config.Trust, 0o700)
}

func takeLock() (*os.File, error) {
	lock, err := os.OpenFile(lockFile, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, errors.New("somebody else is changing this proxy right now")
	}
	return lock, nil
}

func carryOut(ctx context.Context, order Order, former snapshot) error {
	by, err := supervisorFor(ctx, order.Supervisor, former.note.Supervisor)
	if err != nil {
		return err
	}
	if before := former.note.Supervisor; before != "" && before != by.name {
		if err := stop(ctx, before); err != nil {
			return err
		}
	}
	if err := writeAll(order, by.name); err != nil {
		return err
	}
	return run(ctx, by)
}

func writeAll(order Order, supervisor string) error {
	kept, err := json.Marshal(note{supervisor, order.Names})
	if err != nil {
		return err
	}
	files := map[string][]byte{config.File: order.Config, noteFile: kept}
	made := certificate.Made{CA: []byte(order.CA), Cert: []byte(order.Cert), Key: []byte(order.Key)}
	if len(order.Names) > 0 {
		made = certificate.Made{CA: content(config.CA), Cert: content(config.Cert), Key: content(config.Key)}
		if now := time.Now(); !certificate.Suits(made, order.Names, now) {
			if made, err = certificate.Make(order.Names, now); err != nil {
				return err
			}
		}
	}
	files[config.CA], files[config.Cert], files[config.Key] = made.CA, made.Cert, made.Key
	if order.Offline {
		files[config.Offline] = []byte("by deploy-proxy\n")
	} else {
		files[config.Offline] = nil
	}
	for name, text := range files {
		if err := put(name, text); err != nil {
			return err
		}
	}
	return link(order.Program)
}

// run has the keeper take up what the place says now, or starts one.
func run(ctx context.Context, by supervisor) error {
	reply, err := keeper.Tell("replace")
	if err == nil && reply.Error != "" {
		return errors.New(reply.Error)
	}
	if err == nil {
		err = by.settle(ctx)
	} else {
		err = by.start(ctx)
	}
	if err != nil {
		return err
	}
	return answers()
}

// goBack puts things back as they were; the error says why, and how that went.
func goBack(ctx context.Context, former snapshot, made bool, cause error) error {
	told, back := "what served before serves again", func() error { return serveAgain(ctx, former) }
	if former.note.Supervisor == "" {
		told, back = "all of it is taken back", func() error { return forget(ctx, made) }
	}
	if err := back(); err != nil {
		return fmt.Errorf("%w; %w: %w", cause, ErrLeft, err)
	}
	return fmt.Errorf("%w; %s", cause, told)
}

// serveAgain ends what looks after the place by now, unless that did so before.
func serveAgain(ctx context.Context, former snapshot) error {
	before := former.note.Supervisor
	by, err := supervisorFor(ctx, before, before)
	if err != nil {
		return err
	}
	if tried := whoLooksAfter(); tried != before {
		if err := stop(ctx, tried); err != nil {
			return err
		}
	}
	if err := former.restore(); err != nil {
		return err
	}
	return run(ctx, by)
}

// whoLooksAfter is the supervisor by the note of the place; where that is not whole, systemd, for stop looks whether
// that is so.
func whoLooksAfter() string {
	var left note
	if json.Unmarshal(content(noteFile), &left) != nil || left.Supervisor == "" {
		return user.name
	}
	return left.Supervisor
}

// forget takes a first installation back. A cache that was there before is not ours to remove. What a keeper needs that
// a server is starting right now goes first.
func forget(ctx context.Context, made bool) error {
	lock, err := endAll(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := putAway(config.Program, config.File, noteFile); err != nil {
		return err
	}
	if made {
		return removeHere()
	}
	return putAway(config.CA, config.Cert, config.Key)
}

func putAway(names ...string) error {
	for _, name := range names {
		if err := put(name, nil); err != nil {
			return err
		}
	}
	return nil
}

// endAll gives the keeper's lock: a server whose keeper has just died may have started another after the stop.
func endAll(ctx context.Context) (lock *os.File, err error) {
	for range removeTries {
		if err := stop(ctx, whoLooksAfter()); err != nil {
			return nil, err
		}
		if lock, err = keeper.TakeLock(); err == nil {
			return lock, nil
		}
	}
	return nil, err
}

// removeHere tries again where somebody who is ending has still written something.
func removeHere() error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	for range removeTries {
		if err = os.RemoveAll(here); err == nil {
			return nil
		}
		time.Sleep(probeStep)
	}
	return err
}

// Remove ends a proxy and removes its place with all in it, whatever an apply that was killed has left of it.
func Remove(ctx context.Context, place string) error {
	if err := os.Chdir(place); errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if err := allOurs(); err != nil {
		return fmt.Errorf("%s is no place of a proxy: %w", place, err)
	}
	lock, err := takeLock()
	if err != nil {
		return err
	}
	defer lock.Close()
	return forget(ctx, true)
}
