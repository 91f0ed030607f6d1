"""Scratch copies of a workspace's modules: what go reads of them, at the same places to each other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remotego.core.errors import RefusedError, UsageError

KEPT = frozenset((".go", ".mod", ".sum", ".work", ".s", ".c", ".h"))
SKIPPED = frozenset((".git", ".hg", ".svn", "node_modules"))
CAP_FILES = 100_000


@dataclass(eq=False)
class VastWorkspaceError(UsageError):
    """More files than a copy is made of."""

    folder: str
    cap: int
    what = "{folder} has more than {cap} files of Go; no copy to try edits in is made of that many"
    remedy = "give --workspace a folder with fewer, such as that of one module"


@dataclass(eq=False)
class UncopiedFileError(RefusedError):
    """A file that go would read, and that cannot be copied."""

    path: str
    reason: str
    what = "{path} cannot be copied: {reason}"
    remedy = (
        "make it readable for this user, or take it out of the workspace; a full temporary directory is another cause"
    )


@contextmanager
def copying(file: Path) -> Iterator[None]:
    """Tell of a file that the system does not let us read, by its name. Raises UncopiedFileError."""
    try:
        yield
    except OSError as error:
        raise UncopiedFileError(str(error.filename or file), error.strerror or str(error)) from error


@dataclass(frozen=True, slots=True)
class Scratch:
    """A copy in ``room``, whose folder ``base`` stands for ``origin``, the lowest folder above all that was copied."""

    origin: Path
    base: Path

    def place(self, original: Path) -> Path:
        """Where an original is copied to."""
        return self.base / original.relative_to(self.origin)


def copy_modules(folders: Sequence[Path], linked: Sequence[Path], whole: Sequence[Path], room: Path) -> Scratch:
    """Copy the Go files of ``folders`` and all of their vendor directories; ``linked`` are only linked to.

    ``whole`` are files and directories to copy as they are, where they are. Relative paths between them lead from copy
    to copy, and go writes into none that is only linked: it is no main module. Raises VastWorkspaceError,
    UncopiedFileError.
    """
    origin = Path(os.path.commonpath([*folders, *linked, *(one.parent for one in whole)]))
    scratch = Scratch(origin, room / "copy")
    scratch.base.mkdir(parents=True)
    for count, (file, vendored) in enumerate(_files(folders)):
        if count >= CAP_FILES:
            raise VastWorkspaceError(str(folders[0]), CAP_FILES)
        _copy(file, scratch.place(file), vendored=vendored)
    for one in whole:
        _copy_whole(one, scratch)
    for folder in linked:
        place = scratch.place(folder)
        if not place.exists() and folder.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(folder, target_is_directory=True)
    return scratch


def _copy_whole(original: Path, scratch: Scratch) -> None:
    """Copy a file, or a vendor directory unless it was copied with the module around it."""
    place = scratch.place(original)
    if not original.is_dir():
        _copy(original, place, vendored=False)
    elif original.is_symlink() and not place.is_symlink():
        _copy(original, place, vendored=True)
    elif not place.exists():
        for file, _ in _files([original], vendored=True):
            _copy(file, scratch.place(file), vendored=True)


def _copy(file: Path, place: Path, *, vendored: bool) -> None:
    """Copy what a link leads to; but in vendor a link stays one, as none belongs there. What is no file is left out."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if vendored and file.is_symlink():
        place.symlink_to(file.parent / file.readlink())
    elif file.is_file():
        with copying(file):
            shutil.copyfile(file, place)


def copy_again(scratch: Scratch, room: Path) -> Scratch:
    """Copy a copy, links as links."""
    base = room / "copy"
    shutil.copytree(scratch.base, base, symlinks=True)
    return Scratch(scratch.origin, base)


def _files(tops: Sequence[Path], *, vendored: bool = False) -> Iterator[tuple[Path, bool]]:
    """The files to copy, each once, whichever of the folders it is below; and whether it is in vendor."""
    seen: set[Path] = set()
    for top in tops:
        for name, below, files in os.walk(top):
            folder = Path(name)
            below[:] = [] if folder in seen else [one for one in below if one not in SKIPPED]
            if folder not in seen:
                links = [one for one in below if (folder / one).is_symlink()]
                for file in (folder / one for one in (*files, *links)):
                    inside = vendored or "vendor" in file.relative_to(top).parts
                    if inside or (file.suffix in KEPT and file.is_file()):
                        yield file, inside
            seen.add(folder)
