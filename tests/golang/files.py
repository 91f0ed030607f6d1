"""Files seen as the readers may see them: counted by blocks, or with bytes changed."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast

BLOCK_BYTES = 1 << 16


class CountedFile(io.FileIO):
    """A file that remembers which blocks were read; each would cost a round trip on a target."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.blocks: set[int] = set()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and note the blocks."""
        begin = self.tell()
        data = super().read(size) or b""
        self.blocks.update(range(begin // BLOCK_BYTES, (begin + max(len(data), 1) - 1) // BLOCK_BYTES + 1))
        return data


class AlteredFile(io.FileIO):
    """A file with some of its bytes replaced, by offset, and its end cut off."""

    def __init__(self, path: Path, changes: Mapping[int, int], length: int | None = None) -> None:
        super().__init__(path)
        self.changes = changes
        self.length = path.stat().st_size if length is None else length

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and alter."""
        begin = self.tell()
        left = max(0, self.length - begin)
        data = bytearray(super().read(left if size is None or size < 0 else min(size, left)) or b"")
        for offset, value in self.changes.items():
            if begin <= offset < begin + len(data):
                data[offset - begin] = value
        return bytes(data)


def binary(file: io.FileIO) -> BinaryIO:
    """The same, as the readers' parameter is declared."""
    return cast("BinaryIO", file)
