"""What is written for others to read: a log or a page, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from remotego.adapters.files import read_file, replace_file


def put_text(file: Path, text: str, *, dry: bool = False) -> bool:
    """Write a file that the user has named, atomically, unless it has this text; tell whether it had another or none.

    Raises UnfitFileError, UnwritableFileError.
    """
    original = read_file(file, within=file.parent, any_encoding=True)
    if original.text == text:
        return False
    if not dry:
        replace_file(original, text)
    return True


def version() -> str:
    """Our own version."""
    from importlib.metadata import version

    return version("remotego")
