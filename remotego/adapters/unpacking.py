"""Unpacking an artifact of ours on this machine: a directory of its own, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from remotego.core.artifact import Artifact
from remotego.core.errors import BuildError, RefusedError

_CHUNK_BYTES = 1 << 20


@dataclass(eq=False)
class ChangedArtifactError(BuildError):
    """A file in the cache that is not what it was when it was made."""

    path: str
    what = "{path} is not what it was when it was made; nothing was unpacked"
    remedy = "remove that file, and run the same again: it is made anew"


@dataclass(eq=False)
class NoPlaceError(RefusedError):
    """The system does not let us unpack there."""

    place: str
    reason: str
    what = "{place} cannot be written: {reason}"
    remedy = "check the permissions and the free space of its directory"


def unpack(artifact: Artifact, top: str, place: Path) -> None:
    """Have the directory ``top`` of a gzip'd tar at ``place``, read-only; what is there already stays.

    Raises ChangedArtifactError, NoPlaceError.
    """
    if _sha256(artifact.path) != artifact.sha256:
        raise ChangedArtifactError(str(artifact.path))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=place.parent))
        try:
            with tarfile.open(artifact.path, "r:gz") as tar:
                tar.extractall(room, filter="data")
            if not place.exists():
                (room / top).replace(place)
                _close(place)
        finally:
            shutil.rmtree(room, ignore_errors=True)
    except (OSError, tarfile.TarError) as error:
        raise NoPlaceError(str(place), str(error)) from error


def _close(place: Path) -> None:
    """Take the right to write from all that has been unpacked: nothing shall change it any more."""
    for folder, _, names in os.walk(place):
        for path in (*(Path(folder, name) for name in names), Path(folder)):
            path.chmod(path.stat().st_mode & ~0o222)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
