"""What remotego computes for a flavour, and the files a developer has open."""

from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.adapters.workspace import survey_workspace
from remotego.delve.paths import PathMap
from remotego.golang.buildinfo import parse_build_info
from remotego.golang.filetable import source_files
from remotego.golang.modinfo import ModInfo
from remotego.ops.building import Workshop
from remotego.ops.source_paths import map_here
from tests.flavours.texts import MARK
from tests.flavours.world import Flavour, World, goroot

STANDARD = "func Fprintln("


def mapped(world: World, flavour: Flavour, monkeypatch: pytest.MonkeyPatch) -> PathMap:
    """What remotego computes on the developer's machine."""
    monkeypatch.setenv("GOMODCACHE", str(world.modcache))
    with world.program(flavour).open("rb") as file:
        info, files = parse_build_info(file), source_files(file)
    if flavour.bazel:
        object.__setattr__(info, "mod", ModInfo())
    workspace = survey_workspace(world.tree(flavour) / flavour.opened)
    return map_here(info, files, workspace, Workshop(go=str(bundled_go())))


def line_of(path: Path) -> int:
    """The line that is good for a breakpoint."""
    marked = (
        number for number, line in enumerate(path.read_text().splitlines(), 1) if MARK in line or STANDARD in line
    )
    return next(marked)


def wanted(world: World, flavour: Flavour) -> dict[str, Path]:
    """The developer's files, by what they are."""
    service = world.tree(flavour) / "Svc"
    files = {
        "main": service / "main.go",
        "package": service / "Inner" / "inner.go",
        "upper": service / "Inner" / "Handler.go",
        "dependency": world.local(flavour.dep, flavour) / "dep.go",
        "library": world.local(flavour.lib, flavour) / "lib.go",
        "standard": goroot() / "src" / "fmt" / "print.go",
    }
    return files | ({"native": service / "Inner" / "twice.c"} if flavour.tree == "cgo" else {})
