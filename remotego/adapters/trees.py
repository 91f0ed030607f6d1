"""Trees of files on disk, compared by content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path


def differences(made: Path, theirs: Path) -> Iterator[tuple[str, str]]:
    """Compare a tree with how it should be: pairs of a file and what is so of it, in order.

    A link counts by where it leads: go writes none. A file that cannot be read counts as changed.
    """
    wanted, have = (_digests(folder) for folder in (made, theirs))
    for name in sorted(wanted.keys() | have.keys()):
        if name not in have:
            yield name, "missing"
        elif name not in wanted:
            yield name, "added"
        elif wanted[name] != have[name]:
            yield name, "changed"


def files_below(folder: Path) -> Iterator[Path]:
    """Give all that is in a tree and is no directory; nothing where there is no tree."""
    yield from (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def _digests(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): _digest(file) for file in files_below(folder)}


def _digest(file: Path) -> str:
    if file.is_symlink():
        return f"a link to {file.readlink()}"
    if not file.is_file():
        return "no plain file"
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable: {error.strerror}"
