"""Files of the user's workspace: read whole, replaced whole, never followed out of it.

A file is written beside its place and moved there, so nobody ever sees half of it; and it is only
written if it still is what was read.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.core.errors import RefusedError, UsageError

CAP_BYTES = 16 << 20


@dataclass(eq=False)
class UnfitFileError(UsageError):
    """A path that is no place for us to read or write."""

    path: str
    reason: str
    what = "{path} was left alone: {reason}"
    remedy = "make it a plain UTF-8 file inside the workspace, and run the command again"


@dataclass(eq=False)
class ChangedFileError(RefusedError):
    """Someone else wrote the file between our reading and our writing."""

    path: str
    what = "{path} was changed by another program while this command ran; it was left as that program wrote it"
    remedy = "save it in the editor, and run the command again"


@dataclass(eq=False)
class UnwritableFileError(RefusedError):
    """The system does not let us write."""

    path: str
    reason: str
    what = "{path} cannot be written: {reason}"
    remedy = "check the permissions and the free space of its directory; the file is as it was"


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was read. ``text`` is None if there was none; ``place`` is where its links lead."""

    path: Path
    place: Path
    text: str | None


def read_file(path: Path, *, within: Path) -> Original:
    """Read a file of the workspace ``within``; line ends and a byte order mark stay as they are.

    Raises UnfitFileError for a path that leads out of the workspace, for anything but a regular
    file, for more than CAP_BYTES, and for text that is not UTF-8.
    """
    place, home = _resolved(path), _resolved(within)
    if not place.is_relative_to(home):
        raise UnfitFileError(path=str(path), reason=f"a link leads out of the workspace, to {place}")
    return Original(path, place, _text(path, place))


def replace_file(original: Original, text: str) -> None:
    """Put ``text`` in the place of what was read, keeping permissions; makes the directory if it is missing.

    Raises ChangedFileError if the file is no longer what was read, UnwritableFileError if the system refuses.
    """
    folder = original.place.parent
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(original, text.encode())
    except OSError as error:
        if made:
            with suppress(OSError):
                folder.rmdir()
        reason = error.strerror or str(error)
        raise UnwritableFileError(path=str(original.path), reason=reason) from error


def schema(name: str) -> dict[str, Any]:
    """Read one of our JSON Schemas: from the installed package, or from a checkout's schemas/ folder."""
    package = Path(__file__).parent.parent
    for folder in (package / "schemas", package.parent / "schemas"):
        if (path := folder / f"{name}.schema.json").is_file():
            data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return data
    raise UnfitFileError(path=f"{name}.schema.json", reason="it is missing from this installation")


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise UnfitFileError(path=str(path), reason="its links lead in a circle") from error


def _text(path: Path, place: Path) -> str | None:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(place, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = "its links lead in a circle" if error.errno == errno.ELOOP else error.strerror or str(error)
        raise UnfitFileError(path=str(path), reason=reason) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnfitFileError(path=str(path), reason="it is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(CAP_BYTES + 1)
    if len(data) > CAP_BYTES:
        raise UnfitFileError(path=str(path), reason=f"it is larger than {CAP_BYTES >> 20} MiB")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UnfitFileError(path=str(path), reason=f"it is not UTF-8 (byte {error.start})") from error


def _replace(original: Original, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".remotego-", dir=original.place.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if _text(original.path, original.place) != original.text:
            raise ChangedFileError(path=str(original.path))
        _take_over(original, temporary)
        temporary.replace(original.place)
    finally:
        temporary.unlink(missing_ok=True)


def _take_over(original: Original, temporary: Path) -> None:
    """Give the new file the permissions of the old one, or those any new file of this user gets."""
    if original.text is None:
        mask = os.umask(0o077)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        return
    status = original.place.stat()
    if hasattr(os, "chown") and os.geteuid() == 0:
        os.chown(temporary, status.st_uid, status.st_gid)
    temporary.chmod(stat.S_IMODE(status.st_mode))
