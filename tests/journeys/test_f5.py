"""F5 alone: the generated files, run as VS Code runs them, from nothing to a breakpoint and back to nothing."""

import os
import re
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from remotego.adapters.claims import find_claim
from remotego.vscode.problems import READY
from tests.demo.developer import Developer
from tests.demo.service import marked_line
from tests.journeys.dap.client import Breakpoint, DapClient
from tests.journeys.scene import Scene, scene
from tests.journeys.vscode import Problem, Window, window
from tests.lab.lab import Lab
from tests.ops.debuggee import UNTOUCHED, State

OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHqYvVV3lr0zC1sLkU1fRDL2ZC1Y2Hdp0eHkK5p0Tq5b"


@pytest.fixture(scope="module")
def f5(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A service, and a workspace in which gen-launch has written its files."""
    with scene(lab, tmp_path_factory.mktemp("f5"), "debug") as ready:
        ready.developer.run("gen-launch", *ready.choice)
        yield ready


@pytest.fixture
def editor(f5: Scene) -> Iterator[Window]:
    """A window with that workspace."""
    with window(f5.workspace, environment(f5)) as opened:
        yield opened


def environment(of: Scene) -> dict[str, str]:
    """The environment of the editor: claims are kept apart from those of others."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("REMOTEGO_")}
    places = {f"XDG_{kind}_HOME": str(of.workspace.parent / kind.lower()) for kind in ("CONFIG", "STATE")}
    return clean | places


@dataclass(frozen=True, slots=True)
class Seen:
    """What one F5 showed."""

    begun: bool
    bound: list[Breakpoint]
    stopped: tuple[str, int]
    released: int
    task: int
    problems: list[Problem]
    state: State
    claims: list[Path]


@pytest.fixture(scope="module")
def seen(f5: Scene) -> Seen:
    """Press F5, stop at a breakpoint, disconnect."""
    with window(f5.workspace, environment(f5)) as opened:
        configuration, line = opened.configuration(), f5.line
        task = opened.before(configuration)
        with DapClient() as client:
            bound = client.attach(configuration["port"], configuration, {line.path: [line.number]})
            top = client.stopped().top
            client.disconnect()
        released = opened.after(configuration)
        code = task.await_end()
        claims = [*(f5.workspace.parent / "state").rglob("*.json")]
        return Seen(
            task.collector.begun,
            bound,
            (top.path, top.line),
            released.returncode,
            code,
            opened.shown(),
            f5.debuggee.state(),
            claims,
        )


def test_the_breakpoint_is_hit(f5: Scene, seen: Seen) -> None:
    """The editor stops at the line in the workspace's own file."""
    line = f5.line
    assert (True, [Breakpoint(True, line.number, "")], (str(line.path), line.number)) == (
        seen.begun,
        seen.bound,
        seen.stopped,
    )


def test_nothing_is_left(seen: Seen) -> None:
    """After the postDebugTask the service is as it was, and both tasks have ended well."""
    assert (0, 0, [], UNTOUCHED, []) == (seen.released, seen.task, seen.problems, seen.state, seen.claims)


def test_a_second_run_of_gen_launch_changes_nothing(f5: Scene) -> None:
    """The files are the same bytes."""
    files = [f5.workspace / ".vscode" / name for name in ("launch.json", "tasks.json")]
    before = [file.read_bytes() for file in files]
    f5.developer.run("gen-launch", *f5.choice)
    assert before == [file.read_bytes() for file in files]


def test_a_second_f5_uses_what_is_there(f5: Scene, editor: Window) -> None:
    """An editor that comes back soon, as when it restarts, finds the tunnel as it was."""
    configuration, line = editor.configuration(), f5.line
    first = editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {})
        client.disconnect()
    second = editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {line.path: [line.number]})
        stopped = client.stopped().top.line
    editor.after(configuration)
    assert (True, line.number, UNTOUCHED) == (first is second, stopped, f5.debuggee.state())


def test_what_f5_has_taken_again_is_not_released(f5: Scene, editor: Window) -> None:
    """Whoever presses F5 at once comes before the postDebugTask of what they left: they keep what they took."""
    configuration, line = editor.configuration(), f5.line
    editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {})
        client.disconnect()
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {line.path: []})
        kept = editor.after(configuration)
        client.set_breakpoints(line.path, line.number)
        stopped = client.stopped().top.line
        client.disconnect()
    editor.after(configuration)
    assert (b"in use", line.number, UNTOUCHED) == (kept.stdout.split(b"  ")[1], stopped, f5.debuggee.state())


def test_an_editor_that_vanishes_ends_the_task(f5: Scene, editor: Window) -> None:
    """Without a postDebugTask the task ends by itself once its editor has stayed away."""
    configuration, line = editor.configuration(), f5.line
    task = editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {line.path: [line.number]})
        client.stopped()
    code = task.await_end()
    assert (0, UNTOUCHED, []) == (code, f5.debuggee.state(), editor.shown())


def test_another_window_takes_an_idle_port_over(f5: Scene, editor: Window) -> None:
    """A window that was left behind with its task does not stand in the way."""
    configuration = editor.configuration()
    left = editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {})
        client.disconnect()
    with window(f5.workspace, environment(f5)) as other:
        other.before(configuration)
        with DapClient() as client:
            client.attach(configuration["port"], configuration, {})
            client.disconnect()
        other.after(configuration)
        problems = other.shown()
    assert (0, [], UNTOUCHED) == (left.await_end(), problems, f5.debuggee.state())


def retold(of: Scene, folder: Path, pid: int) -> Path:
    """The same workspace once more, whose task is about another process on the same port."""
    workspace = Path(shutil.copytree(of.workspace, folder / str(pid)))
    tasks = workspace / ".vscode" / "tasks.json"
    tasks.write_text(tasks.read_text().replace(f'"{of.debuggee.pid}"', f'"{pid}"'))
    return workspace


def test_a_task_whose_editor_has_yet_to_come_is_left(f5: Scene, editor: Window, tmp_path: Path) -> None:
    """By the same F5, by one for another process, and by one for none: each is one problem, and the first goes on."""
    configuration, line = editor.configuration(), f5.line
    first = editor.before(configuration)
    others = [f5.workspace, retold(f5, tmp_path, f5.lab.pid("ticker-debug")), retold(f5, tmp_path, 4194303)]
    found = []
    for workspace in others:
        with window(workspace, environment(f5)) as other:
            other.before(other.configuration()).await_end()
            found.append([(one.code, "waits" in one.message, "else" in one.message) for one in other.shown()])
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {line.path: [line.number]})
        stopped = client.stopped().top.line
        holder = f5.debuggee.tracer() != 0
        client.disconnect()
    runs = first.runs
    editor.after(configuration)
    assert ([[("port-held", True, False)], *[[("port-held", False, True)]] * 2], line.number, True, True) == (
        found,
        stopped,
        holder,
        runs,
    )


def test_nobody_is_ended_by_who_cannot_start(f5: Scene, editor: Window, tmp_path: Path) -> None:
    """A window that does not get to the host leaves a task that has been left to its own end."""
    configuration = editor.configuration()
    left = editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {})
        client.disconnect()
    broken = copied(f5, tmp_path)
    settle(f5, broken, ssh_config=str(estranged(f5.lab, tmp_path)))
    with window(broken, environment(f5)) as other:
        other.before(configuration).await_end()
        found = [one.code for one in other.shown()]
    left.await_end()
    assert (["host-key-changed"], 1) == (found, sum("the editor has gone" in said for said in left.lines))


def test_of_two_at_once_one_begins(f5: Scene, editor: Window) -> None:
    """The other says that it does not, and does not end the first."""
    configuration = editor.configuration()
    with window(f5.workspace, environment(f5)) as second:
        with ThreadPoolExecutor() as threads:
            tasks = list(threads.map(lambda opened: opened.before(configuration), (editor, second)))
        if not tasks[0].runs:
            tasks.reverse()
        lost = tasks[1].await_end()
        found = [one.code for opened in (editor, second) for one in opened.shown()]
        ready = any(READY in said for said in tasks[0].lines)
        editor.after(configuration)
    assert (2, ["port-held"], True, UNTOUCHED) == (lost, found, ready, f5.debuggee.state())


def test_a_task_that_is_interrupted_says_so(f5: Scene, tmp_path: Path) -> None:
    """Before its session is up, or VS Code would attach to nothing; this one waits for a process that never comes."""
    waiting = copied(f5, tmp_path)
    tasks = waiting / ".vscode" / "tasks.json"
    tasks.write_text(re.sub(rf'"--pid",\s*"{f5.debuggee.pid}"', '"--wait-for", "nobody"', tasks.read_text()))
    with window(waiting, environment(f5)) as opened:
        task = opened.begin(opened.configuration()["preLaunchTask"])
        task.await_line("waiting for a process called nobody")
        task.child.terminate()
        code = task.await_end()
        found = [one.code for one in opened.shown()]
    assert (130, ["interrupted"]) == (code, found)


def test_a_task_that_was_killed_is_released_all_the_same(f5: Scene, editor: Window) -> None:
    """The session of a task that could not end it is ended from its note."""
    configuration = editor.configuration()
    task = editor.before(configuration)
    task.child.kill()
    task.child.wait()
    released = editor.after(configuration)
    folder = f5.workspace.parent / "state" / "remotego" / "tasks"
    left = find_claim(folder, configuration["port"])
    assert (0, None, UNTOUCHED) == (released.returncode, left, f5.debuggee.state()), released.stderr


def test_what_a_killed_task_has_left_is_named(f5: Scene, tmp_path: Path) -> None:
    """F5 at once, while its guard still waits: the remedy ends that session, and no other of this login."""
    broken = copied(f5, tmp_path)
    line = marked_line(broken)
    settle(f5, broken, lease="120s")
    with window(broken, environment(f5)) as opened:
        configuration = opened.configuration()
        task = opened.before(configuration)
        with DapClient() as client:
            client.attach(configuration["port"], configuration, {line.path: [line.number]})
            client.stopped()
            task.child.kill()
            task.await_end()
        opened.before(configuration).await_end()
        (problem,) = opened.shown()
    advised = re.search(r"`remotego (stop --host app --session [0-9a-f]+)`", problem.message)
    assert advised is not None, problem.message
    f5.developer.run(*advised[1].split())
    assert ("already-traced", UNTOUCHED) == (problem.code, f5.debuggee.state())


def test_releasing_twice_is_nothing(editor: Window) -> None:
    """With nothing to end there is nothing to do."""
    released = editor.after(editor.configuration())
    assert (0, b"nothing to do") == (released.returncode, b"  ".join(released.stdout.split(b"  ")[1:2]))


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_the_red_square_spares_the_service(f5: Scene, editor: Window, running: bool) -> None:
    """Stop, Restart and the end of a compound ask dlv to end the process; it runs on."""
    configuration, line = editor.configuration(), f5.line
    editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {} if running else {line.path: [line.number]})
        if not running:
            client.stopped()
        client.stop()
    editor.after(configuration)
    assert UNTOUCHED == f5.debuggee.state()


def test_restart_is_to_attach_anew(f5: Scene, editor: Window) -> None:
    """VS Code restarts what offers no restart by leaving, its tasks, and a new connection."""
    configuration, line = editor.configuration(), f5.line
    editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {line.path: [line.number]})
        client.stopped()
        offered = client.offers().get("supportsRestartRequest")
        client.stop()
    editor.after(configuration)
    editor.before(configuration)
    with DapClient() as client:
        client.attach(configuration["port"], configuration, {line.path: [line.number]})
        stopped = client.stopped().top.line
        client.disconnect()
    editor.after(configuration)
    assert (False, line.number, UNTOUCHED) == (offered, stopped, f5.debuggee.state())


def problems_twice(opened: Window) -> list[list[tuple[str, str, bool]]]:
    """Press F5 twice where it fails: each time code, file and whether a remedy is named."""
    found = []
    for _ in range(2):
        task = opened.before(opened.configuration())
        task.await_end()
        found.append([(one.code, Path(one.file).parent.name, "; try: " in one.message) for one in opened.shown()])
    return found


def test_a_wrong_host_key_is_one_problem(lab: Lab, tmp_path: Path, f5: Scene) -> None:
    """Each time, so that it does not vanish with the second F5."""
    broken = copied(f5, tmp_path)
    settle(f5, broken, ssh_config=str(estranged(lab, tmp_path)))
    with window(broken, environment(f5)) as opened:
        found = problems_twice(opened)
    assert [[("host-key-changed", ".vscode", True)]] * 2 == found


def test_a_process_that_may_not_be_traced_is_one_problem(lab: Lab, tmp_path: Path, f5: Scene) -> None:
    """Another user's process, and no policy that would help."""
    broken = copied(f5, tmp_path)
    settle(f5, broken, ptrace="none")
    tasks = broken / ".vscode" / "tasks.json"
    tasks.write_text(tasks.read_text().replace(f'"{f5.debuggee.pid}"', f'"{lab.pid("ticker-svc")}"'))
    with window(broken, environment(f5)) as opened:
        found = problems_twice(opened)
    assert [[("uid-differs", ".vscode", True)]] * 2 == found


@pytest.mark.parametrize(
    ("settings", "host", "pid", "code"),
    [
        ({}, "app", 4194303, "no-process"),
        ({"go": "/no/go", "store": "/home/dev/.journey-none"}, "app", None, "no-toolchain"),
        ({}, "app-nologin", None, "no-shell"),
    ],
    ids=["missing", "build", "host"],
)
def test_every_class_of_error_is_one_problem(
    tmp_path: Path, f5: Scene, settings: dict[str, str], host: str, pid: int | None, code: str
) -> None:
    """Something that is not there, that cannot be built, that the host fails at; the others stand by themselves."""
    broken = copied(f5, tmp_path)
    settle(f5, broken, **settings)
    tasks = broken / ".vscode" / "tasks.json"
    text = tasks.read_text().replace('"app"', f'"{host}"')
    tasks.write_text(text.replace(f'"{f5.debuggee.pid}"', f'"{pid or f5.debuggee.pid}"'))
    with window(broken, environment(f5)) as opened:
        found = problems_twice(opened)
    assert [[(code, ".vscode", True)]] * 2 == found


def test_a_taken_port_is_one_problem(tmp_path: Path, f5: Scene) -> None:
    """Somebody else listens where the tunnel should begin; the problem stands at our entry."""
    broken = copied(f5, tmp_path)
    with window(broken, environment(f5)) as opened, socket.create_server(("127.0.0.1", f5_port(opened))):
        found = problems_twice(opened)
        line = opened.shown()[0].line
    assert ([[("port-taken", ".vscode", True)]] * 2, True) == (found, line > 1)


def estranged(lab: Lab, folder: Path) -> Path:
    """An ssh_config by which the host has another key than it had."""
    known, config = folder / "known_hosts", folder / "ssh_config"
    name = lab.resolved_or_none("app", "hostkeyalias") or lab.resolved("app", "hostname")
    known.write_text(f"{name} {OTHER_KEY}\n")
    config.write_text(f"Host app\n  UserKnownHostsFile {known}\n{lab.ssh_config.read_text()}")
    return config


def f5_port(opened: Window) -> int:
    """The port of the only configuration."""
    return int(opened.configuration()["port"])


def copied(of: Scene, folder: Path) -> Path:
    """The same workspace once more, to be broken."""
    return Path(shutil.copytree(of.workspace, folder / "broken"))


def settle(of: Scene, workspace: Path, **other: str) -> None:
    """Give a workspace the scene's settings, save what is to be broken."""
    settings: dict[str, str | int] = {"ssh_config": str(of.lab.ssh_config), "store": of.debuggee.store}
    Developer(workspace, print).prefer(**(settings | other))
