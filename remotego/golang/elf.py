"""The few parts of an ELF file that a Go program is recognised by, read in few places.

The file may lie on a target, where every new block costs a round trip, and anyone may have made
it. So this reads three small ranges (header, tables, names) with a bound on each, where a general
ELF library reads entry by entry and believes the counts it finds. Layout: gABI, elf(5).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Literal, Protocol

from remotego.core.errors import UsageError

_TABLE_ROWS = 2048
_NAMES_BYTES = 1 << 18
_PT_LOAD = 1
_SHT_NOBITS = 8
_WRITABLE = 2
_HEADER_BYTES = 64
_ROW_BYTES = 256
_FILE_BYTES = 1 << 40
"""No program is longer, and file systems refuse to seek further than they can store."""

_IDENT = re.compile(rb"\x7fELF[\1\2][\1\2]", re.DOTALL)


class Source(Protocol):
    """Bytes to read from: a file here, or one on a target."""

    def seek(self, offset: int, /) -> int:
        """Go to ``offset`` bytes from the beginning."""
        ...

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes from there; fewer only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the fields lie, for struct. A section row gives name, kind, address, offset and size."""

    bits: Literal[32, 64]
    header: str
    segment: str
    segment_fields: tuple[str, ...]
    section: str


_SHAPES = {
    1: _Shape(
        bits=32,
        header="18xH8xII6x5H",
        segment="III4xI4xI4x",
        segment_fields=("kind", "offset", "address", "size", "flags"),
        section="II4xIII16x",
    ),
    2: _Shape(
        bits=64,
        header="18xH12xQQ6x5H",
        segment="IIQQ8xQ16x",
        segment_fields=("kind", "flags", "offset", "address", "size"),
        section="II8xQQQ24x",
    ),
}
"""By the class byte of the file."""


@dataclass(eq=False)
class NotElfError(UsageError):
    """The file is not a program for Linux."""

    begins: str
    what = "this is not an ELF program: it begins with {begins}"
    remedy = "name the program itself, not a script that starts it; on a target, /proc/PID/exe is it"


@dataclass(eq=False)
class DamagedProgramError(UsageError):
    """The file contradicts itself."""

    where: str
    what = "this ELF program is damaged or cut off: {where}"
    remedy = "compare its checksum with the one it was built with, and copy it again"


@dataclass(frozen=True, slots=True)
class Section:
    """A named range of the file; ``size`` is 0 for one that takes no place in it (.bss)."""

    name: str
    address: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A range of the file that the kernel maps at ``address``."""

    address: int
    offset: int
    size: int
    writable: bool


@dataclass(frozen=True, slots=True)
class Elf:
    """An ELF file opened for reading in places. ``machine`` is e_machine."""

    file: Source
    bits: Literal[32, 64]
    order: Literal["little", "big"]
    machine: int
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]

    def section(self, *names: str) -> Section | None:
        """Find the first section with one of these names."""
        return next((section for section in self.sections if section.name in names), None)

    def read(self, offset: int, size: int) -> bytes:
        """Read exactly ``size`` bytes. Raises DamagedProgramError when the file ends before."""
        return _read(self.file, offset, size)

    def read_memory(self, address: int, size: int) -> bytes:
        """Read what the kernel will map at ``address``. Raises DamagedProgramError where that is nothing."""
        for segment in self.segments:
            if segment.address <= address and address + size <= segment.address + segment.size:
                return self.read(segment.offset + address - segment.address, size)
        raise DamagedProgramError(f"nothing is mapped at {address:#x}")

    def word(self, data: bytes, at: int) -> int:
        """Take a pointer-sized number out of ``data``."""
        return int.from_bytes(data[at : at + self.bits // 8], self.order)


def parse_elf(file: Source) -> Elf:
    """Read the header, the program headers and the sections with their names.

    Raises NotElfError, DamagedProgramError.
    """
    begin = _read_up_to(file, 0, _HEADER_BYTES)
    if not _IDENT.match(begin):
        raise NotElfError(repr(begin[:16]) if begin else "nothing: it is empty")
    shape = _SHAPES[begin[4]]
    order: Literal["little", "big"] = "little" if begin[5] == 1 else "big"
    mark = "<" if order == "little" else ">"
    if len(begin) < struct.calcsize(shape.header):
        raise DamagedProgramError("the file header")
    machine, segments_at, sections_at, *counts = struct.unpack_from(mark + shape.header, begin)
    segment_bytes, segment_rows, section_bytes, section_rows, names_row = counts
    segments = _table(file, segments_at, segment_bytes, segment_rows, mark + shape.segment)
    sections = _table(file, sections_at, section_bytes, section_rows, mark + shape.section)
    return Elf(file, shape.bits, order, machine, _segments(segments, shape), _sections(file, sections, names_row))


def _table(file: Source, at: int, row_bytes: int, rows: int, form: str) -> list[tuple[int, ...]]:
    if at == 0 or rows == 0:
        return []
    if rows > _TABLE_ROWS or not struct.calcsize(form) <= row_bytes <= _ROW_BYTES:
        raise DamagedProgramError(f"a table of {rows} rows of {row_bytes} bytes")
    data = _read(file, at, row_bytes * rows)
    return [struct.unpack_from(form, data, row) for row in range(0, len(data), row_bytes)]


def _segments(rows: list[tuple[int, ...]], shape: _Shape) -> tuple[Segment, ...]:
    named = (dict(zip(shape.segment_fields, row, strict=True)) for row in rows)
    return tuple(
        Segment(row["address"], row["offset"], row["size"], bool(row["flags"] & _WRITABLE))
        for row in named
        if row["kind"] == _PT_LOAD
    )


def _sections(file: Source, rows: list[tuple[int, ...]], names_row: int) -> tuple[Section, ...]:
    if names_row >= len(rows):
        return ()
    *_, names_at, names_bytes = rows[names_row]
    names = _read(file, names_at, min(names_bytes, _NAMES_BYTES))
    return tuple(
        Section(_name(names, name), address, offset, 0 if kind == _SHT_NOBITS else size)
        for name, kind, address, offset, size in rows
    )


def _name(names: bytes, at: int) -> str:
    return names[at : names.find(b"\0", at)].decode("utf-8", "replace")


def _read(file: Source, offset: int, size: int) -> bytes:
    data = _read_up_to(file, offset, size)
    if len(data) < size:
        raise DamagedProgramError(f"it ends before byte {offset + size}")
    return data


def _read_up_to(file: Source, offset: int, size: int) -> bytes:
    if offset > _FILE_BYTES:
        return b""
    file.seek(offset)
    return file.read(size)
