"""Files of the user's workspace: read whole, replaced whole, never followed out of it.

A file is written beside its place and moved there, so nobody ever sees half of it; and it is only
written if it still is what was read.
"""

from __future__ import annotations

import codecs
import errno
import json
import os
import re
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.core.errors import RefusedError, UsageError

CAP_BYTES = 16 << 20
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(eq=False)
class UnfitFileError(UsageError):
    """A path that is no place for us to read or write."""

    path: str
    reason: str
    what = "{path} was left alone: {reason}"
    remedy = "make it a plain UTF-8 file inside the workspace (an editor can save it so), and run the command again"


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
    """A file as it was read. ``text`` is None if there was none; ``place`` is where its links lead.

    ``any_encoding``: bytes that are not UTF-8 stand in the text as half surrogates, and are written as they were.
    """

    path: Path
    place: Path
    text: str | None
    any_encoding: bool = False


def read_file(path: Path, *, within: Path, any_encoding: bool = False) -> Original:
    """Read a file of the workspace ``within``; line ends and a byte order mark stay as they are.

    Raises UnfitFileError for a path that leads out of the workspace, for anything but a regular
    file, for more than CAP_BYTES, for what holds NUL bytes, and unless ``any_encoding`` for what is not UTF-8.
    """
    place, home = _resolved(path), _resolved(within)
    if not place.is_relative_to(home):
        raise UnfitFileError(path=str(path), reason=f"a link leads out of the workspace, to {place}")
    return Original(path, place, _text(path, place, any_encoding=any_encoding), any_encoding)


def replace_file(original: Original, text: str, *, private: bool = False) -> None:
    """Put ``text`` in the place of what was read, keeping permissions; makes the directory if it is missing.

    What is made ``private`` is for its owner alone (0600, a new directory 0700).

    Raises ChangedFileError if the file is no longer what was read, UnwritableFileError if the system
    refuses, or its owner took the right to write from the file.
    """
    if original.text is not None and _is_read_only(original.place):
        raise UnwritableFileError(path=str(original.path), reason="it is marked read-only")
    folder = original.place.parent
    made = not folder.exists()
    try:
        _make(folder, 0o700 if private else 0o777)
        data = text.encode(errors="surrogateescape" if original.any_encoding else "strict")
        _replace(original, data, private=private)
    except OSError as error:
        if made:
            with suppress(OSError):
                folder.rmdir()
        reason = error.strerror or str(error)
        raise UnwritableFileError(path=str(original.path), reason=reason) from error


def remove_file(original: Original) -> None:
    """Remove what was read. Raises ChangedFileError if it is that no longer, UnwritableFileError."""
    _check_unchanged(original)
    try:
        original.place.unlink(missing_ok=True)
    except OSError as error:
        raise UnwritableFileError(path=str(original.path), reason=error.strerror or str(error)) from error


def _make(folder: Path, mode: int) -> None:
    """Make a directory and those above it, all with ``mode``: Path.mkdir gives it to the last alone."""
    for one in (*reversed(folder.parents), folder):
        one.mkdir(mode=mode, exist_ok=True)


def schema(name: str) -> dict[str, Any]:
    """Read one of our JSON Schemas."""
    data: dict[str, Any] = json.loads(schema_path(name).read_text(encoding="utf-8"))
    return data


def schema_path(name: str) -> Path:
    """Find one of our JSON Schemas: in the installed package, or in a checkout's schemas/ folder."""
    package = Path(__file__).parent.parent
    for folder in (package / "schemas", package.parent / "schemas"):
        if (path := folder / f"{name}.schema.json").is_file():
            return path
    raise UnfitFileError(path=f"{name}.schema.json", reason="it is missing from this installation")


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise UnfitFileError(path=str(path), reason="its links lead in a circle") from error


def _check_unchanged(original: Original) -> None:
    if _text(original.path, original.place, any_encoding=original.any_encoding) != original.text:
        raise ChangedFileError(path=str(original.path))


def _text(path: Path, place: Path, *, any_encoding: bool) -> str | None:
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
    return _decoded(path, data, any_encoding=any_encoding)


def _decoded(path: Path, data: bytes, *, any_encoding: bool) -> str:
    try:
        text = data.decode(errors="surrogateescape" if any_encoding else "strict")
    except UnicodeDecodeError as error:
        kind = "but UTF-16" if data.startswith(UTF_16) else f"(byte {error.start})"
        reason = f"line {_line(data, error.start)} is not UTF-8 {kind}"
        raise UnfitFileError(path=str(path), reason=reason) from error
    if (nul := data.find(0)) >= 0:
        raise UnfitFileError(path=str(path), reason=f"line {_line(data, nul)} has a NUL byte (byte {nul})")
    return text


def _line(data: bytes, offset: int) -> int:
    return len(re.findall(rb"\r\n|\n|\r", data[:offset])) + 1


def _replace(original: Original, data: bytes, *, private: bool) -> None:
    descriptor, name = tempfile.mkstemp(prefix=".remotego-", dir=original.place.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _check_unchanged(original)
        if original.text is not None or not private:
            _take_over(original, temporary)
        temporary.replace(original.place)
    finally:
        temporary.unlink(missing_ok=True)


def _is_read_only(place: Path) -> bool:
    """Whether nobody may write; a file that is gone is for the comparison with what was read to tell."""
    try:
        return not place.stat().st_mode & 0o222
    except OSError:
        return False


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
