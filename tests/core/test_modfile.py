"""What is read of go.mod and go.work, compared with what cmd/go reads."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.modfile import ModFile, is_directory, parse_modfile
from tests.golang.specimens import go

MOD = """\
module "example.com/Team/svc" // Deprecated: no

go 1.21

toolchain go1.26.8

require example.com/one v1.0.0 // indirect
require (
	example.com/Two/v2 v2.0.0-RC1 // see https://example.com
	"example.com/raw" v0.0.1
	// example.com/commented v1.0.0
)

exclude example.com/one v1.0.1
replace (
	example.com/one => ../one
	example.com/raw v0.0.1 => "./with space"
)
replace example.com/Two/v2 => example.com/fork/v2 v2.0.1
retract [v1.0.0, v1.9.9]
"""

WORK = """\
go 1.21

use ./svc // the service
use (
	.
	../lib
)

replace example.com/one v1.0.0 => /abs/one
"""


def test_go_itself_reads_the_same_go_mod(tmp_path: Path) -> None:
    """Blocks, quotes and comments."""
    (tmp_path / "go.mod").write_text(MOD)
    said = json.loads(go("mod", "edit", "-json", cwd=tmp_path, GOFLAGS="-mod=mod"))
    expected = ModFile(
        said["Module"]["Path"],
        tuple((one["Path"], one["Version"]) for one in said["Require"]),
        tuple(one["New"]["Path"] for one in said["Replace"] if "Version" not in one["New"]),
    )
    assert expected == parse_modfile(MOD)


def test_go_itself_reads_the_same_go_work(tmp_path: Path) -> None:
    """Directories of use, then those of replace."""
    (tmp_path / "go.work").write_text(WORK)
    said = json.loads(go("work", "edit", "-json", str(tmp_path / "go.work"), GOWORK=""))
    used = [one["DiskPath"] for one in said["Use"]]
    assert ModFile(None, (), (*used, *(one["New"]["Path"] for one in said["Replace"]))) == parse_modfile(WORK)


@given(st.text() | st.lists(st.sampled_from([*MOD.split(), "(", ")", '"', "`", "\n", "//"])).map(" ".join))
def test_any_text_is_read(text: str) -> None:
    """Nothing a go.mod holds makes the reader fail."""
    assert isinstance(parse_modfile(text), ModFile)


@pytest.mark.parametrize("text", ["", "(", ")", "module", "require (", "use", "replace a =>", '"', "a\0b (", "///"])
def test_what_makes_no_sense_is_passed_over(text: str) -> None:
    """It is for cmd/go to complain."""
    assert ModFile() == parse_modfile(text)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        *((directory, True) for directory in (".", "..", "../x", "/x", r"C:\x", r"..\x")),
        *((module, False) for module in ("example.com/x", ".x", "c")),
    ],
)
def test_directories_are_told_from_modules(target: str, expected: bool) -> None:
    """A replacement is a directory if it begins as a path (go.dev/ref/mod#go-mod-file-replace)."""
    assert expected is is_directory(target)
