"""Reading an SDK out of an official archive (tar.gz), and writing one as the artifact that hosts get."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import IO, Any, BinaryIO

from remotego.golang.sdk import MANIFEST, TOP, UnsafeSdkError
from remotego.golang.sdktree import MOST_BYTES, MOST_FILES, Member, Tree, plan_tree
from remotego.golang.toolchainzip import archive_names

_MOST_TAR_BYTES = MOST_BYTES + MOST_FILES * 2 * tarfile.BLOCKSIZE
_PIECE_BYTES = 1 << 20
_GZIP_LEVEL = 4
"""Of Go 1.26.6, level 1 takes 70.4 MB and 3.6 s, 4 takes 64.2 and 4.8, 6 takes 61.7 and 10.0."""
_MANIFEST_CAP_BYTES = 16 << 20


def inflate(packed: BinaryIO, plain: BinaryIO, place: str) -> None:
    """Decompress an archive into a file, so that it can be read in any order. Raises UnsafeSdkError."""
    count = 0
    try:
        with gzip.GzipFile(fileobj=packed) as source:
            while piece := source.read(_PIECE_BYTES):
                count += len(piece)
                if count > _MOST_TAR_BYTES:
                    raise UnsafeSdkError(place, f"it unpacks to more than {_MOST_TAR_BYTES >> 20} MiB")
                plain.write(piece)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnsafeSdkError(place, f"it is damaged or no gzip: {error}") from error
    plain.flush()


def read_archive_tar(plain: BinaryIO, place: str) -> Tree:
    """Read an official archive, decompressed; what the module has not is left out. Raises UnsafeSdkError."""
    plain.seek(0)
    try:
        archive = tarfile.open(fileobj=plain, mode="r:", errorlevel=2)  # noqa: SIM115 - its members are read later
        return plan_tree(place, _members(archive, place))
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise UnsafeSdkError(place, f"it is damaged or no tar: {error}") from error


def _members(archive: tarfile.TarFile, place: str) -> Iterator[Member]:
    name_of = archive_names(place)
    for count, info in enumerate(archive):
        if count > 2 * MOST_FILES:
            raise UnsafeSdkError(place, f"it has more than {2 * MOST_FILES} entries")
        if info.isdir():
            name_of(f"{info.name.rstrip('/')}/")
            continue
        if not info.isreg() or info.issparse():
            raise UnsafeSdkError(place, f"{info.name[:80]!r} is no plain file")
        if (name := name_of(info.name)) is not None:
            yield Member(name, info.size, _opener(archive, info))


def _opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    def opened() -> IO[bytes]:
        file = archive.extractfile(info)
        if file is None:
            raise tarfile.ReadError(f"{info.name} has no content")
        return file

    return opened


def write_artifact(tree: Tree, digests: Mapping[str, str], manifest: Mapping[str, Any], out: BinaryIO) -> None:
    """Write the tar.gz: first the manifest, with ``digests`` as its ``files``, then the tree below ``go/``.

    The same tree and manifest give the same bytes: sorted, without times, owned by 0; the gzip around them is
    zlib's. Raises UnsafeSdkError where a file is no longer what was hashed.
    """
    text = json.dumps({**manifest, "files": dict(sorted(digests.items()))}, indent=1, sort_keys=True) + "\n"
    with (
        gzip.GzipFile("", "wb", _GZIP_LEVEL, out, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8") as tar,
    ):
        _add(tar, MANIFEST, len(text.encode()), 0o644, io.BytesIO(text.encode()))
        known: set[str] = set()
        for member in tree.members:
            name = f"{TOP}/{member.name}"
            _add_folders(tar, name, known)
            with member.open() as file:
                checked = _Checked(file)
                _add(tar, name, member.size_bytes, 0o755 if member.is_executable else 0o644, checked)
            if checked.hexdigest() != digests[member.name]:
                raise UnsafeSdkError(tree.place, f"{member.name} changed while it was read")


def read_manifest(artifact: BinaryIO) -> dict[str, Any]:
    """Read the manifest of an artifact, its first file. Raises ValueError for what is none of ours."""
    try:
        with gzip.GzipFile(fileobj=artifact) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            info = tar.next()
            file = tar.extractfile(info) if info and info.name == MANIFEST else None
            data = json.loads(file.read(_MANIFEST_CAP_BYTES)) if file else None
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ValueError(f"no artifact: {error}") from error
    if not isinstance(data, dict):
        raise ValueError("no manifest in it")
    return data


class _Checked(io.RawIOBase):
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        import hashlib

        self._file, self._hash = file, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._hash.update(piece)
        return piece

    def hexdigest(self) -> str:
        """The SHA-256 of what was read."""
        return self._hash.hexdigest()


def _add_folders(tar: tarfile.TarFile, name: str, known: set[str]) -> None:
    parts = name.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        folder = "/".join(parts[:count])
        if folder not in known:
            known.add(folder)
            info = tarfile.TarInfo(folder)
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(info)


def _add(tar: tarfile.TarFile, name: str, size_bytes: int, mode: int, file: Any) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size_bytes, mode
    tar.addfile(info, file)
