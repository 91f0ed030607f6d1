"""The check on what came out of a build."""

import io
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from remotego.delve.platforms import parse_machine
from remotego.golang.static import WrongProgramError, check_static
from tests.golang.conftest import Specimens


@pytest.mark.parametrize(("name", "goarch"), [("plain", "amd64"), ("32-bit", "386")])
def test_a_static_program_passes(specimen: Specimens, name: str, goarch: str) -> None:
    """Programs built without cgo need nothing on the target."""
    with specimen(name).open("rb") as file:
        check_static(file, goarch)


@pytest.mark.parametrize(
    ("name", "goarch", "found"),
    [
        ("plain", "arm64", "64-bit EM_X86_64"),
        ("32-bit", "amd64", "32-bit EM_386"),
        ("big-endian", "386", "EM_MIPS"),
        ("pie", "amd64", "ET_DYN"),
    ],
)
def test_another_kind_of_program_is_refused(specimen: Specimens, name: str, goarch: str, found: str) -> None:
    """The error names what was found instead."""
    with specimen(name).open("rb") as file, pytest.raises(WrongProgramError, match=found):
        check_static(file, goarch)


def test_a_dynamic_program_is_refused() -> None:
    """A program that asks for a loader may not start on the target: /bin/ls, with a fixed address claimed."""
    data = bytearray(Path("/bin/ls").read_bytes())
    data[16] = 2
    with pytest.raises(WrongProgramError, match="dynamically linked"):
        check_static(io.BytesIO(bytes(data)), parse_machine(platform.machine()))


def test_no_elf_file_is_refused() -> None:
    """Whatever else lies there."""
    with pytest.raises(WrongProgramError, match="no ELF file"), Path(__file__).open("rb") as file:
        check_static(file, "amd64")


def test_the_check_is_imported_without_the_elf_library() -> None:
    """Only a real build pays for loading it."""
    probe = "import sys, remotego.golang.static; sys.exit('elftools' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", probe], timeout=60).returncode
