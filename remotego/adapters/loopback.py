"""Who is at the other end of a loopback connection, as the Linux kernel tells it in /proc/net/tcp.

Format: proc(5) and Documentation/networking/proc_net_tcp. Other systems have no such table: there
the questions below get no answer, and whoever asks decides what that means.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from dataclasses import dataclass
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTEN = 0x0A

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One TCP socket of this machine. ``inode`` is 0 once no process holds it any more."""

    local: tuple[Address, int]
    remote: tuple[Address, int]
    state: int
    uid: int
    inode: int


def parse_table(text: str) -> list[Endpoint]:
    """Read a table; its heading and lines that are cut short are passed over."""
    rows = (line.split() for line in text.splitlines()[1:])
    return [
        Endpoint(_address(row[1]), _address(row[2]), int(row[3], 16), int(row[7]), int(row[9]))
        for row in rows
        if len(row) >= 10
    ]


def has_tables() -> bool:
    """Whether this system tells who owns a socket."""
    return TABLES[0].exists()


def peer_uid(here: tuple[str, int], peer: tuple[str, int]) -> int | None:
    """Find the user at the other end of a connection between two addresses of this machine.

    None when no process holds that end (it has closed, or is in another network namespace).
    """
    local, remote = _endpoint(peer), _endpoint(here)
    return next(
        (each.uid for each in _endpoints(peer[1]) if (each.local, each.remote) == (local, remote) and each.inode),
        None,
    )


def listener_pid(port: int) -> int | None:
    """Find a process that listens on a port; None if there is none or it belongs to someone else."""
    wanted = {
        f"socket:[{each.inode}]"
        for each in _endpoints(port)
        if each.state == LISTEN and each.local[1] == port and each.inode
    }
    return next((pid for pid in _pids() if wanted & _sockets(pid)), None) if wanted else None


def process_name(pid: int) -> str:
    """Name of a process, empty if it has gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _endpoints(port: int) -> list[Endpoint]:
    """Give the sockets with this port at either end; only those are parsed: tables can be long."""
    tables = (table.read_text("ascii").splitlines() for table in TABLES if table.exists())
    lines = (line for table in tables for line in table[1:] if f":{port:04X} " in line)
    return parse_table("\n".join(("", *lines)))


def _endpoint(pair: tuple[str, int]) -> tuple[Address, int]:
    return ipaddress.ip_address(pair[0]), pair[1]


def _address(field: str) -> tuple[Address, int]:
    """``0100007F:1F90`` is 127.0.0.1 port 8080: 32-bit words in the machine's byte order."""
    digits, _, port = field.partition(":")
    words = (bytes.fromhex(digits[start : start + 8]) for start in range(0, len(digits), 8))
    raw = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    address = ipaddress.ip_address(raw)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped, int(port, 16)
    return address, int(port, 16)


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]  # noqa: PTH208  (names only)


def _sockets(pid: int) -> set[str]:
    """What the open files of a process point to; empty for a process of someone else."""
    found: set[str] = set()
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
            found.add(os.readlink(f"/proc/{pid}/fd/{name}"))  # noqa: PTH115
    except OSError:
        pass
    return found
