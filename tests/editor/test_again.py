"""Keys that are pressed by habit: F5 again right after leaving, and Restart at a breakpoint."""

import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.editor.browser import TEST_LIMIT_S
from tests.editor.debugging import Debugging
from tests.editor.desk import Desk
from tests.editor.window import Window
from tests.journeys.scene import Scene, scene
from tests.lab.lab import Lab
from tests.ops.debuggee import UNTOUCHED, State
from tests.patience import eventually

pytestmark = pytest.mark.timeout(TEST_LIMIT_S)

NOTING = '{remotego} "$@"\ncode=$?\necho "$1 $code" >> {notes}\nexit $code\n'
"""A program that does what remotego does, and notes when that has ended: F5's tasks announce it nowhere."""


@dataclass(frozen=True, slots=True)
class Habits:
    """``first`` was stopped, ``again`` after leaving and F5 at once, ``kept`` once what was left had been released,
    ``stepped`` from there; ``restarted`` after Restart.
    """

    scene: Scene
    first: int
    again: int
    kept: int
    stepped: int
    restarted: int
    notes: list[str]
    state: State


@pytest.fixture(scope="module")
def habits(lab: Lab, desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Habits]:
    """F5, leave, F5 at once, step, leave; F5, Restart, leave."""
    folder = tmp_path_factory.mktemp("again")
    notes, program = folder / "notes", folder / "noting-remotego"
    real = shlex.join([sys.executable, "-m", "remotego"])
    program.write_text("#!/bin/sh\n" + NOTING.format(remotego=real, notes=shlex.quote(str(notes))))
    program.chmod(0o755)
    with scene(lab, folder, "debug") as one:
        one.developer.run("gen-launch", *one.choice, "--command", str(program))
        with desk.window(one.workspace, "again") as window:
            seen = _press(one, window, notes)
            state = one.debuggee.state()
        yield Habits(one, *seen, sorted(notes.read_text().splitlines()), state)


def _press(one: Scene, window: Window, notes: Path) -> tuple[int, int, int, int, int]:
    debugging = Debugging(window)
    window.open_file(one.line.path.name)
    debugging.click_breakpoint(one.line.number)
    debugging.start()
    first = debugging.stopped_line()
    debugging.leave()
    debugging.start()
    again = debugging.stopped_line()
    _await_ended(notes, "release", 1)
    window.wait_for_tasks(1)
    kept = debugging.line_now()
    debugging.step_over()
    stepped = debugging.stopped_line(other_than=kept)
    debugging.leave()
    _await_ended(notes, "release", 2)
    window.wait_for_tasks(0)
    debugging.start()
    debugging.stopped_line()
    debugging.restart()
    debugging.wait_until_running()
    restarted = debugging.stopped_line()
    debugging.leave()
    _await_ended(notes, "release", 4)
    return first, again, kept, stepped, restarted


def _await_ended(notes: Path, verb: str, times: int) -> None:
    def ended() -> int:
        return sum(line.startswith(f"{verb} ") for line in notes.read_text().splitlines()) if notes.exists() else 0

    assert eventually(lambda: ended() >= times, TEST_LIMIT_S / 4), f"{verb} has ended {ended()} times, not {times}"


def test_f5_pressed_at_once_stops_at_the_breakpoint(habits: Habits) -> None:
    """The editor takes the session that is still there."""
    assert [habits.scene.line.number] * 2 == [habits.first, habits.again]


def test_what_f5_took_stays_when_what_was_left_is_released(habits: Habits) -> None:
    """The postDebugTask of the first comes when the second is up: that stands where it was, and steps."""
    line = habits.scene.line.number
    assert (line, line + 1) == (habits.kept, habits.stepped)


def test_restart_leads_to_the_breakpoint_again(habits: Habits) -> None:
    """The editor leaves, and begins anew."""
    assert habits.scene.line.number == habits.restarted


def test_every_task_has_ended_well(habits: Habits) -> None:
    """Three sessions, and one release for each time the editor left."""
    assert ["debug 0"] * 3 + ["release 0"] * 4 == habits.notes


def test_the_service_is_unharmed(habits: Habits) -> None:
    """After all that it runs as before."""
    assert UNTOUCHED == habits.state
