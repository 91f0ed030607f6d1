"""Build information, read from real programs and compared with what Go itself reads."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.golang.buildinfo import BuildInfo, NotGoProgramError, parse_build_info
from remotego.golang.elf import DamagedProgramError, NotElfError, parse_elf
from remotego.golang.modinfo import Module
from tests.golang.conftest import Specimens
from tests.golang.files import AlteredFile, CountedFile, binary
from tests.golang.specimens import DWARF4, HELLO, NOW, POINTERS, SPECIMENS, Specimen, build, go

MOST_BLOCKS = {NOW: 4, DWARF4: 4, POINTERS: 7}
"""Tables, section names and the information itself; and what its pointers led to before Go 1.18."""


def read(path: Path) -> BuildInfo:
    """Read a file's build information."""
    with path.open("rb") as file:
        return parse_build_info(file)


def as_go_prints_it(info: BuildInfo) -> dict[str, Any]:
    """The same in the words of ``go version -m -json``."""
    return {
        "GoVersion": info.go,
        "Path": info.path,
        "Main": _module(info.main),
        "Deps": [_module(module) for module in info.deps],
        "Settings": [{"Key": key, "Value": value} for key, value in info.settings.items()],
    }


def _module(module: Module | None) -> dict[str, Any]:
    assert module is not None
    fields = {"Path": module.path, "Version": module.version, "Sum": module.sum}
    replaced = {"Replace": _module(module.replaced_by)} if module.replaced_by else {}
    return {key: value for key, value in fields.items() if value} | replaced


@pytest.mark.parametrize("name", SPECIMENS)
def test_go_itself_reads_the_same(specimen: Specimens, name: str) -> None:
    """Version, modules, replacements and settings agree with ``go version -m``."""
    printed = json.loads(go("version", "-m", "-json", specimen(name)))
    printed = printed[0] if isinstance(printed, list) else printed
    expected = {key: printed.get(key, []) for key in ("GoVersion", "Path", "Main", "Deps", "Settings")}
    assert _trimmed(expected) == as_go_prints_it(read(specimen(name)))


def _trimmed(printed: dict[str, Any]) -> dict[str, Any]:
    """Empty fields left out at every depth but the first, as ``as_go_prints_it`` does."""
    modules = [printed["Main"], *printed["Deps"]]
    for module in modules:
        for empty in [key for key, value in module.items() if not value]:
            del module[empty]
        for empty in [key for key, value in module.get("Replace", {}).items() if not value]:
            del module["Replace"][empty]
    return printed


@pytest.mark.parametrize("name", SPECIMENS)
def test_the_architecture_comes_from_the_elf_header(specimen: Specimens, name: str) -> None:
    """A dlv must have the program's architecture, which is not always the kernel's."""
    assert SPECIMENS[name].goarch == read(specimen(name)).goarch


@pytest.mark.parametrize("name", SPECIMENS)
def test_few_blocks_are_read(specimen: Specimens, name: str) -> None:
    """Every block costs a round trip when the program lies on a target."""
    with CountedFile(specimen(name)) as file:
        parse_build_info(binary(file))
    assert len(file.blocks) <= MOST_BLOCKS[SPECIMENS[name].toolchain], sorted(file.blocks)


@pytest.mark.parametrize(
    ("name", "optimised", "stripped", "trimpath"),
    [
        ("plain", True, False, False),
        ("stripped", True, True, True),
        ("unoptimised", False, False, False),
        ("1.17 pie", None, False, None),
    ],
)
def test_what_a_debugger_wants_to_know(
    specimen: Specimens, name: str, optimised: bool | None, stripped: bool, trimpath: bool | None
) -> None:
    """Flags and debug information; unknown where an old Go recorded no settings."""
    info = read(specimen(name))
    assert (optimised, stripped, trimpath) == (info.optimised, info.stripped, info.trimpath)


def test_flags_for_one_package_leave_the_others_optimised(specimen: Specimens, tmp_path: Path) -> None:
    """``-gcflags='-N -l'`` without ``all=`` reaches the main package only."""
    program = build(Specimen(flags=("-gcflags=-N -l",)), tmp_path / "program")
    assert read(program).optimised is True


def test_the_commit_is_known(tmp_path: Path) -> None:
    """A program built in a git checkout names its commit, and whether more was changed."""
    commit = _checkout(tmp_path / "src")
    (tmp_path / "src" / "untracked.go").write_text("package main\n")
    info = read(build(Specimen(flags=("-buildvcs=true",)), tmp_path / "program", source=tmp_path / "src"))
    assert (commit, True) == (info.revision, info.modified)


def _checkout(folder: Path) -> str:
    import shutil
    import subprocess

    shutil.copytree(HELLO, folder)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", folder, *command], check=True, timeout=60)
    head = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return head.stdout.strip()


def test_a_replaced_dependency_names_its_replacement(specimen: Specimens) -> None:
    """Source paths come from the replacement, so it must be known."""
    assert (Module("./word", "(devel)"),) == tuple(dep.replaced_by for dep in read(specimen("plain")).deps)


def test_sections_are_not_needed(specimen: Specimens) -> None:
    """With its section table cut off a program still tells how it was built."""
    whole = read(specimen("stripped"))
    with AlteredFile(specimen("stripped"), dict.fromkeys(range(60, 62), 0)) as file:
        cut = parse_build_info(binary(file))
    assert (whole.go, whole.mod) == (cut.go, cut.mod)


def test_a_script_is_no_program() -> None:
    """The error says what the file begins with."""
    with pytest.raises(NotElfError, match="#!/bin/sh"):
        parse_build_info(io.BytesIO(b"#!/bin/sh\nexec real-program\n"))


def test_a_c_program_is_no_go_program() -> None:
    """The Python interpreter is ELF but not Go."""
    import sys

    with pytest.raises(NotGoProgramError):
        read(Path(sys.executable))


def test_a_cut_off_program_is_damaged(specimen: Specimens) -> None:
    """Half a copy is not taken for a program without build information."""
    with (
        AlteredFile(specimen("plain"), {}, length=100_000) as file,
        pytest.raises(DamagedProgramError),
    ):
        parse_build_info(binary(file))


@given(st.binary(max_size=4096) | st.binary(max_size=512).map(lambda rest: b"\x7fELF\x02\x01" + rest))
def test_any_bytes_give_a_clear_error(data: bytes) -> None:
    """Nothing a file holds makes the reader crash."""
    with pytest.raises(RemotegoError):
        parse_build_info(io.BytesIO(data))


@settings(max_examples=120)
@given(data=st.data())
def test_altered_programs_never_crash_the_reader(specimen: Specimens, data: st.DataObject) -> None:
    """Bytes changed where the reader looks give an answer or a clear error."""
    path = specimen(data.draw(st.sampled_from(("plain", "1.17 32-bit", "big-endian", "1.24 pie"))))
    changes = data.draw(st.dictionaries(_places(path), st.integers(0, 255), min_size=1, max_size=6))
    with AlteredFile(path, changes) as file:
        try:
            info = parse_build_info(binary(file))
        except RemotegoError:
            return
    assert isinstance(info, BuildInfo)


def _places(path: Path) -> st.SearchStrategy[int]:
    """Offsets in the header, its tables, and the build information."""
    with path.open("rb") as file:
        section = parse_elf(file).section(".go.buildinfo")
    assert section is not None
    return st.integers(0, 64) | st.integers(64, 2600) | st.integers(section.offset, section.offset + 64)
