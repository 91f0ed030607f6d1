"""The account on a host: its shell, home, start-up files and limits."""

from __future__ import annotations

from collections.abc import Iterator

from remotego.doctor.check import Finding, failure, ok, unknown, warning
from remotego.doctor.machine import judge_ssh_files
from remotego.host.condition import Condition

REFUSING = ("nologin", "false")
KNOWN = ("bash", "dash", "ash", "sh", "ksh", "mksh", "zsh", "fish", "tcsh", "csh", "rbash", "busybox")

LEAST_FILES = 256
"""Below that a dlv with its modules' sources, sockets and the agent's pipes runs short."""

LEAST_PROCESSES = 64
"""dlv is a Go program: a thread a processor, and a few for system calls; threads count as processes."""


def judge_account(found: Condition, host: str) -> Iterator[Finding]:
    """Judge what a login brings with it."""
    yield _shell(found)
    yield _home(found)
    yield _quiet(found, host)
    yield judge_ssh_files("account-keys", [one for one in found.ssh_files if not one.path.endswith(".pub")])
    yield _limits(found)


def _shell(found: Condition) -> Finding:
    name = found.shell.rpartition("/")[2]
    if name in REFUSING:
        remedy = "have its administrator give the account a shell (chsh, usermod -s)"
        return failure("account-shell", f"the login shell of {found.name} is {found.shell}, which runs nothing", remedy)
    if name == "rbash":
        remedy = "gen-remote-env and windows need a whole one; sessions work with it"
        return warning("account-shell", f"the login shell of {found.name} is restricted ({found.shell})", remedy)
    if name not in KNOWN:
        remedy = "sessions work with it; start-up files are only written for bash, zsh, fish and plain shells"
        return warning("account-shell", f"the login shell {found.shell or '(none)'} is none we know", remedy)
    return ok("account-shell", f"{found.shell} for {found.name}")


def _home(found: Condition) -> Finding:
    row = found.home_row
    if row is None or row.mode is None:
        remedy = "create it, or name a directory you own with --store (store in remotego.toml)"
        return failure("account-home", f"the home {found.home or '(none)'} is not there", remedy)
    if not found.home_writable:
        remedy = "name a directory that can be written with --store; its editors' servers want a home, though"
        return failure("account-home", f"the home {found.home} cannot be written", remedy)
    if row.others_write:
        remedy = "chmod go-w ~: sshd passes over authorized_keys in it otherwise (StrictModes)"
        return failure("account-home", f"the home {found.home} can be written by others ({row.mode:04o})", remedy)
    return ok("account-home", f"{found.home} can be written")


def _quiet(found: Condition, host: str) -> Finding:
    if found.noise is None:
        return unknown(
            "account-quiet", f"{found.shell or 'its shell'} was not tried", f"see what `ssh {host} true` prints"
        )
    if found.noise:
        remedy = (
            "print only where somebody reads: put a test for a terminal before it in .bashrc, .zshenv or config.fish"
        )
        evidence = f"`ssh {host} true` prints {found.noise[:80]!r}: scp, sftp and editors take it for an answer"
        return warning("account-quiet", evidence, remedy)
    return ok("account-quiet", f"`ssh {host} true` prints nothing")


def _limits(found: Condition) -> Finding:
    files, processes = found.limits.get("Max open files"), found.limits.get("Max processes")
    core = _said(found.limits.get("Max core file size"))
    told = f"open files {_said(files)}, processes {_said(processes)}, core files {core}"
    if not found.limits:
        return unknown("account-limits", "/proc/self/limits cannot be read", "see `ulimit -a` there")
    if files is not None and files < LEAST_FILES:
        remedy = "raise nofile in /etc/security/limits.conf, or take `ulimit -n` out of a start-up file"
        return failure("account-limits", f"only {files} open files are allowed: dlv cannot load a program", remedy)
    if processes is not None and processes < LEAST_PROCESSES:
        remedy = "raise nproc in /etc/security/limits.conf, or take `ulimit -u` out of a start-up file"
        return failure(
            "account-limits", f"only {processes} processes are allowed: dlv cannot start its threads", remedy
        )
    return ok("account-limits", told)


def _said(limit: int | None) -> str:
    return "unlimited" if limit is None else str(limit)
