"""What is written for others to read: a log or a page, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from remotego.adapters.files import read_file, replace_file


def put_text(file: Path, text: str) -> None:
    """Write a file that the user has named, atomically. Raises UnfitFileError, UnwritableFileError."""
    replace_file(read_file(file, within=file.parent, any_encoding=True), text)


def version() -> str:
    """Our own version."""
    from importlib.metadata import version

    return version("remotego")
