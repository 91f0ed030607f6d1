"""The end of a zip: how many entries it claims and how large their directory is.

Python's zipfile reads the directory into memory, however large: this is known before.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import IO

MOST_DIRECTORY_BYTES = 32 << 20
"""200,000 names of a hundred letters each."""

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_MARK, _LOCATOR_MARK, _MARK64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_MOST_COMMENT = 65_535


@dataclass(frozen=True, slots=True)
class End:
    """What a zip claims at its end; ``is_zip64``: in the form for many or large files."""

    count: int
    directory_bytes: int
    is_zip64: bool


def read_end(file: IO[bytes]) -> End:
    """Read the last record of a zip, where zipfile finds it too. Raises ValueError for what is none."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - _END64.size - _LOCATOR.size - _END.size - _MOST_COMMENT))
    tail = file.read()
    at = tail.rfind(_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise ValueError("it is no zip, or cut short")
    _, disk, first, here, count, directory_bytes, _, comment_bytes = _END.unpack_from(tail, at)
    if at + _END.size + comment_bytes != len(tail):
        raise ValueError("it does not end where it says")
    if tail[max(0, at - _LOCATOR.size) : at].startswith(_LOCATOR_MARK):
        return _end64(tail, at - _LOCATOR.size - _END64.size)
    if (disk, first) != (0, 0) or here != count:
        raise ValueError("it is a zip of an unusual kind")
    return End(count, directory_bytes, is_zip64=False)


def _end64(tail: bytes, at: int) -> End:
    if at < 0 or not tail.startswith(_MARK64, at):
        raise ValueError("it is a zip of an unusual kind")
    *_, disk, first, here, count, directory_bytes, _ = _END64.unpack_from(tail, at)
    if (disk, first) != (0, 0) or here != count:
        raise ValueError("it is a zip of an unusual kind")
    return End(count, directory_bytes, is_zip64=True)
