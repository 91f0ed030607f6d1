"""Directories as doors: a bundle, a GOPROXY of ``file://``, the download cache of go."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from remotego.adapters.doors import AbsentError, Heard, NoAnswerError

_PIECE_BYTES = 1 << 20
_PARTIAL = re.compile(r"(?P<folder>tile/.+\.p)/(?P<width>[0-9]{1,3})")
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class FileTree:
    """The files below ``root``. A tile that is there in a wider form only is read as its beginning, which it is."""

    root: Path
    name: str

    def read(self, path: str, cap_bytes: int) -> bytes:
        """Read a small file whole."""
        try:
            with self._opened(path) as file:
                data = file.read(cap_bytes + 1)
        except AbsentError:
            data = self._beginning(path)
        if len(data) > cap_bytes:
            raise NoAnswerError(self.name, f"{path} is larger than {cap_bytes} bytes")
        return data

    def fetch(self, path: str, into: Path, cap_bytes: int, heard: Heard) -> None:
        """Copy a large file."""
        with self._opened(path) as file, into.open("xb") as copy:
            total = os.fstat(file.fileno()).st_size
            if total > cap_bytes:
                raise NoAnswerError(self.name, f"{path} is larger than {cap_bytes >> 20} MiB")
            while piece := file.read(min(_PIECE_BYTES, total - copy.tell())):
                copy.write(piece)
                heard(copy.tell(), total)

    def below(self, path: str) -> FileTree:
        """Give a directory of it as a door."""
        return FileTree(self.root / path, self.name)

    def has(self, path: str) -> bool:
        """Tell whether a file is there. Raises NoAnswerError where it cannot be read."""
        try:
            with self._opened(path):
                return True
        except AbsentError:
            return False

    def names(self, path: str) -> tuple[str, ...]:
        """Name what is in a directory; nothing where that is not there. Raises OSError."""
        folder = self.root / path
        return tuple(one.name for one in folder.iterdir()) if folder.is_dir() else ()

    def _beginning(self, path: str) -> bytes:
        partial = _PARTIAL.fullmatch(path)
        if partial is None:
            raise AbsentError(self.name, path)
        width = int(partial["width"])
        try:
            names = [file.name for file in (self.root / partial["folder"]).iterdir()]
        except OSError as error:
            raise AbsentError(self.name, path) from error
        wider = min((int(one) for one in names if re.fullmatch("[0-9]{1,3}", one) and int(one) > width), default=0)
        if not wider:
            raise AbsentError(self.name, path)
        with self._opened(f"{partial['folder']}/{wider}") as file:
            return file.read(width * _HASH_BYTES)

    @contextmanager
    def _opened(self, path: str) -> Iterator[BinaryIO]:
        """Open a plain file; what else may lie there, such as a pipe, is not waited for."""
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            descriptor = os.open(self.root / path, flags)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise AbsentError(self.name, path) from error
        except OSError as error:
            raise NoAnswerError(self.name, f"{path}: {error.strerror or error}") from error
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise AbsentError(self.name, path)
            yield file


def tree_of_url(url: str) -> FileTree:
    """Give the directory that a ``file://`` URL names. Raises NoAnswerError for one with a host in it."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise NoAnswerError(url, "a file:// URL has three slashes and a whole path")
    return FileTree(Path(unquote(parts.path)), url)
