"""Whether a directory that somebody else fills still grows, and not beyond all measure."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


class StalledError(Exception):
    """It has not grown for too long, or is too large; the text says which, with the bound."""


@dataclass(slots=True)
class Growth:
    """Looks at all below ``root`` each time it is called. Raises StalledError."""

    root: Path
    stall_s: float
    most_bytes: int
    _largest_bytes: int = 0
    _since_s: float = field(default_factory=time.monotonic)

    def __call__(self) -> None:
        """Look."""
        size_bytes, now_s = sum(_sizes(self.root)), time.monotonic()
        if size_bytes > self.most_bytes:
            raise StalledError(f"more than {self.most_bytes >> 20} MiB came")
        if size_bytes > self._largest_bytes:
            self._largest_bytes, self._since_s = size_bytes, now_s
        if now_s - self._since_s > self.stall_s:
            raise StalledError(f"nothing came for {self.stall_s:g} s")


def _sizes(root: Path) -> Iterator[int]:
    """Give the size of each file; what goes away meanwhile counts for nothing."""
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(OSError):
                yield Path(folder, name).lstat().st_size
