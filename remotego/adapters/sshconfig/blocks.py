"""Blocks: the Host blocks and known_hosts lines of machines. Pure.

Every value that comes here has been held to core.options.MACHINE: none can begin another line or keyword.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.core.errors import UsageError
from remotego.core.machine import Machine

MISSED = 3
"""Unanswered keep-alives until ssh gives a connection up (its own default, ssh_config(5))."""

_PLAIN = re.compile(r"[A-Za-z0-9._/~:@+,=-]+")
_UNFIT = re.compile(r"[\x00-\x1f\x7f\"'%$\\*?\[\]]")


@dataclass(eq=False)
class UnfitPathError(UsageError):
    """A path that ssh_config cannot carry: ssh would expand, split or match what is in it."""

    path: str
    what = "{path!r} cannot stand in an ssh_config: ssh gives quotes, %, $, \\, *, ? and brackets a meaning"
    remedy = "move it to a path without them (blanks are fine)"


@dataclass(eq=False)
class BrokenHostKeyError(UsageError):
    """Text in the place of a public key."""

    name: str
    key: str
    reason: str
    what = "host_keys of {name}: {key!r} is no public key: {reason}"
    remedy = "copy it from /etc/ssh/ssh_host_*_key.pub on the machine, or from a known_hosts that you trust"


@dataclass(frozen=True, slots=True)
class Block:
    """A Host block: pairs of keyword and value, values as they are meant, without quotes."""

    name: str
    rows: tuple[tuple[str, str], ...]

    def without(self, keywords: Iterable[str]) -> Block:
        """Give the block with some keywords left out."""
        gone = set(keywords)
        return Block(self.name, tuple(row for row in self.rows if row[0] not in gone))


def block_of(machine: Machine, known_hosts: Path, home: Path, *, alias: bool = False) -> Block:
    """Make the block of a machine; with ``host_keys`` only those of ``known_hosts`` are believed.

    Host keys are checked strictly whatever else is said. With ``alias`` the key goes by the machine's own name, as
    its address is another's too. Raises UnfitPathError.
    """
    alive = str(machine.keep_alive_s)
    rows = {
        "HostName": machine.address,
        "User": machine.user,
        "Port": None if machine.ssh_port is None else str(machine.ssh_port),
        "ProxyJump": machine.jump,
        "IdentityFile": spelt(Path(machine.identity), home) if machine.identity else None,
        "ServerAliveInterval": alive,
        "ServerAliveCountMax": str(MISSED) if machine.keep_alive_s else None,
        "StrictHostKeyChecking": "yes",
        "HostKeyAlias": machine.name if alias else None,
        "UserKnownHostsFile": spelt(known_hosts, home) if machine.host_keys else None,
        "UpdateHostKeys": "no" if machine.host_keys else None,
    }
    return Block(machine.name, tuple((keyword, value) for keyword, value in rows.items() if value is not None))


def render_blocks(blocks: Sequence[Block], head: str) -> str:
    """Write blocks as an ssh_config, each line of ``head`` as a comment above."""
    lines = [f"# {line}" for line in head.splitlines()]
    for block in blocks:
        lines += ["", f"Host {block.name}", *(f"    {keyword} {quoted(value)}" for keyword, value in block.rows)]
    return "\n".join(lines) + "\n"


def twins(machines: Sequence[Machine]) -> frozenset[str]:
    """Name the machines that share an address with another and have other keys: behind other jump hosts, say."""
    return frozenset(
        one.name
        for one in machines
        for other in machines
        if one.known_as == other.known_as and set(one.host_keys) != set(other.host_keys)
    )


def render_known_hosts(machines: Sequence[Machine], known_as: Mapping[str, str], head: str) -> str | None:
    """Write the host keys of machines as known_hosts, by the names ssh looks for; None if there are none.

    Raises BrokenHostKeyError.
    """
    pairs = [(machine, key) for machine in machines for key in machine.host_keys]
    lines = [_known(machine, known_as[machine.name], key) for machine, key in pairs]
    return "\n".join([f"# {line}" for line in head.splitlines()] + list(dict.fromkeys(lines))) + "\n" if lines else None


def spelt(path: Path, home: Path) -> str:
    """Write a path as ssh reads it on any system: from ``~`` where it is below ``home``. Raises UnfitPathError."""
    text = f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else path.as_posix()
    if _UNFIT.search(text):
        raise UnfitPathError(str(path))
    return text


def quoted(value: str) -> str:
    """Put a value in quotes if ssh would split it, or take its end for a comment."""
    return value if _PLAIN.fullmatch(value) else f'"{value}"'


def _known(machine: Machine, known_as: str, key: str) -> str:
    marker, _, rest = key.partition(" ") if key.startswith("@") else ("", "", key)
    kind, text = rest.split(" ", 2)[:2]
    try:
        blob = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BrokenHostKeyError(machine.name, key, str(error)) from error
    if blob[4 : 4 + int.from_bytes(blob[:4], "big")] != kind.encode():
        raise BrokenHostKeyError(machine.name, key, f"what is encoded in it is no {kind}")
    return " ".join(filter(None, (marker, known_as, kind, text)))
