"""With the computed rules breakpoints bind in every flavour, and stacks lead to files that are here."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from remotego.delve.paths import PathMap
from tests.flavours.computed import line_of, mapped, wanted
from tests.flavours.debugging import configuration, headless
from tests.flavours.world import FLAVOURS, World
from tests.journeys.dap.client import DapClient
from tests.lab.fixtures import need

NO_FILES = frozenset(("", "?", "_cgo_gotypes.go", "cgo-gcc-prolog"))
"""What cgo makes and throws away; no machine has it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """``wanted`` are the files with breakpoints; ``bound`` those that did; ``stops`` where it stood."""

    paths: PathMap
    wanted: dict[str, Path]
    bound: dict[str, bool]
    stops: frozenset[str]
    frames: frozenset[str]


@pytest.fixture(scope="module", params=FLAVOURS)
def seen(request: pytest.FixtureRequest, world: World, dlv: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Build, map, debug: once for each flavour."""
    flavour = FLAVOURS[request.param]
    if flavour.tree == "cgo":
        need("gcc")
    with pytest.MonkeyPatch.context() as patch:
        paths = mapped(world, flavour, patch)
    files = wanted(world, flavour)
    lines = {path: [line_of(path)] for path in files.values()}
    with headless(dlv, world.program(flavour), tmp_path_factory.mktemp("there")) as port, DapClient() as editor:
        bound = editor.attach(port, configuration(paths.rules), lines)
        stops = []
        for _ in files:
            stops.append(editor.stopped())
            editor.resume(stops[-1])
    frames = frozenset(frame.path for stop in stops for frame in stop.frames)
    verified = dict(zip(files, (one.verified for one in bound), strict=True))
    return Seen(paths, files, verified, frozenset(stop.top.path for stop in stops), frames)


def test_every_breakpoint_binds(seen: Seen) -> None:
    """In main, in a package beside it, in dependencies, in the standard library, and in C."""
    assert dict.fromkeys(seen.wanted, True) == seen.bound


def test_the_process_stops_in_the_files_that_are_open(seen: Seen) -> None:
    """Each stop names the file the breakpoint was set in, letter by letter."""
    assert {str(path) for path in seen.wanted.values()} == seen.stops


def test_every_frame_of_the_stacks_is_a_file_here(seen: Seen) -> None:
    """Also callers in the standard library."""
    frames = (Path(frame) for frame in seen.frames)
    assert [] == [frame for frame in frames if frame.name not in NO_FILES and not frame.is_file()]


def test_no_file_is_left_without_a_place(seen: Seen) -> None:
    """What was compiled is on the developer's machine, all of it."""
    assert {} == seen.paths.reasons
