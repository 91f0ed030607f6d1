"""This machine: ssh, Python, the cache, and the dlv that an editor looks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from remotego.core.health import Machine, Place
from remotego.doctor.check import Finding, failure, ok, unknown, warning
from remotego.doctor.firstaid import judge_go
from remotego.doctor.proxies import judge_proxies
from remotego.doctor.sums import judge_sums

LEAST_PYTHON = (3, 11)
LEAST_SSH = (7, 3)
"""The first with ProxyJump, and with -G that tells of it (OpenSSH's release notes)."""

LEAST_FREE_BYTES = 1 << 30
"""What building a dlv takes in the worst case: modules, the compiler's cache, the program."""

LEAST_DLV = (1, 22, 1)

_SSH = re.compile(r"OpenSSH_(?:for_Windows_)?(\d+)\.(\d+)")


def judge_machine(machine: Machine) -> Iterator[Finding]:
    """Judge all but the workspace's files."""
    yield _ssh(machine.ssh)
    yield judge_ssh_files("ssh-permissions", machine.ssh_files)
    yield _python(machine.python)
    yield _packages(machine)
    yield from _cache(machine)
    yield _dlv(machine)
    if machine.go is None:
        yield unknown("go-command", "Go was not looked at: there is no sh here", "run it where there is one, as in WSL")
    else:
        yield from judge_go(machine.go, needed=True)
        yield from judge_proxies(machine.go)
    yield from judge_sums(machine.sums)


def _ssh(said: str) -> Finding:
    found = _SSH.search(said)
    if not said:
        remedy = "install OpenSSH's client; until then only plain ssh_config files are understood"
        return warning("ssh-client", "there is no ssh program in PATH", remedy)
    if found is None:
        return unknown("ssh-client", f"ssh -V says {said[:80]!r}", "see that `ssh` in PATH is OpenSSH's")
    if (int(found[1]), int(found[2])) < LEAST_SSH:
        return warning("ssh-client", f"{found[0]} knows no ProxyJump", "install OpenSSH 7.3 or later")
    return ok("ssh-client", found[0])


def judge_ssh_files(check: str, files: Sequence[Place]) -> Finding:
    """Judge ~/.ssh as sshd and ssh do: others may not write it, nor read a private key (sshd(8), StrictModes)."""
    bad = [
        f"{one.path} ({one.mode or 0:04o})" for one in files if one.others_write or (_is_key(one) and one.others_read)
    ]
    bad += [f"{one.path} (not yours)" for one in files if one.mode is not None and not one.mine]
    if bad:
        remedy = (
            "chmod 700 ~/.ssh; chmod 600 for keys, config and authorized_keys: ssh and sshd pass over them otherwise"
        )
        return failure(check, f"open to others: {', '.join(bad)}", remedy)
    there = [one.path for one in files if one.mode is not None]
    return ok(check, f"closed: {', '.join(there)}" if there else "there is no ~/.ssh")


def _is_key(place: Place) -> bool:
    name = place.path.rpartition("/")[2]
    return name.startswith("id_") and not name.endswith(".pub")


def _python(version: tuple[int, ...]) -> Finding:
    text = ".".join(map(str, version))
    if version < LEAST_PYTHON:
        return failure("python-version", f"Python {text}", "run remotego with Python 3.11 or later")
    return ok("python-version", f"Python {text}")


def _packages(machine: Machine) -> Finding:
    bad = [f"{one.name} {one.have or 'is missing'} ({one.wanted})" for one in machine.packages if not one.fits]
    if bad:
        remedy = "install remotego anew in an environment of its own: pip install --upgrade remotego"
        return failure("python-packages", ", ".join(bad), remedy)
    return ok("python-packages", ", ".join(f"{one.name} {one.have}" for one in machine.packages) or "none are needed")


def _cache(machine: Machine) -> Iterator[Finding]:
    cache = machine.cache
    if cache is None:
        return
    if not cache.writable:
        yield failure(
            "cache-writable", f"{cache.path} may not be written", "correct its permissions, or set XDG_CACHE_HOME"
        )
    else:
        yield ok("cache-writable", f"{cache.path} can be written")
    free = machine.free_bytes
    if free is None:
        yield unknown("cache-space", f"nobody tells what is free for {cache.path}", "see `df` there")
    elif free < LEAST_FREE_BYTES:
        remedy = "free some space, or set XDG_CACHE_HOME to another disk"
        yield warning("cache-space", f"{free / 1e6:.0f} MB free for {cache.path}", remedy)
    else:
        yield ok("cache-space", f"{free / 1e9:.1f} GB free for {cache.path}")


def _dlv(machine: Machine) -> Finding:
    remedy = "`remotego gen-launch` builds one and names it in the settings"
    if not machine.dlv:
        evidence = "there is no dlv in PATH and none of ours: the Go extension refuses to attach anywhere"
        return warning("editor-dlv", evidence, remedy)
    if not machine.dlv_version:
        return failure("editor-dlv", f"{machine.dlv} does not run", remedy)
    if tuple(int(part) for part in machine.dlv_version.split(".")) < LEAST_DLV:
        return warning(
            "editor-dlv", f"{machine.dlv} is {machine.dlv_version}: the extension calls it out of date", remedy
        )
    return ok("editor-dlv", f"{machine.dlv} is {machine.dlv_version}")
