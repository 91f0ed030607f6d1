"""Which program a core file is of, as its notes tell (elf(5), core(5)); read with pyelftools."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO, Any, cast

from remotego.core.errors import UsageError
from remotego.golang.elf import Source

_AT_ENTRY = 9
"""In the auxiliary vector: where the program begins (getauxval(3))."""


@dataclass(eq=False)
class NotCoreError(UsageError):
    """The file is no core file of Linux."""

    what = "this file is no ELF core file"
    remedy = "name a core file that the kernel, gcore or `dlv dump` has written"


@dataclass(eq=False)
class NamelessCoreError(UsageError):
    """The core file does not tell which program it is of."""

    what = "this core file does not name its program"
    remedy = "name the program as well, with --program PATH"


def program_of(core: Source) -> str:
    """Find the program's path: the file that is mapped where the program begins.

    Raises NotCoreError, NamelessCoreError.
    """
    from elftools.common.exceptions import ELFError
    from elftools.construct.core import ConstructError
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(cast("IO[bytes]", core))
        if elf["e_type"] != "ET_CORE":
            raise NotCoreError
        notes = [note for part in elf.iter_segments("PT_NOTE") for note in cast("Any", part).iter_notes()]
        entry = next((found for note in notes if (found := _entry(note, elf.elfclass)) is not None), None)
        for note in notes:
            if entry is not None and note["n_type"] == "NT_FILE" and (path := _mapped(note["n_desc"], entry)):
                return path
    except (ELFError, ConstructError, struct.error, ValueError, OverflowError, KeyError) as error:
        raise NotCoreError from error
    raise NamelessCoreError


def _entry(note: Any, bits: int) -> int | None:
    """AT_ENTRY of a note that is the auxiliary vector: pairs of words."""
    if note["n_type"] != "NT_AUXV":
        return None
    raw, form = note["n_descdata"], "<II" if bits == 32 else "<QQ"
    pairs = struct.iter_unpack(form, raw[: len(raw) - len(raw) % struct.calcsize(form)])
    return next((value for kind, value in pairs if kind == _AT_ENTRY), None)


def _mapped(files: Any, address: int) -> str | None:
    """The file that is mapped at an address."""
    for place, name in zip(files["Elf_Nt_File_Entry"], files["filename"], strict=True):
        if place["vm_start"] <= address < place["vm_end"]:
            return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    return None
