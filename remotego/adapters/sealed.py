"""Archives that can be written in one way only: plain files, in a given order, without times and owners.

So they are read without trust: what comes must be, byte by byte, what we would have written for the names and sizes
that are expected. There is no entry that could lead elsewhere, be a link, or grow; and the same for a directory.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from remotego.adapters.bundles import BROKEN, decompressed, kind_of
from remotego.adapters.zstdframe import check_lone_frame

Content = bytes | Path
Heard = Callable[[int], None]
"""Hears how many bytes have been written or read."""

_PIECE_BYTES = 1 << 20
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""What may lie there, such as a pipe, is not waited for."""

_END = bytes(2 * tarfile.BLOCKSIZE)
_ZSTD_LEVEL = 3
"""Most of it are zips already: of 300 MB of modules, level 3 takes 1 s and 19 less than a hundredth off."""
_GZIP_LEVEL = 1


class DamageError(Exception):
    """A place in an archive that is not as it was written: which, and how so."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class Parts(Protocol):
    """The files of an archive, in order. All raise DamageError."""

    def first(self, name: str, cap_bytes: int) -> bytes:
        """Read the first file whole, which must be called so."""
        ...

    def next(self, name: str, size_bytes: int) -> Iterator[bytes]:
        """Read on with a file of this name and size."""
        ...

    def end(self) -> None:
        """See that nothing more comes."""
        ...


def header(name: str, size_bytes: int) -> bytes:
    """Give what stands before a file's bytes."""
    return _plain(name, size_bytes).tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def measured(content: Content) -> tuple[str, int]:
    """Give the SHA-256, in hex, and the size in bytes of what a bundle shall have. Raises OSError."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), content.stat().st_size


def write_sealed(out: Path, files: Sequence[tuple[str, Content]], heard: Heard) -> None:
    """Write a ``.tar.zst``. The same files give the same bytes with the same zstandard. Raises OSError."""
    import zstandard

    packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True, write_content_size=False)
    with out.open("xb") as raw, packer.stream_writer(raw, closefd=False) as packed:
        _write(packed, files, heard)


def _write(packed: Any, files: Sequence[tuple[str, Content]], heard: Heard) -> None:
    done = 0
    for name, content in files:
        size_bytes = len(content) if isinstance(content, bytes) else content.stat().st_size
        packed.write(header(name, size_bytes))
        written = 0
        for piece in _pieces(content):
            packed.write(piece)
            written, done = written + len(piece), done + len(piece)
            heard(done)
        if written != size_bytes:
            raise OSError(f"{name} changed while it was read")
        packed.write(_padding(size_bytes))
    packed.write(_END)


def _pieces(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _padding(size_bytes: int) -> bytes:
    return bytes(-size_bytes % tarfile.BLOCKSIZE)


@contextmanager
def opened_parts(place: Path) -> Iterator[Parts]:
    """Open an archive, packed by zstd, gzip or not at all, or a directory. Raises OSError, DamageError."""
    if place.is_dir():
        yield Folder(place)
        return
    with os.fdopen(os.open(place, _FLAGS), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(place))
        with _stream(file) as plain:
            yield Archive(plain)


def _stream(file: BinaryIO) -> AbstractContextManager[IO[bytes]]:
    kind = kind_of(file)
    if kind == "zstd":
        try:
            check_lone_frame(file)
        except ValueError as error:
            raise DamageError("the archive", str(error)) from error
    return decompressed(file, kind)


@dataclass(slots=True)
class Archive:
    """A tar that is read once from the beginning to the end."""

    stream: IO[bytes]
    _at: str = "the archive"

    def first(self, name: str, cap_bytes: int) -> bytes:
        """Read the first file, whose size is told by the archive alone."""
        self._at = name
        block = self._read(tarfile.BLOCKSIZE)
        try:
            size_bytes = tarfile.TarInfo.frombuf(block, "utf-8", "strict").size
        except (tarfile.HeaderError, ValueError) as error:
            raise DamageError(name, f"it does not begin the archive: {error}") from error
        if block != header(name, size_bytes) or size_bytes > cap_bytes:
            raise DamageError(name, "it does not begin the archive as it should")
        data = self._read(size_bytes)
        self._pad(size_bytes)
        return data

    def next(self, name: str, size_bytes: int) -> Iterator[bytes]:
        """Read on; what stands before and behind the bytes must be ours too."""
        self._at = name
        wanted = header(name, size_bytes)
        if self._read(len(wanted)) != wanted:
            raise DamageError(name, "it should come next in the archive, and something else does")
        left = size_bytes
        while left:
            piece = self._read(min(left, _PIECE_BYTES))
            left -= len(piece)
            yield piece
        self._pad(size_bytes)

    def end(self) -> None:
        """See that the archive ends as ours do."""
        self._at = "the end of the archive"
        if self._read(len(_END)) != _END or self._some(1):
            raise DamageError(self._at, "there is something that is not in the manifest")

    def _pad(self, size_bytes: int) -> None:
        padding = _padding(size_bytes)
        if self._read(len(padding)) != padding:
            raise DamageError(self._at, "it is followed by something that is no part of it")

    def _read(self, size_bytes: int) -> bytes:
        data = bytearray()
        while len(data) < size_bytes:
            piece = self._some(size_bytes - len(data))
            if not piece:
                raise DamageError(self._at, "the archive is cut short")
            data += piece
        return bytes(data)

    def _some(self, most_bytes: int) -> bytes:
        import zstandard

        try:
            return self.stream.read(most_bytes)
        except (*BROKEN, zstandard.ZstdError) as error:
            raise DamageError(self._at, f"the archive cannot be unpacked: {error}") from error


@dataclass(slots=True)
class Folder:
    """A directory that a bundle was unpacked to; nothing else is in it but ``spared``."""

    root: Path
    spared: frozenset[str] = frozenset()
    _seen: set[str] = field(default_factory=set)

    def first(self, name: str, cap_bytes: int) -> bytes:
        """Read a file whole."""
        with self._opened(name) as file:
            data = file.read(cap_bytes + 1)
        if len(data) > cap_bytes:
            raise DamageError(name, "it is too large")
        return data

    def next(self, name: str, size_bytes: int) -> Iterator[bytes]:
        """Read a file, no more of it than it should have."""
        with self._opened(name) as file:
            left = size_bytes
            while left and (piece := file.read(min(left, _PIECE_BYTES))):
                left -= len(piece)
                yield piece
            if left or file.read(1):
                raise DamageError(name, f"it has not {size_bytes} bytes")

    def end(self) -> None:
        """See that there is nothing else."""
        for above, _, names in os.walk(self.root):
            for path in (Path(above, name).relative_to(self.root).as_posix() for name in names):
                if path not in self._seen | self.spared:
                    raise DamageError(path, "it is not in the manifest")

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        self._seen.add(name)
        place = self.root
        with suppress(OSError):
            for part in name.split("/"):
                place = place / part
                if place.is_symlink():
                    raise DamageError(name, "it is a link, or lies behind one")
        try:
            with os.fdopen(os.open(place, _FLAGS), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise DamageError(name, "it is no plain file")
                yield file
        except OSError as error:
            raise DamageError(name, error.strerror or str(error)) from error


def write_gzipped(out: Path, files: Iterable[tuple[str, int, Iterable[bytes]]]) -> None:
    """Write a ``.tar.gz`` of files by name, size and bytes, with their directories, for machines that have no zstd.

    The same files give the same bytes. Raises OSError, and what giving the bytes raises.
    """
    known: set[str] = set()
    with out.open("xb") as raw, gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0) as packed:
        for name, size_bytes, pieces in files:
            for above in (one for one in _above(name) if one not in known):
                known.add(above)
                packed.write(_directory(above).tobuf(tarfile.GNU_FORMAT))
            packed.write(header(name, size_bytes))
            for piece in pieces:
                packed.write(piece)
            packed.write(_padding(size_bytes))
        packed.write(_END)


def _above(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _directory(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode = tarfile.DIRTYPE, 0o755
    return info


def _plain(name: str, size_bytes: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size_bytes, 0o644
    return info
