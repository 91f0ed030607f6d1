"""The module cache as it lies on disk, and trees of files compared (go.dev/ref/mod#module-cache)."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path


def noted_hash(cache: Path, path: str, version: str) -> str:
    """The hash that go noted when it downloaded a module; "" where the cache has none."""
    return _read(_place(cache, path, version, "ziphash")).decode("ascii", "replace").strip()


def gomod_digest(cache: Path, path: str, version: str) -> str:
    """SHA-256, in hex, of a module's go.mod in the cache; "" where there is none."""
    data = _read(_place(cache, path, version, "mod"))
    return hashlib.sha256(data).hexdigest() if data else ""


def zip_digests(cache: Path, path: str, version: str) -> list[tuple[str, str]]:
    """Name and SHA-256 of each file in a module's zip in the cache; [] where there is none that can be read."""
    try:
        with zipfile.ZipFile(_place(cache, path, version, "zip")) as packed:
            return [(name, hashlib.sha256(packed.read(name)).hexdigest()) for name in packed.namelist()]
    except (OSError, zipfile.BadZipFile, EOFError, ValueError):
        return []


def differences(made: Path, theirs: Path) -> Iterator[tuple[str, str]]:
    """Compare a tree with how it should be: pairs of a file and what is so of it, in order.

    A link counts by where it leads: go writes none.
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
    return hashlib.sha256(_read(file)).hexdigest() if file.is_file() else "no plain file"


def _place(cache: Path, path: str, version: str, kind: str) -> Path:
    """Upper case is marked, as not every file system tells it apart (x/mod/module, EscapePath)."""
    escaped, version = ("".join(f"!{c.lower()}" if c.isupper() else c for c in text) for text in (path, version))
    return cache / "cache" / "download" / escaped / "@v" / f"{version}.{kind}"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
