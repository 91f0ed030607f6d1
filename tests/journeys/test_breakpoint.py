"""From the generated launch.json to a breakpoint behind a jump host, with a client that nobody here wrote."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.journeys.dap.client import Breakpoint, DapClient, Frame, Stop, Variable
from tests.journeys.scene import HOST, Scene, scene
from tests.lab.lab import Lab


@dataclass(frozen=True, slots=True)
class Journey:
    """What was seen on the way, in its order."""

    scene: Scene
    ready: dict[str, Any]
    opened: frozenset[tuple[str, str]]
    bound: list[Breakpoint]
    stop: Stop
    fields: dict[str, Variable]
    patched: bool
    into: Stop
    over: Stop
    ticked_on: bool
    tracer_after: int
    code_restored: bool
    there: str
    left: str


@pytest.fixture(scope="module", params=["debug", "trimpath"])
def journey(request: pytest.FixtureRequest, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Deploy, generate, attach, break, look, step, go on, leave, undo: once for each way of building."""
    with scene(lab, tmp_path_factory.mktemp(request.param), request.param) as one:
        yield _travel(one)


def _travel(one: Scene) -> Journey:
    configuration = one.launch()
    line, before = one.line, one.listeners()
    with one.developer.debugging(*one.choice) as ready, DapClient() as editor:
        bound = editor.attach(configuration["port"], configuration, {line.path: [line.number]})
        stop = editor.stopped()
        opened = one.listeners() - before
        fields = editor.fields(editor.locals(stop.top)["s"])
        patched = not one.debuggee.own_code()
        into = editor.step_in(stop)
        over = editor.step_over(editor.step_out(into))
        editor.set_breakpoints(line.path)
        editor.resume(over)
        editor.disconnect()
        ticked_on = one.debuggee.ticks()
    tracer_after, code_restored, there = one.debuggee.tracer(), one.debuggee.own_code(), one.traces()
    one.developer.run("undo", "--host", HOST)
    return Journey(
        one,
        ready,
        opened,
        bound,
        stop,
        fields,
        patched,
        into,
        over,
        ticked_on and one.debuggee.ticks(),
        tracer_after,
        code_restored,
        there,
        one.traces(),
    )


def _place(frame: Frame) -> tuple[str, int]:
    return frame.path, frame.line


def test_the_session_is_of_the_process_asked_for(journey: Journey) -> None:
    """``debug`` reports the pid that was chosen."""
    assert journey.scene.debuggee.pid == journey.ready["pid"]


def test_no_port_is_opened_on_the_way(journey: Journey) -> None:
    """Neither the jump host nor the target listens on a TCP port it did not listen on before."""
    assert frozenset() == journey.opened


def test_the_breakpoint_binds_by_the_local_path(journey: Journey) -> None:
    """A line of the workspace's file becomes a breakpoint of the remote process."""
    assert [Breakpoint(True, journey.scene.line.number, "")] == journey.bound


def test_the_process_stops_there(journey: Journey) -> None:
    """The stop is the breakpoint's, at the workspace's file and line."""
    line = journey.scene.line
    assert ("breakpoint", (str(line.path), line.number)) == (journey.stop.reason, _place(journey.stop.top))


def test_the_whole_stack_leads_to_local_files(journey: Journey) -> None:
    """Each frame of the service's own code names a file of the workspace."""
    own = [frame.path for frame in journey.stop.frames if frame.function.startswith("main.")]
    assert [str(journey.scene.workspace / "main.go")] * 3 == own


def test_a_structs_fields_are_read(journey: Journey) -> None:
    """Plain and nested fields show the service's state."""
    name = f'"ticker-{journey.scene.debuggee.flavour}"'
    shown = {field: journey.fields[field].value for field in ("Name", "Step")}
    assert {"Name": name, "Step": 'pace.Step {Size: 1, Name: "one"}'} == shown


def test_the_program_is_patched_while_stopped(journey: Journey) -> None:
    """The comparison of code with its file sees a breakpoint, so its later silence means something."""
    assert journey.patched is True


def test_a_step_leads_into_a_package(journey: Journey) -> None:
    """Stepping in arrives in the local file of a subpackage."""
    assert str(journey.scene.workspace / "pace" / "pace.go") == journey.into.top.path


def test_a_step_leads_to_the_next_line(journey: Journey) -> None:
    """Stepping out and over arrives at the line after the breakpoint."""
    line = journey.scene.line
    assert (str(line.path), line.number + 1) == _place(journey.over.top)


def test_the_counter_goes_on(journey: Journey) -> None:
    """The service runs after the editor has left, and after the session has ended."""
    assert journey.ticked_on is True


def test_nobody_traces_the_process_afterwards(journey: Journey) -> None:
    """Ctrl-C of ``debug`` detaches."""
    assert 0 == journey.tracer_after


def test_the_code_equals_its_file_afterwards(journey: Journey) -> None:
    """No trap is left in the program."""
    assert journey.code_restored is True


def test_only_the_store_is_left_until_undo(journey: Journey) -> None:
    """Ctrl-C of ``debug`` leaves no process; the deployed dlv stays for the next time."""
    assert [journey.scene.debuggee.store] == journey.there.splitlines()


def test_undo_leaves_nothing(journey: Journey) -> None:
    """After ``undo`` no process and no file of ours is on the target."""
    assert "" == journey.left
