"""Variables that this user's running processes were started with, where /proc tells them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Started:
    """A process, the words it was started with, and the value of a variable then."""

    pid: int
    words: tuple[str, ...]
    value: str


def is_known() -> bool:
    """Whether this system tells at all."""
    return (_PROC / "self" / "environ").exists()


def holders(name: str) -> Iterator[Started]:
    """Give the processes of this user, but ourselves, that were started with a variable that is not empty."""
    key = f"{name}=".encode()
    for folder in sorted(_PROC.glob("[0-9]*"), key=lambda one: int(one.name)):
        with suppress(OSError):
            if folder.stat().st_uid != os.getuid() or int(folder.name) == os.getpid():
                continue
            given = _read(folder / "environ").split(b"\0")
            value = next((one[len(key) :] for one in given if one.startswith(key)), b"")
            if value:
                words = _read(folder / "cmdline").rstrip(b"\0").split(b"\0")
                yield Started(int(folder.name), tuple(map(_text, words)), _text(value))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
