"""A ledger: lines that are kept on this machine, for its user alone, and do not grow without end."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MOST_BYTES = 4 << 20
LINE_BYTES = 4096
LOCK_S = 10.0


def place(name: str) -> Path:
    """Where a ledger is, by the rules of the platform."""
    import platformdirs

    return platformdirs.user_state_path("remotego") / f"{name}.jsonl"


def note(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line. A ledger of MOST_BYTES becomes the old one, and the one before that goes.

    One command at a time, so that none moves away what another has just begun. Raises OSError, also for a ledger that
    is somebody else's.
    """
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix" and path.parent.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{path.parent} can be written by others")
    with FileLock(path.with_suffix(".lock"), timeout=LOCK_S, mode=0o600):
        if path.exists() and path.stat().st_size > MOST_BYTES:
            path.replace(path.with_suffix(".old"))
        with os.fdopen(_own(path), "w", encoding="utf-8") as file:
            file.write(_bounded(line) + "\n")


def _own(path: Path) -> int:
    """Open a ledger for adding to it, and have it be for its user alone. Raises PermissionError."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or (hasattr(os, "getuid") and about.st_uid != os.getuid()):
            raise PermissionError(f"{path} is no file of yours")
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o600)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _bounded(line: Mapping[str, Any]) -> str:
    """Write a line; in one that would be longer than LINE_BYTES only the beginning of each text stays."""
    text = json.dumps(line)
    if len(text) <= LINE_BYTES:
        return text
    most = LINE_BYTES // (8 * max(1, len(line)))  # an escaped character takes up to six
    return json.dumps({name: value if isinstance(value, int) else str(value)[:most] for name, value in line.items()})
