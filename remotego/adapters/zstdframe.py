"""One zstd frame and nothing else: what a decompressor would pass over in silence is found by walking the blocks.

Frames may follow one another, some of them skippable, whose bytes mean nothing (RFC 8878, 3.1).
"""

from __future__ import annotations

import os
from typing import BinaryIO

_HEADER_BYTES = 18
"""The longest header, with its magic number (RFC 8878, 3.1.1.1)."""
_DESCRIPTOR_AT = 4
_IDLE_BITS = 0b11000
"""Of the descriptor: one is reserved, and one says nothing."""
_CHECKSUM_BYTES = 4
_LAST, _RLE, _RESERVED = 1, 1, 3


def check_lone_frame(file: BinaryIO) -> None:
    """See that a file is one frame from its first byte to its last, and rewind it. Raises ValueError, OSError."""
    import zstandard

    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(_HEADER_BYTES)
    try:
        header = zstandard.get_frame_parameters(start)
        at = zstandard.frame_header_size(start)
    except zstandard.ZstdError as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error
    if start[_DESCRIPTOR_AT] & _IDLE_BITS or header.dict_id:
        raise ValueError("its first bytes are not as zstd writes them")
    end = _behind_blocks(file, at) + (_CHECKSUM_BYTES if header.has_checksum else 0)
    if end > size_bytes:
        raise ValueError("it is cut short")
    if end < size_bytes:
        raise ValueError(f"{size_bytes - end} bytes follow that are no part of it")
    file.seek(0)


def _behind_blocks(file: BinaryIO, at: int) -> int:
    """Give the place behind the last block; a block tells its own length (RFC 8878, 3.1.1.2)."""
    last = 0
    while not last:
        file.seek(at)
        head = file.read(3)
        if len(head) < 3:
            raise ValueError("it is cut short")
        word = int.from_bytes(head, "little")
        last, kind, size_bytes = word & _LAST, word >> 1 & 3, word >> 3
        if kind == _RESERVED:
            raise ValueError("it cannot be unpacked: it has a block of no known kind")
        at += 3 + (1 if kind == _RLE else size_bytes)
    return at
