"""Bundles: a file tree as GOPROXY has it, in a directory or packed as tar, tar.gz, tar.zst or zip.

Out of an archive only what is wanted is taken, by a name that is checked, as plain files into an empty directory.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from remotego.adapters.filetree import FileTree
from remotego.core.errors import UsageError

_CACHE = "cache/download"
"""Where the tree lies below GOMODCACHE."""

_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}
_ZSTD_WINDOW_BYTES = 128 << 20
_MOST_STREAM_BYTES = 64 << 30
_MOST_ENTRIES = 2_000_000
_MOST_KEPT = 200_000
_MOST_KEPT_BYTES = 2 << 30
_PIECE_BYTES = 1 << 20
_SAFE = re.compile(r"(?:[A-Za-z0-9@+!~_-][A-Za-z0-9@+!~._:-]*/)*[A-Za-z0-9@+!~_-][A-Za-z0-9@+!~._:-]*")
BROKEN = (OSError, EOFError, ValueError, zlib.error, tarfile.TarError, zipfile.BadZipFile, RuntimeError)


@dataclass(eq=False)
class BundleError(UsageError):
    """What was named as a bundle is none, or is damaged."""

    bundle: str
    reason: str
    what = "{bundle} cannot be used as a bundle: {reason}"
    remedy = (
        "a bundle is a copy of GOMODCACHE/cache/download with its sumdb folder, "
        "as a directory or packed as .tar.gz, .tar.zst, .tar or .zip (docs/environment.md says how to make one)"
    )


def open_bundle(bundle: Path, wanted: str, room: Path) -> FileTree:
    """Give a bundle as a door. ``wanted`` is the path of the module's zip in it; beside it the sumdb folder is taken.

    Raises BundleError.
    """
    if bundle.is_dir():
        below = bundle / _CACHE
        return FileTree(below if below.is_dir() else bundle, str(bundle))
    try:
        with bundle.open("rb") as file:
            _unpack(file, wanted, room)
    except BROKEN as error:
        raise BundleError(str(bundle), getattr(error, "strerror", None) or str(error)) from error
    return FileTree(_root(room, wanted), str(bundle))


def held(bundle: Path, folder: str) -> tuple[str, ...]:
    """Name the files in a folder of the tree in a bundle; nothing is unpacked. Raises BundleError."""
    try:
        if bundle.is_dir():
            below = bundle / _CACHE
            return FileTree(below if below.is_dir() else bundle, str(bundle)).names(folder)
        with bundle.open("rb") as file, _entries(file, kind_of(file)) as entries:
            paths = [f"/{name}".rpartition("/") for name, _, _ in entries]
    except BROKEN as error:
        raise BundleError(str(bundle), getattr(error, "strerror", None) or str(error)) from error
    return tuple(name for above, _, name in paths if above.endswith(f"/{folder}"))


def _root(room: Path, wanted: str) -> Path:
    """Find the directory that the wanted path is below of; the room itself where it is not there."""
    found = sorted(room.glob(f"**/{wanted}"), key=lambda path: len(path.parts))
    return found[0].parents[wanted.count("/")] if found else room


def _unpack(file: BinaryIO, wanted: str, room: Path) -> None:
    with _entries(file, kind_of(file)) as entries:
        kept = kept_bytes = 0
        for count, (name, size_bytes, content) in enumerate(entries):
            if count > _MOST_ENTRIES:
                raise ValueError(f"it has more than {_MOST_ENTRIES} entries")
            path = name.removeprefix("./")
            if not _is_wanted(path, wanted):
                continue
            kept, kept_bytes = kept + 1, kept_bytes + size_bytes
            if kept > _MOST_KEPT or kept_bytes > _MOST_KEPT_BYTES:
                raise ValueError(
                    f"it has more than {_MOST_KEPT} files or {_MOST_KEPT_BYTES >> 30} GiB of what is wanted"
                )
            _write(content, size_bytes, room / path)


def kind_of(file: BinaryIO) -> str:
    """Tell how a file is packed, by its first bytes: gzip, zstd, zip, or tar for all else."""
    start = file.read(4)
    file.seek(0)
    return next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "tar")


def _is_wanted(path: str, wanted: str) -> bool:
    parts = path.split("/")
    return bool(_SAFE.fullmatch(path)) and ".." not in parts and (f"/{path}".endswith(f"/{wanted}") or "sumdb" in parts)


def _write(content: IO[bytes], size_bytes: int, path: Path) -> None:
    """Write a file once; a second one of its name is an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as copy:
        while piece := content.read(min(_PIECE_BYTES, size_bytes - copy.tell())):
            copy.write(piece)
        if copy.tell() != size_bytes:
            raise ValueError(f"{path.name} is cut short")


@contextmanager
def _entries(file: BinaryIO, kind: str) -> Iterator[Iterator[tuple[str, int, IO[bytes]]]]:
    """Give name, size and content of each plain file."""
    if kind == "zip":
        with zipfile.ZipFile(file) as archive:
            yield _zipped(archive)
        return
    with decompressed(file, kind) as plain, tarfile.open(fileobj=_Limited(plain), mode="r|") as tar:
        yield _tarred(tar)


def _zipped(archive: zipfile.ZipFile) -> Iterator[tuple[str, int, IO[bytes]]]:
    for info in archive.infolist():
        if not info.is_dir():
            with archive.open(info) as content:
                yield info.orig_filename, info.file_size, content


def _tarred(tar: tarfile.TarFile) -> Iterator[tuple[str, int, IO[bytes]]]:
    for info in tar:
        content = tar.extractfile(info) if info.isreg() and not info.issparse() else None
        if content is not None:
            yield info.name, info.size, content
        # A stream is not read twice, and a bundle may have a million files; typeshed does not list what next() fills.
        tar.members = []  # type: ignore[attr-defined]


@contextmanager
def decompressed(file: BinaryIO, kind: str) -> Iterator[IO[bytes]]:
    """Give what is in a gzip or a zstd, or the file itself. Reading it raises ValueError and what is in BROKEN."""
    if kind == "gzip":
        with gzip.GzipFile(fileobj=file) as plain:
            yield io.BufferedReader(plain)
    elif kind == "zstd":
        import zstandard

        try:
            with zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES).stream_reader(
                file, read_across_frames=True
            ) as packed:
                yield packed
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
    else:
        yield file


class _Limited(io.RawIOBase):
    """A stream that ends with an error where a bomb would go on."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._count = file, 0

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        piece = self._file.read(size)
        self._count += len(piece)
        if self._count > _MOST_STREAM_BYTES:
            raise ValueError(f"it unpacks to more than {_MOST_STREAM_BYTES >> 30} GiB")
        return piece
