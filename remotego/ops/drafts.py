"""Drafts: files of a workspace as they were read and as they shall be, written only when all are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import Original, read_file, replace_file


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it was read and as it shall be."""

    original: Original
    text: str

    @property
    def changed(self) -> bool:
        """Whether it differs."""
        return self.text != (self.original.text or "")


def original(root: Path, name: str) -> Original:
    """Read a file of the workspace. Raises UnfitFileError."""
    return read_file(root / name, within=root)


def write(drafts: Iterable[Draft]) -> None:
    """Write those that have changed, in their order. Raises ChangedFileError, UnwritableFileError."""
    for draft in drafts:
        if draft.changed:
            replace_file(draft.original, draft.text)
