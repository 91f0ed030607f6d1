"""The play: from nothing to a breakpoint behind a jump host, and back to nothing."""

import time
from pathlib import Path

from tests.demo import processes, service, stage, text
from tests.demo.developer import Developer, free_port
from tests.demo.editor import Editor, configuration
from tests.demo.place import SERVICE, TARGET
from tests.demo.service import Line
from tests.demo.show import Show

TICK_LIMIT_S = 30.0
STACK_LINES = 4


class PromiseBrokenError(Exception):
    """Something the product promises did not hold."""


def play(show: Show) -> None:
    """Play all acts. Raises PromiseBrokenError, or RuntimeError where a command fails."""
    with stage.folder() as place:
        show.act("A service on a target that only a jump host can reach")
        show.say("building the sample service (Go, without optimisation) ...")
        service.build(place)
        line = service.check_out(place)
        with stage.machines(place) as scene:
            show.say(f"{SERVICE} runs as pid {scene.service_pid}; ssh_config: {place.ssh_config}")
            _rehearse(show, scene, line)


def _rehearse(show: Show, scene: stage.Stage, line: Line) -> None:
    before = scene.files()
    developer = Developer(scene.place.workspace, show.command)
    developer.prefer(ssh_config=str(scene.place.ssh_config), local_port=free_port())
    show.act("Put a Delve there that fits")
    developer.run("deploy-dlv", "--host", TARGET)
    show.act("Tell VS Code how to attach")
    choice = ("--host", TARGET, "--process", SERVICE)
    developer.run("gen-launch", *choice)
    config = configuration(scene.place.workspace)
    show.json(config)
    show.act("Press F5")
    with developer.debugging(*choice) as ready:
        _expect(show, f"pid {scene.service_pid} is found by its name", ready["pid"] == scene.service_pid)
        _debug(show, config, line)
        _expect(show, f"{SERVICE} goes on counting, still attached", _ticks(scene))
    show.act("Leave everything as it was")
    developer.run("undo", "--host", TARGET)
    _leave(show, scene, before)


def _debug(show: Show, config: dict[str, object], line: Line) -> None:
    with Editor(config) as editor:
        stop = editor.break_at(line)
        show.stopped(line, stop.frames[:STACK_LINES], stop.variables)
        top = stop.frames[0]
        _expect(show, "the breakpoint set in the workspace stops the remote process", stop.reason == "breakpoint")
        _expect(show, "the stack leads to the workspace's files", Line(Path(top.path), top.line) == line)
        named = {field.name: field.text for value in stop.variables for field in value.fields}
        _expect(show, "the struct's fields can be read", named["Name"] == f'"{SERVICE}"')
        editor.go_on(stop, line)


def _leave(show: Show, scene: stage.Stage, before: set[str]) -> None:
    code = text.in_file(scene.place.service)
    status = Path(f"/proc/{scene.service_pid}/status").read_text()
    _expect(show, f"{SERVICE} goes on counting", _ticks(scene))
    _expect(show, "nobody traces it", "TracerPid:\t0\n" in status)
    _expect(show, "its code in memory equals its file", text.in_memory(scene.service_pid, code) == code)
    _expect(show, "no other process is left on the target", not _strangers(scene), scene.strangers())
    _expect(show, "no file is left on the target", scene.files() == before, scene.files() - before)


def _ticks(scene: stage.Stage) -> bool:
    """Whether the counter moves within a bounded time."""
    first, deadline = scene.count(), time.monotonic() + TICK_LIMIT_S
    while scene.count() == first and time.monotonic() < deadline:
        time.sleep(0.02)
    return scene.count() > first


def _strangers(scene: stage.Stage) -> list[processes.Process]:
    """What still runs when shells had a moment to end after their connection."""
    deadline = time.monotonic() + TICK_LIMIT_S
    while scene.strangers() and time.monotonic() < deadline:
        time.sleep(0.02)
    return scene.strangers()


def _expect(show: Show, promise: str, kept: bool, evidence: object = "") -> None:
    if not kept:
        show.broken(promise)
        raise PromiseBrokenError(f"{promise}: {evidence}" if evidence else promise)
    show.held(promise)
