"""Tree heads of checksum databases as this user has seen them: what makes a forked or shortened history show.

Layout, for each database and key::

    NAME+KEY/latest          the largest signed tree that continued all before it
    NAME+KEY/unproven/*      trees of bundles that had no tiles to prove the same; proven when there is a network
    NAME+KEY/lock
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from remotego.adapters.claims import make_own
from remotego.core.errors import RefusedError

LOCK_TIMEOUT_S = 60.0
_CAP_BYTES = 1_000_000
_MOST_UNPROVEN = 1000
_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(eq=False)
class HeadsUnwritableError(RefusedError):
    """What was seen of a database cannot be written down, so that next time a fork would not show."""

    path: str
    reason: str
    what = "cannot write {path}: {reason}"
    remedy = "make room or make it writable, or choose another place with XDG_DATA_HOME"


@dataclass(frozen=True, slots=True)
class TreeHeads:
    """The heads of one database, below ``folder``. Raises HeadsUnwritableError, ForeignFolderError."""

    folder: Path

    def latest(self) -> bytes:
        """Read the largest head; b"" where none was ever seen."""
        return _read(self.folder / "latest")

    def replace(self, old: bytes, new: bytes) -> bool:
        """Put a new head in the place of the old one; False if another process put one there first."""
        from filelock import FileLock, Timeout

        try:
            self._make()
            with FileLock(self.folder / "lock", timeout=LOCK_TIMEOUT_S):
                if self.latest() != old:
                    return False
                _write(self.folder / "latest", new)
                return True
        except Timeout as error:
            raise HeadsUnwritableError(str(self.folder / "lock"), "another process holds it") from error
        except OSError as error:
            raise HeadsUnwritableError(str(self.folder), error.strerror or str(error)) from error

    def unproven(self) -> tuple[bytes, ...]:
        """Give the heads that were used and not proven."""
        try:
            found = sorted(file.name for file in (self.folder / "unproven").iterdir())
        except OSError:
            return ()
        names = [name for name in found if _NAME.fullmatch(name)][:_MOST_UNPROVEN]
        return tuple(note for name in names if (note := _read(self.folder / "unproven" / name)))

    def remember(self, note: bytes) -> None:
        """Keep a head that is used and not proven."""
        try:
            self._make()
            make_own(self.folder / "unproven")
            _write(self._place(note), note)
        except OSError as error:
            raise HeadsUnwritableError(str(self.folder), error.strerror or str(error)) from error

    def forget(self, note: bytes) -> None:
        """Drop one that is proven now."""
        with suppress(OSError):
            self._place(note).unlink(missing_ok=True)

    def _make(self) -> None:
        """Have the folder, and the one above it, so that nobody else puts another in its place."""
        make_own(self.folder.parent)
        make_own(self.folder)

    def _place(self, note: bytes) -> Path:
        return self.folder / "unproven" / hashlib.sha256(note).hexdigest()


def tree_heads(database: str, root: Path | None = None) -> TreeHeads:
    """Give the heads of a database, by its name and the mark of its key; ``root`` None is the user's own place."""
    import platformdirs

    return TreeHeads((root or platformdirs.user_data_path("remotego") / "sumdb") / quote(database, safe="+"))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_CAP_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise HeadsUnwritableError(str(path), error.strerror or str(error)) from error


def _write(path: Path, data: bytes) -> None:
    """Put the whole in its place at once, on the disk before it is visible."""
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
