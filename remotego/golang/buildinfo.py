"""What a Go program says about how it was built, read from the program itself.

Without Go on the target and with a few small reads: .go.buildinfo names the Go version, the
modules and the build settings, in stripped programs too. Source: package debug/buildinfo
(inline format since Go 1.18, pointers before) and runtime/debug.ParseBuildInfo.
"""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.golang.elf import DamagedProgramError, Elf, Source, parse_elf
from remotego.golang.modinfo import ModInfo, Module, parse_modinfo
from remotego.golang.version import GoVersion, parse_go_version

_MAGIC = b"\xff Go buildinf:"
_ALIGNMENT = 16
_HEADER_BYTES = 32
_SEARCHED_BYTES = 1 << 20
_VERSION_BYTES = 1 << 10
_MODINFO_BYTES = 1 << 24
_SENTINEL_BYTES = 16
_BIG_ENDIAN, _INLINE = 1, 2

_GOARCHES = {
    (3, 32, "little"): "386",
    (8, 32, "big"): "mips",
    (8, 32, "little"): "mipsle",
    (8, 64, "big"): "mips64",
    (8, 64, "little"): "mips64le",
    (21, 64, "big"): "ppc64",
    (21, 64, "little"): "ppc64le",
    (22, 64, "big"): "s390x",
    (40, 32, "little"): "arm",
    (62, 64, "little"): "amd64",
    (183, 64, "little"): "arm64",
    (243, 64, "little"): "riscv64",
    (258, 64, "little"): "loong64",
}


@dataclass(eq=False)
class NotGoProgramError(UsageError):
    """An ELF program without Go's build information."""

    what = "this program was not built by the Go compiler, or its build information was cut out"
    remedy = "name a Go program; one packed by a tool such as UPX has to be unpacked first"


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """A Go program. ``go`` is its toolchain in Go's words; ``goarch`` is read from the ELF header.

    ``mod`` is empty where nothing is recorded: built outside of a module, or by Bazel.
    ``dwarf``: it carries debug information. ``symbols``: it carries a symbol table.
    """

    go: str
    goarch: str
    mod: ModInfo
    dwarf: bool
    symbols: bool

    @property
    def version(self) -> GoVersion | None:
        """The Go version; None where it names none, as development builds before Go 1.17 did."""
        try:
            return parse_go_version(self.go)
        except ValueError:
            return None

    @property
    def path(self) -> str:
        """The import path of package main; "" if unknown."""
        return self.mod.path

    @property
    def main(self) -> Module | None:
        """The module of package main; None if unknown."""
        return self.mod.main

    @property
    def deps(self) -> tuple[Module, ...]:
        """The modules it is linked with."""
        return self.mod.deps

    @property
    def settings(self) -> dict[str, str]:
        """The build settings; {} before Go 1.18."""
        return dict(self.mod.settings)

    @property
    def revision(self) -> str | None:
        """The commit it was built from, None if not recorded."""
        return self.settings.get("vcs.revision")

    @property
    def modified(self) -> bool | None:
        """Whether the working tree had changes beyond ``revision``; None if not recorded."""
        return _flag(self.settings.get("vcs.modified"))

    @property
    def cgo(self) -> bool | None:
        """Whether cgo was allowed; None if not recorded."""
        return _flag(self.settings.get("CGO_ENABLED"))

    @property
    def trimpath(self) -> bool | None:
        """Whether paths were trimmed; None if no settings are recorded."""
        return _flag(self.settings.get("-trimpath", "false")) if self.settings else None

    @property
    def optimised(self) -> bool | None:
        """Whether some package may be optimised or inlined; None if no settings are recorded.

        False only for ``-gcflags='all=-N -l'``.
        """
        if not self.settings:
            return None
        pattern, _, flags = self.settings.get("-gcflags", "").rpartition("=")
        return pattern != "all" or not {"-N", "-l"} <= set(flags.split())

    @property
    def stripped(self) -> bool:
        """Whether Delve has nothing to read variables with."""
        return not self.dwarf


def parse_build_info(file: Source) -> BuildInfo:
    """Read the build information of a program.

    Raises NotElfError, NotGoProgramError, DamagedProgramError.
    """
    elf = parse_elf(file)
    data = _find(elf)
    version, modinfo = _inline(elf, *data) if data[1][15] & _INLINE else _pointers(elf, data[1])
    if not version:
        raise NotGoProgramError
    return BuildInfo(
        go=version.decode("utf-8", "replace"),
        goarch=_GOARCHES.get((elf.machine, elf.bits, elf.order), f"machine {elf.machine}"),
        mod=parse_modinfo(_unwrap(modinfo)),
        dwarf=elf.section(".debug_info", ".zdebug_info") is not None,
        symbols=elf.section(".symtab") is not None,
    )


def _flag(value: str | None) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(value or "")


def _find(elf: Elf) -> tuple[int, bytes]:
    """Give the offset of the information and what was read there: all of it, in the common case."""
    section = elf.section(".go.buildinfo")
    if section is not None:
        at, data = section.offset, elf.read(section.offset, min(section.size, _SEARCHED_BYTES))
    else:
        at, data = _search(elf)
    if not data.startswith(_MAGIC) or len(data) < _HEADER_BYTES:
        raise NotGoProgramError
    return at, data


def _search(elf: Elf) -> tuple[int, bytes]:
    """Without section names: it stands early in the first writable segment, on a multiple of 16."""
    for segment in elf.segments:
        if segment.writable:
            data = elf.read(segment.offset, min(segment.size, _SEARCHED_BYTES))
            found = data.find(_MAGIC)
            while found >= 0 and (segment.address + found) % _ALIGNMENT:
                found = data.find(_MAGIC, found + 1)
            if found >= 0:
                return segment.offset + found, data[found:]
    raise NotGoProgramError


def _inline(elf: Elf, at: int, data: bytes) -> tuple[bytes, bytes]:
    version, end = _counted(elf, at, data, _HEADER_BYTES, _VERSION_BYTES)
    modinfo, _ = _counted(elf, at, data, end, _MODINFO_BYTES)
    return version, modinfo


def _counted(elf: Elf, at: int, data: bytes, begin: int, limit: int) -> tuple[bytes, int]:
    """Read a string that begins with its length as a varint; from ``data`` as far as that reaches."""
    size, begin = _varint(data, begin)
    if size > limit:
        raise DamagedProgramError(f"a build information of {size} bytes")
    end = begin + size
    return (data[begin:end] if end <= len(data) else elf.read(at + begin, size)), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for position, byte in enumerate(data[at : at + 9]):
        value |= (byte & 0x7F) << 7 * position
        if byte < 0x80:
            return value, at + position + 1
    raise DamagedProgramError("the length of the build information")


def _pointers(elf: Elf, data: bytes) -> tuple[bytes, bytes]:
    """Go before 1.18: two pointers to string headers, each again a pointer and a length."""
    if data[14] * 8 != elf.bits or bool(data[15] & _BIG_ENDIAN) != (elf.order == "big"):
        raise DamagedProgramError("the pointer size of the build information")
    version, modinfo = elf.word(data, 16), elf.word(data, 16 + elf.bits // 8)
    return _pointed(elf, version, _VERSION_BYTES), _pointed(elf, modinfo, _MODINFO_BYTES)


def _pointed(elf: Elf, address: int, limit: int) -> bytes:
    if address == 0:
        return b""
    header = elf.read_memory(address, elf.bits // 4)
    begin, size = elf.word(header, 0), elf.word(header, elf.bits // 8)
    if size > limit:
        raise DamagedProgramError(f"a build information of {size} bytes")
    return elf.read_memory(begin, size) if size else b""


def _unwrap(modinfo: bytes) -> str:
    """Take off the marks at both ends by which the linker's text is found in memory."""
    inner = modinfo[_SENTINEL_BYTES:-_SENTINEL_BYTES]
    return inner.decode("utf-8", "replace") if inner.endswith(b"\n") else ""
