"""F5 in the real editor: from a click beside a line to the process that runs on, behind a jump host."""

import contextlib
import shlex
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.editor.browser import TEST_LIMIT_S
from tests.editor.debugging import Debugging
from tests.editor.desk import Desk, Home
from tests.editor.window import Window
from tests.journeys.scene import HOST, Scene, scene
from tests.lab.lab import Lab
from tests.ops.debuggee import UNTOUCHED, State
from tests.patience import eventually

pytestmark = pytest.mark.timeout(TEST_LIMIT_S)

ON_PATH = Home({".profile": f"PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH\n"})
"""The home of somebody who has remotego on their PATH, and so calls it by its name in tasks.json."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What was seen on the way, in its order. ``state`` is the service's once the editor has left."""

    scene: Scene
    stopped: int
    fields: dict[str, str]
    stepped: int
    again: int
    state: State
    port_is_free: bool
    still_running: list[int]
    there: str
    left: str


@pytest.fixture(scope="module")
def journey(lab: Lab, desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Generate, open, click, F5, look, step, go on, leave, undo."""
    with scene(lab, tmp_path_factory.mktemp("journey"), "debug") as one:
        port = one.launch()["port"]
        one.developer.run("gen-launch", *one.choice, "--command", "remotego")
        with desk.window(one.workspace, "f5", ON_PATH) as window:
            seen = _debug(one, window)
            state = one.debuggee.state()
            free = eventually(lambda: _is_free(port))
        still_running = window.server.processes()
        there = one.traces()
        one.developer.run("undo", "--host", HOST)
        yield Journey(one, *seen, state, free, still_running, there, one.traces())


def _debug(one: Scene, window: Window) -> tuple[int, dict[str, str], int, int]:
    debugging, line = Debugging(window), one.line.number
    window.open_file(one.line.path.name)
    debugging.click_breakpoint(line)
    debugging.start()
    stopped = debugging.stopped_line()
    fields = _look(debugging)
    window.show_panel("Terminal")
    window.photograph("f5")
    debugging.step_over()
    stepped = debugging.stopped_line(other_than=stopped)
    debugging.go_on()
    again = debugging.stopped_line(other_than=stepped)
    debugging.click_breakpoint(line)
    debugging.go_on()
    debugging.wait_until_running()
    debugging.leave()
    return stopped, fields, stepped, again


def _look(debugging: Debugging) -> dict[str, str]:
    debugging.fold("Watch")
    for name in ("Locals", "s", "", "Place"):
        debugging.unfold(name)
    return {name: debugging.value(name) for name in ("Name", "Host", "Rack")}


def _is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


def test_the_editor_marks_the_line_of_the_breakpoint(journey: Journey) -> None:
    """F5 alone ends at the line that was clicked."""
    assert journey.scene.line.number == journey.stopped


def test_the_editor_shows_the_structs_fields(journey: Journey) -> None:
    """Plain and nested fields of the service are in the Variables view."""
    assert {"Name": '"ticker-debug"', "Host": '"app"', "Rack": "7"} == journey.fields


def test_f10_leads_to_the_next_line(journey: Journey) -> None:
    """The mark moves on by one step."""
    assert journey.scene.line.number + 1 == journey.stepped


def test_f5_leads_to_the_breakpoint_again(journey: Journey) -> None:
    """The service ran once round its loop meanwhile."""
    assert journey.scene.line.number == journey.again


def test_the_service_is_unharmed(journey: Journey) -> None:
    """Nothing but Shift+F5 was needed: no tracer, no trap in its code, no session, and it counts."""
    assert UNTOUCHED == journey.state


def test_the_task_ends_with_its_session(journey: Journey) -> None:
    """The local end of the tunnel is free again."""
    assert journey.port_is_free is True


def test_nothing_is_left_on_the_developers_machine(journey: Journey) -> None:
    """When the window and its server have gone, so has everything they started."""
    assert [] == journey.still_running


def test_only_the_store_is_left_until_undo(journey: Journey) -> None:
    """The deployed dlv stays for the next time."""
    assert [journey.scene.debuggee.store] == journey.there.splitlines()


def test_undo_leaves_nothing(journey: Journey) -> None:
    """After ``undo`` no process and no file of ours is on the target."""
    assert "" == journey.left
