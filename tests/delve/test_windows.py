"""Rules for an editor on Windows."""

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remotego.core.workspace import Module, Workspace
from remotego.delve.paths import Here, map_paths
from remotego.delve.substitution import Rule
from remotego.delve.windows import WindowsDirection, on_windows, windows_name, windows_rules
from tests.delve.test_paths import Build, builds
from tests.delve.windows_reading import substitute

RECORDED = Path(__file__).parent.parent / "facts" / "delve.substitution" / "delve-1.27.1-windows.json"


def test_paths_become_what_delve_makes_of_them() -> None:
    """Answers recorded from locspec.SubstitutePath of Delve 1.27.1."""
    recorded = json.loads(RECORDED.read_text())
    expected = [case["result"] for case in recorded]
    rules = [[(old, new) for old, new in case["rules"]] for case in recorded]
    assert expected == [substitute(case["path"], pairs) for case, pairs in zip(recorded, rules, strict=True)]
    assert expected == [WindowsDirection(pairs).of(case["path"]) for case, pairs in zip(recorded, rules, strict=True)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("C:/Users/Ann/ws", r"c:\Users\Ann\ws"),
        (r"D:\ws\Inner", r"d:\ws\Inner"),
        ("/mnt/c/ws/main.go", r"c:\ws\main.go"),
        ("/mnt/c", "c:\\"),
        ("//server/share/ws", r"\\server\share\ws"),
        ("/mnt/cache/ws", None),
        ("/home/ann/ws", None),
        ("/c/ws", None),
    ],
)
def test_a_path_as_windows_spells_it(path: str, expected: str | None) -> None:
    """VS Code has the drive in lower case and backslashes."""
    assert expected == windows_name(path)


def moved(build: Build) -> Here:
    """The same machine, with everything on drive C."""
    old = build.here.workspace
    modules = tuple(Module("C:" + one.directory, one.path) for one in old.modules)
    return Here(Workspace("C:" + old.root, modules, old.files), "C:/opt/go", "C:/home/ann/go/pkg/mod")


@pytest.mark.parametrize("trimpath", [False, True])
@given(data=st.data())
def test_every_file_is_found_both_ways(trimpath: bool, data: st.DataObject) -> None:
    """As Delve reads rules on Windows, each path becomes exactly the binary's name, and the name that path."""
    build = data.draw(builds(trimpath=trimpath))
    assume(len({local.lower() for local in build.names.values()}) == len(build.names))
    names = list(build.names)
    found = on_windows(map_paths(names, moved(build), module=build.module), names)
    here = {name: windows_name("C:" + local) or "" for name, local in build.names.items()}
    there = {name: substitute(local, [(one.local, one.binary) for one in found.rules]) for name, local in here.items()}
    back = {name: substitute(name, [(one.binary, one.local) for one in found.rules]) for name in names}
    assert ({name: name for name in names}, here, ()) == (there, back, found.unmapped)


def test_upper_case_costs_a_rule_for_its_file_or_its_directory() -> None:
    """Nothing is said twice: lower-case files follow the rule of their directory."""
    files = {
        "/ci/main.go": r"c:\ws\main.go",
        "/ci/Inner/a.go": r"c:\ws\Inner\a.go",
        "/ci/Inner/b.go": r"c:\ws\Inner\b.go",
        "/ci/low/Handler.go": r"c:\ws\low\Handler.go",
    }
    assert (
        Rule(r"c:\ws\low\Handler.go", "/ci/low/Handler.go", is_file=True),
        Rule(r"c:\ws\Inner", "/ci/Inner/"),
        Rule(r"c:\ws\low", "/ci/low/"),
        Rule(r"c:\ws", "/ci/"),
    ) == windows_rules([Rule("C:/ws", "/ci")], files)


def test_of_two_files_that_windows_does_not_tell_apart_one_has_a_place() -> None:
    """A checkout there has only one of them."""
    names = ["svc/Api.go", "svc/api.go"]
    paths = map_paths(names, Here(Workspace("C:/ws", (Module("C:/ws", "svc"),), ("Api.go", "api.go"))))
    assert ("svc/api.go",) == on_windows(paths, names).unmapped


def test_what_no_drive_holds_has_no_place() -> None:
    """A path of Linux means nothing to an editor on Windows."""
    paths = map_paths(["/ci/main.go"], Here(Workspace("/home/ann", (), ("main.go",))))
    found = on_windows(paths, ["/ci/main.go"])
    assert ((), ("/ci/main.go",)) == (found.rules, found.unmapped)
