"""Whether a program is what a target can run: a static executable for its machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from remotego.core.errors import BuildError

_MACHINES = {
    "amd64": ("EM_X86_64", 64),
    "arm64": ("EM_AARCH64", 64),
    "386": ("EM_386", 32),
    "ppc64le": ("EM_PPC64", 64),
}


@dataclass(eq=False)
class WrongProgramError(BuildError):
    """The build ended well, but not with what was asked for."""

    goarch: str
    found: str
    what = "the build gave {found}, not a static program for linux/{goarch}"
    remedy = "remove remotego's cache and build again; if it stays so, report it with the output of 'go env'"


def check_static(file: BinaryIO, goarch: str) -> None:
    """Raise WrongProgramError unless ``file`` is a little-endian static ELF program for linux/``goarch``."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(file)
        found = (elf["e_machine"], elf.elfclass)
        kinds = {segment["p_type"] for segment in elf.iter_segments()}
    except ELFError as error:
        raise WrongProgramError(goarch, f"no ELF file ({error})") from error
    if found != _MACHINES[goarch] or not elf.little_endian:
        raise WrongProgramError(goarch, f"a {found[1]}-bit {found[0]} file")
    if elf["e_type"] != "ET_EXEC":
        raise WrongProgramError(goarch, f"a file of type {elf['e_type']}")
    if kinds & {"PT_INTERP", "PT_DYNAMIC"}:
        raise WrongProgramError(goarch, "a dynamically linked program")
