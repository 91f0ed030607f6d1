"""An editor on Windows and a dlv on Linux: breakpoints bind although Delve makes paths lower-case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import cast

import pytest

from remotego.delve.paths import PathMap
from remotego.delve.windows import on_windows, windows_name
from remotego.golang.filetable import source_files
from tests.flavours.computed import line_of, mapped, wanted
from tests.flavours.debugging import configuration, headless
from tests.flavours.world import FLAVOURS, World, goroot
from tests.journeys.dap.client import DapClient

WINDOWS = ("plain", "trimmed", "go.work, trimmed", "vendored", "Bazel, all trimmed")


@dataclass(frozen=True, slots=True)
class Drive:
    """The developer's machine, were it Windows."""

    world: World

    def place(self, path: str) -> str:
        """The name a directory or file would have."""
        there = path.replace(str(self.world.home), "C:/Users/Ann").replace(str(goroot()), "C:/Program Files/Go")
        return windows_name(there) or ""

    def moved(self, paths: PathMap, files: Sequence[str]) -> PathMap:
        """The rules for that machine."""
        rules = tuple(replace(rule, local=self.place(rule.local).replace("\\", "/")) for rule in paths.rules)
        return on_windows(replace(paths, rules=rules), files)


@dataclass(frozen=True, slots=True)
class Seen:
    """``wanted`` are the files with breakpoints; ``bound`` those that did; ``stops`` where it stood."""

    wanted: dict[str, str]
    bound: dict[str, bool]
    stops: frozenset[str]
    unmapped: tuple[str, ...]


@pytest.fixture(scope="module", params=WINDOWS)
def seen(request: pytest.FixtureRequest, world: World, dlv: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Map, debug: once for each flavour."""
    flavour, drive = FLAVOURS[request.param], Drive(world)
    with pytest.MonkeyPatch.context() as patch, world.program(flavour).open("rb") as file:
        paths = drive.moved(mapped(world, flavour, patch), source_files(file))
    files = {what: (drive.place(str(path)), line_of(path)) for what, path in wanted(world, flavour).items()}
    lines = cast("Mapping[Path, Sequence[int]]", {PureWindowsPath(name): [line] for name, line in files.values()})
    with headless(dlv, world.program(flavour), tmp_path_factory.mktemp("there")) as port, DapClient() as editor:
        bound = editor.attach(port, configuration(paths.rules), lines)
        stops = []
        for _ in files:
            stops.append(editor.stopped())
            editor.resume(stops[-1])
    verified = dict(zip(files, (one.verified for one in bound), strict=True))
    named = {what: name for what, (name, _) in files.items()}
    return Seen(named, verified, frozenset(stop.top.path for stop in stops), paths.unmapped)


def test_every_breakpoint_binds(seen: Seen) -> None:
    """Backslashes, a drive, and upper-case letters in directories and files."""
    assert dict.fromkeys(seen.wanted, True) == seen.bound


def test_the_process_stops_in_the_files_that_are_open(seen: Seen) -> None:
    """Letter by letter, so that the editor opens no second one."""
    assert frozenset(seen.wanted.values()) == seen.stops


def test_no_file_is_left_without_a_place(seen: Seen) -> None:
    """All of it is on that drive."""
    assert () == seen.unmapped
