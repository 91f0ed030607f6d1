"""How large a bundle may be: more than any honest one is, and no more than a machine that reads it can bear.

All of it is known from the manifest, so that nothing of a bundle that claims more is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remotego.bundle.layout import SUMDB
from remotego.bundle.manifest import Held

MANIFEST_BYTES = 32 << 20
"""That of 2,000 modules takes about 4 MB."""

MOST_FILES = 500_000
MOST_BYTES = 64 << 30
MOST_SMALL_BYTES = 512 << 20
"""What is no zip is kept in memory until all of it has been proven."""

_CAPS = ((".zip", 500 << 20), (".mod", 16 << 20), (".info", 1 << 20), ("/@v/list", 16 << 20))
"""By how a path ends; cmd/go takes no larger zip and no larger go.mod (modfetch, x/mod/zip)."""

_ANSWER_BYTES = 1_000_000
"""An answer of the checksum database; x/mod's client takes no larger one."""


def cap_of(path: str) -> int:
    """Give the most bytes that a file of this name may have."""
    if path.startswith(f"{SUMDB}/"):
        return _ANSWER_BYTES
    return next((cap for ending, cap in _CAPS if path.endswith(ending)), 0)


def excesses(files: Sequence[Held]) -> Iterator[tuple[str, str]]:
    """Name files that claim too much, and what of them all together is too much ("" for the path)."""
    for file in files:
        if file.size_bytes > (cap := cap_of(file.path)):
            yield file.path, f"it claims {file.size_bytes} bytes, and such a file has {cap} at most"
    small = sum(file.size_bytes for file in files if cap_of(file.path) < _CAPS[0][1])
    sums = (len(files), MOST_FILES, "files"), (sum(file.size_bytes for file in files), MOST_BYTES, "bytes")
    for found, most, what in (*sums, (small, MOST_SMALL_BYTES, "bytes that are in no zip")):
        if found > most:
            yield "", f"it claims {found} {what}, and a bundle has {most} at most"
