"""The hash ``h1:`` of a module: over the names and the SHA-256 of its files (golang.org/x/mod/sumdb/dirhash)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable


def h1(files: Iterable[tuple[str, str]]) -> str:
    """Hash (name, SHA-256 in hex) of each file; the order they come in does not matter.

    Raises ValueError for a name with a line break, which could pass two files off as one.
    """
    summary = hashlib.sha256()
    for name, digest in sorted(files, key=lambda file: file[0].encode()):
        if "\n" in name:
            raise ValueError("a file name has a line break")
        summary.update(f"{digest}  {name}\n".encode())
    return "h1:" + base64.b64encode(summary.digest()).decode()
