"""The user's own OpenSSH: what a name means (``ssh -G``), which host keys are known or revoked (``ssh-keygen``)."""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.ssh.knownhosts import KnownKey, parse_found, read_known_hosts
from remotego.adapters.ssh.names import Destination, parse_destination
from remotego.adapters.ssh.route import find_route
from remotego.adapters.ssh.settings import Settings, parse_settings
from remotego.core.errors import UsageError
from remotego.core.target import Target
from remotego.core.terminal import inert

SSH, KEYGEN = "ssh", "ssh-keygen"

TIMEOUT_S = 15.0
"""For one ``ssh -G``, whose Match exec and CanonicalizeHostname may run commands and ask the DNS."""

KILLED_S = 1.0
"""What a command that ssh has run may still hold open is not waited for when ssh itself has been killed."""


@dataclass(eq=False)
class ConfigError(UsageError):
    """``ssh -G`` does not accept the configuration or the name."""

    name: str
    said: str
    what = "ssh cannot resolve {name!r}: {said}"
    remedy = "correct the ssh_config; `ssh -G {name}` shows what it comes to"


@dataclass(frozen=True, slots=True)
class Resolution:
    """A target, and a ``note`` when something less than OpenSSH has read the configuration."""

    target: Target
    note: str | None = None


def resolve(name: str, config: Path | None = None) -> Resolution:
    """Find out what ``name`` means to OpenSSH: its hops, users, ports, keys.

    ``config`` takes the place of the user's ssh_config, as ``ssh -F`` does. Without an ``ssh``
    program paramiko's reader stands in and the resolution carries a note. Raises NameRefusedError,
    ConfigError, JumpLoopError, TokenError, and MisreadError where paramiko would misread the file.
    """
    destination = parse_destination(name)
    program = shutil.which(SSH)
    if program is None:
        return _resolve_without_ssh(name, destination, config)
    route = find_route(destination, lambda wanted: _ask(program, wanted, config))
    return Resolution(Target(name, route))


def read_settings(names: Sequence[str], config: Path) -> list[Settings] | None:
    """Ask ``ssh -G`` about aliases by a configuration; None where there is no ssh. Raises ConfigError."""
    program = shutil.which(SSH)
    return _ask(program, [Destination(name) for name in names], config) if program else None


class KeyLookup:
    """A search for the keys known under any of ``names`` in the files that exist; begun at once.

    ``ssh-keygen -F`` decides what matches (hashed names, wildcards, negations, markers), our own
    reader where that program is missing. Lines that cannot be read are passed over, as ssh does.
    """

    def __init__(self, names: Sequence[str], files: Sequence[Path]) -> None:
        self._pairs = [(name, path) for path in files if path.is_file() for name in names]
        program = shutil.which(KEYGEN)
        self._running = [_start((program, "-F", name, "-f", str(path))) for name, path in self._pairs if program]

    def keys(self) -> list[KnownKey]:
        """Wait for the search to end."""
        if not self._running:
            return [key for name, path in self._pairs for key in read_known_hosts(path.read_bytes(), name, path)]
        found = zip(self._pairs, map(_finish, self._running), strict=True)
        return [key for (name, path), (output, _) in found for key in parse_found(output, name, path)]


class KrlError(Exception):
    """A key revocation list that cannot be searched, and why."""


def is_in_krl(blob: bytes, krl: Path) -> bool:
    """Search a key revocation list for a public key in SSH wire format. Raises KrlError."""
    program = shutil.which(KEYGEN)
    if program is None:
        raise KrlError(f"there is no {KEYGEN} here to read a key revocation list")
    kind = blob[4 : 4 + int.from_bytes(blob[:4], "big")]
    with tempfile.NamedTemporaryFile(suffix=".pub") as key:
        key.write(kind + b" " + base64.b64encode(blob) + b"\n")
        key.flush()
        process = _start((program, "-Q", "-f", str(krl), key.name))
        out, said = _finish(process)
    if process.returncode != 0 and not out.rstrip().endswith(b": REVOKED"):
        raise KrlError(inert(said).strip() or f"{KEYGEN} ends with exit code {process.returncode}")
    return process.returncode != 0


def _ask(program: str, wanted: Sequence[Destination], config: Path | None) -> list[Settings]:
    """Run one ``ssh -G`` per machine, all at once."""
    running = [_start((program, "-G", *words_for(each, config))) for each in wanted]
    answers = [_finish(process) for process in running]
    for each, process, (_, said) in zip(wanted, running, answers, strict=True):
        if process.returncode != 0:
            raise ConfigError(str(each), inert(said).strip() or f"exit code {process.returncode}")
    return [parse_settings(out.decode("utf-8", "surrogateescape")) for out, _ in answers]


def words_for(wanted: Destination, config: Path | None) -> tuple[str, ...]:
    """Give the last words of an ssh command line: where to, by which configuration."""
    return (
        *(("-F", str(config)) if config else ()),
        *(("-l", wanted.user) if wanted.user else ()),
        *(("-p", str(wanted.port)) if wanted.port else ()),
        "--",
        wanted.host,
    )


def _start(argv: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _finish(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    try:
        return process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out = b""
        with suppress(subprocess.TimeoutExpired):
            out, _ = process.communicate(timeout=KILLED_S)
        return out, f"no answer in {TIMEOUT_S:.0f} s".encode()


def _resolve_without_ssh(name: str, destination: Destination, config: Path | None) -> Resolution:
    from remotego.adapters.ssh.fallback import NOTE, read_config

    ask = read_config(config)
    return Resolution(Target(name, find_route(destination, ask)), NOTE)
