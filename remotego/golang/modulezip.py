"""The hash of a module's zip, read without trust: its names, how many files, how large they become."""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from typing import IO

from remotego.golang.dirhash import h1
from remotego.golang.zipend import MOST_DIRECTORY_BYTES, read_end

MOST_FILES = 200_000
MOST_BYTES = 500 << 20
"""Unpacked; cmd/go's own limit for a module (modfetch, MaxZipFile)."""

_PIECE_BYTES = 1 << 20
# What zipfile and what it rests on raise on hostile bytes; RuntimeError is its word for encryption.
_BROKEN = (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, struct.error, OSError, RuntimeError)


def zip_h1(file: IO[bytes], module: str, version: str) -> str:
    """Hash the zip of a module as go does: every file's name and SHA-256; no name leads out of ``module@version/``.

    Raises ValueError for what is no such zip.
    """
    end = read_end(file)
    if end.count > MOST_FILES or end.directory_bytes > MOST_DIRECTORY_BYTES:
        raise ValueError(f"it claims {end.count} files in a directory of {end.directory_bytes} bytes")
    try:
        with zipfile.ZipFile(file) as archive:
            return h1(_digests(archive, f"{module}@{version}/"))
    except _BROKEN as error:
        raise ValueError(f"it is no zip, or damaged: {error}") from error


def mod_h1(data: bytes) -> str:
    """Hash a go.mod as go.sum has it."""
    return h1([("go.mod", hashlib.sha256(data).hexdigest())])


def _digests(archive: zipfile.ZipFile, prefix: str) -> list[tuple[str, str]]:
    entries = archive.infolist()
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise ValueError(f"it claims more than {MOST_FILES} files or {MOST_BYTES >> 20} MiB")
    names = [entry.orig_filename for entry in entries]
    for name in names:
        if not name.startswith(prefix) or ".." in name.split("/") or "\\" in name:
            raise ValueError(f"it has a file called {name[:120]!r}")
    if len(set(names)) != len(names):
        raise ValueError("it has two files of one name")
    return [(entry.orig_filename, _digest(archive, entry)) for entry in entries]


def _digest(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    hashed, count = hashlib.sha256(), 0
    with archive.open(entry) as file:
        while piece := file.read(_PIECE_BYTES):
            count += len(piece)
            if count > entry.file_size:
                raise ValueError(f"{entry.orig_filename[:120]!r} is larger than it claims")
            hashed.update(piece)
    return hashed.hexdigest()
