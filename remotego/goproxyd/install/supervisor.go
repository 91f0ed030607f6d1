package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"remotego/goproxyd/config"
	"remotego/goproxyd/keeper"
)

// unit is the name of the service. A user has one, whatever the place.
const unit = "remotego-goproxyd.service"

// unitText: systemd restarts the keeper, and the keeper the server. What the keeper does not hear of in time is killed.
const unitText = `# written by remotego deploy-proxy; proxy.remove takes it away
[Unit]
Description=Go module proxy (remotego)
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=%[1]s/program keep %[1]s
Restart=always
RestartSec=1
KillMode=mixed
TimeoutStopSec=20
UMask=0077
NoNewPrivileges=yes
LimitNOFILE=65536

[Install]
WantedBy=default.target
`

// supervisor starts a keeper and sees that there is one.
type supervisor struct {
	name   string
	start  func(context.Context) error
	settle func(context.Context) error // while the keeper goes on
	stop   func(context.Context) error
}

var (
	plain = supervisor{
		name:   "plain",
		start:  startKeeper,
		settle: func(context.Context) error { return nil },
		stop:   stopKeeper,
	}
	user = supervisor{name: "user", start: startUnit, settle: writeUnit, stop: stopUnit}
)

// supervisorFor finds one by name. auto is the one before, as long as it is there, and at first systemd where this login
// has a manager that answers.
func supervisorFor(ctx context.Context, name, before string) (supervisor, error) {
	switch name {
	case plain.name:
		return plain, nil
	case user.name:
		return user, managed(ctx)
	case "auto":
		if before != plain.name && managed(ctx) == nil {
			return user, nil
		}
		return plain, nil
	}
	return supervisor{}, fmt.Errorf("no such supervisor: %q", name)
}

func stop(ctx context.Context, name string) error {
	if name == user.name {
		return stopUnit(ctx)
	}
	return stopKeeper(ctx)
}

func startKeeper(context.Context) error { return keeper.Start(nil) }

// stopKeeper waits until the keeper's lock is free: what it started has ended by then. It says so again and again: where
// the keeper has just died, its server may be starting another.
func stopKeeper(context.Context) error {
	lock, err := os.OpenFile(config.Lock, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	for end := time.Now().Add(startWait); time.Now().Before(end); time.Sleep(probeStep) {
		_, err = keeper.Tell("stop")
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			return nil
		}
	}
	return errors.Join(errors.New("the keeper does not end"), err)
}

func managed(ctx context.Context) error {
	if _, err := systemctl(ctx, "show-environment"); err != nil {
		return fmt.Errorf("systemd does not manage this login: %w", err)
	}
	return nil
}

func startUnit(ctx context.Context) error {
	if err := writeUnit(ctx); err != nil {
		return err
	}
	if _, err := systemctl(ctx, "enable", unit); err != nil {
		return err
	}
	_, err := systemctl(ctx, "restart", unit)
	return err
}

func writeUnit(ctx context.Context) error {
	path, err := unitPath()
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	if strings.ContainsAny(here, " \t\n%\\\"'$") {
		return fmt.Errorf("%s: systemd needs a path without spaces and signs; use the plain supervisor", here)
	}
	text := fmt.Sprintf(unitText, here)
	old := content(path)
	if string(old) == text {
		return nil
	}
	if old != nil && !strings.Contains(string(old), here+"/program keep") {
		return fmt.Errorf("%s is of another proxy; remove that first, or use the plain supervisor", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	_, err = systemctl(ctx, "daemon-reload")
	return err
}

func stopUnit(ctx context.Context) error {
	path, err := unitPath()
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	if !strings.Contains(string(content(path)), here+"/program keep") {
		return stopKeeper(ctx)
	}
	if _, err := systemctl(ctx, "disable", "--now", unit); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	_, err = systemctl(ctx, "daemon-reload")
	return err
}

func unitPath() (string, error) {
	above, err := os.UserConfigDir()
	return filepath.Join(above, "systemd", "user", unit), err
}

func systemctl(ctx context.Context, words ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startWait+10*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, "systemctl", append([]string{"--user"}, words...)...)
	command.Env = os.Environ()
	if os.Getenv("XDG_RUNTIME_DIR") == "" {
		command.Env = append(command.Env, fmt.Sprintf("XDG_RUNTIME_DIR=/run/user/%d", os.Getuid()))
	}
	said, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("systemctl --user %s: %w: %s", words[0], err, strings.TrimSpace(string(said)))
	}
	return string(said), nil
}

// lingers says whether services of this login go on without it: yes, no, or nothing where that is not known.
func lingers() string {
	name := os.Getenv("USER")
	if name == "" {
		name = os.Getenv("LOGNAME")
	}
	if _, err := os.Stat("/var/lib/systemd/linger"); err != nil || name == "" {
		return ""
	}
	if _, err := os.Stat(filepath.Join("/var/lib/systemd/linger", filepath.Base(name))); err != nil {
		return "no"
	}
	return "yes"
}
