"""A program's machine code: what its file says, and what a running process holds."""

from pathlib import Path
from typing import NamedTuple

from elftools.elf.constants import P_FLAGS
from elftools.elf.elffile import ELFFile


class Code(NamedTuple):
    """The executable segment of a program that is loaded where it was linked (not PIE)."""

    address: int
    content: bytes


def in_file(program: Path) -> Code:
    """The segment as the ELF file has it. Raises ValueError unless there is exactly one."""
    with program.open("rb") as file:
        (segment,) = (one for one in ELFFile(file).iter_segments("PT_LOAD") if one["p_flags"] & P_FLAGS.PF_X)
        return Code(segment["p_vaddr"], segment.data())


def in_memory(pid: int, like: Code) -> Code:
    """The same segment of a running process (proc(5), /proc/pid/mem)."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        memory.seek(like.address)
        return Code(like.address, memory.read(len(like.content)))
