"""Scratch copies of a workspace's modules: what go reads of them, at the same places to each other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.core.errors import UsageError

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


@dataclass(frozen=True, slots=True)
class Scratch:
    """A copy in ``room``, whose folder ``base`` stands for ``origin``, the lowest folder above all that was copied."""

    origin: Path
    base: Path

    def place(self, original: Path) -> Path:
        """Where an original is copied to."""
        return self.base / original.relative_to(self.origin)


def copy_modules(folders: Sequence[Path], linked: Sequence[Path], room: Path) -> Scratch:
    """Copy the Go files of ``folders`` and all of their vendor directories; ``linked`` are only linked to.

    Relative paths between them lead from copy to copy. Raises VastWorkspaceError.
    """
    origin = Path(os.path.commonpath([*folders, *linked]))
    scratch = Scratch(origin, room / "copy")
    scratch.base.mkdir(parents=True)
    for count, (folder, name) in enumerate(_files(folders)):
        if count >= CAP_FILES:
            raise VastWorkspaceError(str(folders[0]), CAP_FILES)
        target = scratch.place(folder / name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, target)
    for folder in linked:
        place = scratch.place(folder)
        if not place.exists() and folder.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(folder, target_is_directory=True)
    return scratch


def copy_again(scratch: Scratch, room: Path) -> Scratch:
    """Copy a copy, links as links."""
    base = room / "copy"
    shutil.copytree(scratch.base, base, symlinks=True)
    return Scratch(scratch.origin, base)


def _files(folders: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """The files to copy, each once, whichever of the folders it is below."""
    seen: set[Path] = set()
    for top in folders:
        for name, below, files in os.walk(top):
            folder = Path(name)
            below[:] = [] if folder in seen else [one for one in below if one not in SKIPPED]
            vendored = "vendor" in folder.relative_to(top).parts
            if folder not in seen:
                yield from ((folder, one) for one in files if _is_wanted(folder, one, vendored=vendored))
            seen.add(folder)


def _is_wanted(folder: Path, name: str, *, vendored: bool) -> bool:
    file = folder / name
    return (vendored or file.suffix in KEPT) and file.is_file() and not file.is_symlink()
