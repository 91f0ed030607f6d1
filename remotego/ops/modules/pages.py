"""What is written for others to read: a log or a page, whole or not at all, and never over anything else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import Original, read_file, replace_file
from remotego.core.errors import UsageError

OF_GO = frozenset((".go", ".mod", ".sum", ".work"))
"""What go reads, and what neither a log nor a page is called."""


@dataclass(eq=False)
class ForeignFileError(UsageError):
    """A file that is not ours to write over."""

    path: str
    kind: str
    what = "{path} is no {kind}; it was left as it is"
    remedy = "name another file, or move this one away first"


@dataclass(eq=False)
class NoFolderError(UsageError):
    """A file in a directory that is not there."""

    path: str
    folder: str
    what = "{path} cannot be written: {folder} is no directory"
    remedy = "make the directory first, or correct the name"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is written, in words, and the ``mark`` that each of them has in its text."""

    name: str
    mark: str


LOG = Kind("SARIF log of mod.doctor", '"name": "remotego mod.doctor"')
PAGE = Kind("page of mod.graph", '<meta name="generator" content="remotego mod.graph">')


def place_for(name: str, kind: Kind) -> Original:
    """Find the place for a file that the user has named: a new one, an empty one, or one of the same kind.

    Raises ForeignFileError, NoFolderError, UnfitFileError.
    """
    file = Path(name).absolute()
    if not file.parent.is_dir():
        raise NoFolderError(str(file), str(file.parent))
    original = read_file(file, within=file.parent, any_encoding=True)
    if OF_GO & {file.suffix, original.place.suffix} or (original.text and kind.mark not in original.text):
        raise ForeignFileError(str(file), kind.name)
    return original


def put_text(original: Original, text: str, *, dry: bool = False) -> bool:
    """Write it, atomically, unless it has this text; tell whether it had another or none.

    Raises ChangedFileError, UnwritableFileError.
    """
    if original.text == text:
        return False
    if not dry:
        replace_file(original, text)
    return True


def version() -> str:
    """Our own version."""
    from importlib.metadata import version

    return version("remotego")
