"""Keepsakes: how a file of a workspace was before we changed it, kept outside of the workspace, for its owner alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from remotego.adapters.files import Original, UnwritableFileError, read_file, remove_file, replace_file

KIND = "settings"
"""What a keepsake is kept for; each kind has its own of the same file."""


def keepsake_of(file: Path, kind: str = KIND) -> Path:
    """Where the keepsake of a file is."""
    import platformdirs

    digest = hashlib.sha256(str(file.absolute()).encode()).hexdigest()[:16]
    return platformdirs.user_state_path("remotego") / kind / f"{digest}.json"


def recall(file: Path, kind: str = KIND) -> dict[str, Any] | None:
    """Read a keepsake; None where there is none that can be read."""
    text = _read(keepsake_of(file, kind)).text
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def keep(file: Path, data: dict[str, Any], kind: str = KIND) -> None:
    """Write a keepsake. Raises UnwritableFileError."""
    replace_file(_read(keepsake_of(file, kind)), json.dumps(data), private=True)


def forget(file: Path, kind: str = KIND) -> None:
    """Have the keepsake away, if there is one."""
    original = _read(keepsake_of(file, kind))
    if original.text is not None:
        remove_file(original)


@contextmanager
def alone(file: Path, kind: str = KIND) -> Iterator[bool]:
    """Be the only one that changes a file for as long as the block lasts; False is given while another process is.

    The system lets go of it when its process dies, however that comes. Raises UnwritableFileError.
    """
    from filelock import FileLock, Timeout

    place = keepsake_of(file, kind).with_suffix(".lock")
    lock = FileLock(place, timeout=0)
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        yield False
        return
    except OSError as error:
        raise UnwritableFileError(str(place), error.strerror or str(error)) from error
    try:
        yield True
    finally:
        lock.release()


def _read(path: Path) -> Original:
    return read_file(path, within=Path(path.absolute().anchor))
