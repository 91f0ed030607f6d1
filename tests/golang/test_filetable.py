"""Source file names, read from real programs and compared with what Go's own reader finds."""

import io
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.golang.elf import parse_elf
from remotego.golang.filetable import NoFileTableError, source_files
from tests.golang.conftest import Specimens
from tests.golang.files import BLOCK_BYTES, AlteredFile, CountedFile, binary
from tests.golang.specimens import HELLO, SPECIMENS

TABLES_AND_NAMES = 3
"""Blocks for the header with its tables, the section names, and the line table's header."""


def read(path: Path) -> tuple[str, ...]:
    """Read a file's source names."""
    with path.open("rb") as file:
        return source_files(file)


@pytest.mark.parametrize("name", SPECIMENS)
def test_go_itself_finds_the_same_files(specimen: Specimens, oracle: Path, name: str) -> None:
    """Every name agrees with debug/gosym, whatever the Go version, architecture and flags."""
    listed = subprocess.run([oracle, specimen(name)], capture_output=True, text=True, check=True, timeout=60)
    assert sorted(listed.stdout.splitlines()) == sorted(read(specimen(name)))


def test_paths_are_those_of_the_build(specimen: Specimens) -> None:
    """Without -trimpath the names are absolute, also of packages beside main and of dependencies."""
    expected = {str(HELLO / name) for name in ("main.go", "inner/inner.go", "word/word.go")}
    assert expected == {name for name in read(specimen("plain")) if name.startswith(str(HELLO))}


def test_trimmed_paths_begin_with_the_module(specimen: Specimens) -> None:
    """With -trimpath modules and the standard library are named by import path, stripped or not."""
    expected = {"example.com/hello/main.go", "example.com/hello/inner/inner.go", "fmt/print.go"}
    assert expected == expected & set(read(specimen("stripped")))


@pytest.mark.parametrize("name", SPECIMENS)
def test_only_the_names_are_read(specimen: Specimens, name: str) -> None:
    """The line table itself can be tens of megabytes; the names in it are few."""
    with CountedFile(specimen(name)) as file:
        names_bytes = sum(len(name) + 1 for name in source_files(binary(file)))
    assert len(file.blocks) <= TABLES_AND_NAMES + 2 + names_bytes // BLOCK_BYTES


def test_a_table_the_linker_merged_is_found(specimen: Specimens) -> None:
    """The system linker hides the table inside .data.rel.ro of position-independent programs."""
    path = specimen("1.24 pie")
    with AlteredFile(path, _merge(path)) as file:
        hidden = source_files(binary(file))
    assert read(path) == hidden


def _merge(path: Path) -> dict[int, int]:
    """Changes after which .gopclntab bears the name of the section before it that may hide it.

    The name ends early, and the section that had it loses it.
    """
    with path.open("rb") as file:
        elf = ELFFile(file)
        headers = {section.name: (index, section) for index, section in enumerate(elf.iter_sections())}
        names = elf.get_section(elf["e_shstrndx"])
        row_bytes, rows_at = elf["e_shentsize"], elf["e_shoff"]
    table, _ = headers[".data.rel.ro.gopclntab"]
    hiding, section = headers[".data.rel.ro"]
    shown = section["sh_name"].to_bytes(4, "little")
    gone = (names["sh_size"] - 1).to_bytes(4, "little")
    return {
        rows_at + row * row_bytes + at: value
        for row, name in ((table, shown), (hiding, gone))
        for at, value in enumerate(name)
    }


def test_a_cut_off_section_table_is_named(specimen: Specimens) -> None:
    """The error tells why there are no names."""
    with (
        AlteredFile(specimen("stripped"), dict.fromkeys(range(60, 62), 0)) as file,
        pytest.raises(NoFileTableError, match="section table was cut off"),
    ):
        source_files(binary(file))


def test_another_compilers_program_has_no_file_table() -> None:
    """The Python interpreter is ELF but not Go."""
    import sys

    with pytest.raises(NoFileTableError, match=r"no \.gopclntab"):
        read(Path(sys.executable))


@given(st.binary(max_size=4096) | st.binary(max_size=512).map(lambda rest: b"\x7fELF\x01\x02" + rest))
def test_any_bytes_give_a_clear_error(data: bytes) -> None:
    """Nothing a file holds makes the reader crash."""
    with pytest.raises(RemotegoError):
        source_files(io.BytesIO(data))


@settings(max_examples=120)
@given(data=st.data())
def test_altered_programs_never_crash_the_reader(specimen: Specimens, data: st.DataObject) -> None:
    """Bytes changed where the reader looks give an answer or a clear error."""
    path = specimen(data.draw(st.sampled_from(("plain", "1.17 32-bit", "big-endian", "1.24 pie"))))
    changes = data.draw(st.dictionaries(_places(path), st.integers(0, 255), min_size=1, max_size=6))
    with AlteredFile(path, changes) as file:
        try:
            names = source_files(binary(file))
        except RemotegoError:
            return
    assert all(names)


def _places(path: Path) -> st.SearchStrategy[int]:
    """Offsets in the header, its tables, and the header of the line table."""
    with path.open("rb") as file:
        section = parse_elf(file).section(".gopclntab", ".data.rel.ro.gopclntab")
    assert section is not None
    return st.integers(0, 64) | st.integers(64, 2600) | st.integers(section.offset, section.offset + 72)
