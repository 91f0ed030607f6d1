"""What ``paths`` prints."""

import json

import pytest
from jsonschema import Draft202012Validator

from remotego.adapters.files import schema
from remotego.cli.paths import report
from remotego.cli.render import Printer, Report
from remotego.delve.paths import PathMap
from remotego.delve.substitution import Rule
from remotego.golang.buildinfo import BuildInfo
from remotego.golang.modinfo import ModInfo
from remotego.ops.source_paths import SourcePaths

OWN, STANDARD = Rule("/w", "example.com/svc"), Rule("/go/src", "")
GONE = tuple(f"example.com/svc/gone{number}.go" for number in range(7))
INFO = BuildInfo("go1.27.3", "amd64", ModInfo(), dwarf=True, symbols=True)


def reported(reasons: dict[str, str]) -> Report:
    """What is said of a process with a few files."""
    paths = PathMap((OWN, STANDARD), tuple(reasons), ("a warning",), reasons, {OWN: 3, STANDARD: 90})
    return report("app1", SourcePaths("svc", 4711, INFO, ("f.go",) * (93 + len(reasons)), paths))


def test_each_rule_has_its_count() -> None:
    """An empty target is shown as what it is."""
    assert [("3", "/w", "example.com/svc"), ("90", "/go/src", '""')] == reported({}).rows


def test_files_without_a_place_are_grouped_by_reason() -> None:
    """People see the first few of each."""
    reasons = dict.fromkeys(GONE, "they are not in the workspace") | {"x/x.go": "no module cache"}
    first = ", ".join(GONE[:5])
    assert [
        "93 of the 101 source files of svc (go1.27.3) have a place here",
        f"7 have none: they are not in the workspace: {first} and 2 more (--json has all)",
        "1 has none: no module cache: x/x.go",
        "note: a warning",
    ] == reported(reasons).notes


def test_json_has_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    """And fits its schema."""
    Printer(json=True).report(reported(dict.fromkeys(GONE, "they are not in the workspace")))
    document = json.loads(capsys.readouterr().out)
    assert [] == list(Draft202012Validator(schema("paths")).iter_errors(document))
    assert [{"reason": "they are not in the workspace", "files": list(GONE)}] == document["unmapped"]
