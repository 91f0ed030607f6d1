"""Doors: places that files are read from by a path, a server or a directory; all bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from remotego.core.errors import MissingError, UnreachableError

Heard = Callable[[int, int], None]
"""Hears how many bytes of how many are there; the latter 0 where nobody says."""


@dataclass(eq=False)
class AbsentError(MissingError):
    """A place says that it has not got something."""

    place: str
    path: str
    what = "{place} has no {path}"
    remedy = "look whether the place is the right one; what it has may be older"


@dataclass(eq=False)
class NoAnswerError(UnreachableError):
    """A place that cannot be asked, or gives no usable answer. No secret is in ``place`` or ``reason``."""

    place: str
    reason: str
    what = "{place}: {reason}"
    remedy = "try it with `curl -v`, look at HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE, or name another place"


class EndlessError(NoAnswerError):
    """A place that keeps whoever asks it waiting, or goes on beyond all measure; ``reason`` names the bound."""


class Door(Protocol):
    """A place. ``name`` is for people, without a secret."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def read(self, path: str, cap_bytes: int) -> bytes:
        """Read a small file whole. Raises AbsentError, NoAnswerError; the latter for more than ``cap_bytes``."""
        ...

    def fetch(self, path: str, into: Path, cap_bytes: int, heard: Heard) -> None:
        """Copy a large file to a path where none is. Raises AbsentError, NoAnswerError."""
        ...

    def below(self, path: str) -> Door:
        """Give a directory of it as a door."""
        ...
