"""The artifacts on this machine: each kept once by its content, found again by what it was made from.

Layout under the root::

    index/KEY.json      what a recipe gave: the hash and the sizes
    blobs/SHA256        the bytes, executable
    blobs/SHA256.gz     the same, compressed, for the wire, unless it is compressed itself
    work/KEY-*/         a build under way, or the rest of one that was killed
    locks/KEY.lock      held while building

An entry appears in the index last, so whatever is killed on the way leaves nothing half.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.core.artifact import Artifact
from remotego.core.errors import BuildError

LOCK_TIMEOUT_S = 1800.0
"""How long to wait for another process that builds the same thing."""

_GZIP_LEVEL = 6
"""Of a dlv, level 1 takes 6.94 MB and 0.2 s, 6 takes 6.29 and 0.6, 9 takes 6.25 and 2.1."""

_PIECE_BYTES = 1 << 20


@dataclass(eq=False)
class BuildBusyError(BuildError):
    """Another process has been building the same artifact for too long."""

    lock: Path
    waited_s: float
    what = "another remotego has held {lock} for {waited_s:.0f} s"
    remedy = "see whether it still runs; ending it frees the lock"


@dataclass(eq=False)
class CacheWriteError(BuildError):
    """The cache cannot be written."""

    path: str
    reason: str
    what = "cannot write {path}: {reason}"
    remedy = "make room or make it writable, or choose another place with XDG_CACHE_HOME"


@dataclass(frozen=True, slots=True)
class Cache:
    """The artifacts under ``root``."""

    root: Path

    def find(self, key: str, label: str) -> Artifact | None:
        """Give what the recipe with this key made before, if it is whole; the bytes are not read."""
        entry = _read(self.root / "index" / f"{key}.json")
        if entry is None:
            return None
        blob, packed = self._paths(entry["sha256"])
        has_twin = bool(entry["packed_bytes"])
        if _size(blob) != entry["size_bytes"] or (has_twin and _size(packed) != entry["packed_bytes"]):
            return None
        twin = packed if has_twin else None
        return Artifact(label, entry["sha256"], entry["size_bytes"], blob, twin, entry["packed_bytes"])

    @contextmanager
    def building(self, key: str) -> Iterator[Path]:
        """Hold the key's lock and lend an empty directory to build in; it goes away afterwards.

        Raises BuildBusyError, CacheWriteError.
        """
        from filelock import FileLock, Timeout

        lock = self._lock(key)
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            self._sweep()
            with FileLock(lock, timeout=LOCK_TIMEOUT_S), self._workroom(key) as room:
                yield room
        except Timeout as error:
            raise BuildBusyError(lock, LOCK_TIMEOUT_S) from error
        except OSError as error:
            raise CacheWriteError(str(error.filename or self.root), error.strerror or str(error)) from error

    def note(self, key: str) -> dict[str, Any]:
        """Give what was noted beside the artifact when it was taken in."""
        entry = _read(self.root / "index" / f"{key}.json") or {}
        note = entry.get("note")
        return note if isinstance(note, dict) else {}

    def keep(
        self, key: str, label: str, built: Path, *, compress: bool = True, note: Mapping[str, Any] | None = None
    ) -> Artifact:
        """Take a finished file in: blob, compressed twin unless it is compressed itself, and last the index entry."""
        import hashlib

        with built.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        blob, packed = self._paths(sha256)
        blob.parent.mkdir(parents=True, exist_ok=True)
        twin = built.with_name(f"{built.name}.gz")
        if compress:
            _pack(built, twin)
        built.chmod(0o755)
        _settle(built, blob)
        if compress:
            _settle(twin, packed)
        size_bytes, packed_bytes = blob.stat().st_size, packed.stat().st_size if compress else 0
        entry = {"sha256": sha256, "size_bytes": size_bytes, "packed_bytes": packed_bytes}
        fresh = built.with_name("entry.json")
        fresh.write_text(json.dumps(entry | ({"note": dict(note)} if note else {})))
        index = self.root / "index" / f"{key}.json"
        index.parent.mkdir(exist_ok=True)
        _settle(fresh, index)
        return Artifact(label, sha256, size_bytes, blob, packed if compress else None, packed_bytes)

    def _paths(self, sha256: str) -> tuple[Path, Path]:
        blobs = self.root / "blobs"
        return blobs / sha256, blobs / f"{sha256}.gz"

    def _lock(self, key: str) -> Path:
        return self.root / "locks" / f"{key}.lock"

    def _sweep(self) -> None:
        """Remove what killed builds of anything left.

        The compilers of a killed build live on for a while and write on, so that its rest may
        outlive the next build of the same thing, after which nobody would build that again.
        """
        import shutil

        from filelock import FileLock, Timeout

        for rest in (self.root / "work").glob("*-*"):
            with suppress(Timeout), FileLock(self._lock(rest.name.partition("-")[0]), timeout=0):
                shutil.rmtree(rest, ignore_errors=True)

    @contextmanager
    def _workroom(self, key: str) -> Iterator[Path]:
        import shutil
        import tempfile

        works = self.root / "work"
        works.mkdir(exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f"{key}-", dir=works))
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)


def _pack(source: Path, target: Path) -> None:
    """Compress; the same bytes give the same bytes, so no time and no name go in."""
    import gzip
    import shutil

    with (
        source.open("rb") as plain,
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed, _PIECE_BYTES)


def _settle(source: Path, target: Path) -> None:
    """Move a file to its final name, on the disk before it is visible."""
    with source.open("rb+") as file:
        os.fsync(file.fileno())
    source.replace(target)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        entry = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    known = isinstance(entry, dict) and entry.keys() >= {"sha256", "size_bytes", "packed_bytes"}
    return entry if known else None


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
