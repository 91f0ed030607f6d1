"""Ports: the local port of each configuration, the same every time, and no other's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from remotego.core.errors import RefusedError, UsageError

FIRST = 23450
COUNT = 1000
"""Ports from FIRST on, in a range that no system gives away by itself (IANA: unassigned, below 32768)."""


_HERE = ("127.0.0.1", "::1", "localhost")


@dataclass(eq=False)
class NoFreePortError(RefusedError):
    """Every port of the range is in use."""

    first: int
    last: int
    what = "no local port from {first} to {last} is free"
    remedy = "give one with --local-port"


@dataclass(eq=False)
class SharedPortError(UsageError):
    """A port was asked for that leads to another entry's session."""

    port: int
    entry: str
    what = 'local port {port} is that of the entry "{entry}" in launch.json'
    remedy = "give another --local-port, or none: then one is chosen that no entry has"


def preferred(name: str) -> int:
    """The port a configuration of this name gets if nothing stands against it."""
    return FIRST + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % COUNT


def choose(start: int, taken: Container[int], is_free: Callable[[int], bool]) -> int:
    """Take the first port from ``start`` on, and round the range, that is not ``taken`` and is free here.

    Raises NoFreePortError.
    """
    for step in range(COUNT):
        port = FIRST + (start - FIRST + step) % COUNT
        if port not in taken and is_free(port):
            return port
    raise NoFreePortError(FIRST, FIRST + COUNT - 1)


def used_ports(configurations: Iterable[Mapping[str, Any]], *, but: Container[str] = ()) -> dict[str, int]:
    """Give the local port of every configuration by its name, save those named in ``but``."""
    return {
        str(one.get("name")): one["port"]
        for one in configurations
        if isinstance(one.get("port"), int) and one.get("name") not in but and one.get("host", "localhost") in _HERE
    }
