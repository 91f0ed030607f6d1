"""Sessions on a real host: however they end, the process runs on as if nothing had been."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from remotego.adapters.ssh.network import SshNetwork
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, finished, fresh_store, next_event, running
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import EDITORS, debugging, rpc_client, stopped_editor, watching_editor

every_editor = pytest.mark.parametrize("editor", EDITORS.values(), ids=EDITORS)
INTERRUPTED = {signal.SIGINT: 0, signal.SIGTERM: 0, signal.SIGHUP: 0, signal.SIGKILL: -signal.SIGKILL}


@pytest.fixture(scope="module")
def controller(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A developer's machine whose store on app has dlv already; it is taken back at the end."""
    controller = Controller(lab, tmp_path_factory.mktemp("machine"), fresh_store())
    controller.run("deploy-dlv", "--host", "app")
    yield controller
    controller.run("undo", "--host", "app")


@pytest.fixture
def debuggee(lab: Lab, ticker: int, controller: Controller) -> Debuggee:
    """A service that only this test knows."""
    assert controller.store is not None
    return Debuggee(lab, ticker, controller.store)


@every_editor
@pytest.mark.parametrize("number", INTERRUPTED, ids=lambda number: number.name)
def test_signal_to_the_controller(
    controller: Controller, debuggee: Debuggee, editor: Callable[..., Any], number: signal.Signals
) -> None:
    """Whatever ends the controller, and whatever the editor does, the process is free and whole."""
    with debugging(controller, debuggee) as (child, ready), editor(ready, debuggee):
        child.send_signal(number)
        done = finished(child)
        state = debuggee.state()
    assert (INTERRUPTED[number], UNTOUCHED) == (done.exit_code, state), done.stderr


def test_terminal_client_that_waits(controller: Controller, debuggee: Debuggee) -> None:
    """A client of Delve's other protocol is cut off like an editor."""
    with debugging(controller, debuggee) as (child, ready), rpc_client(ready, debuggee):
        child.send_signal(signal.SIGINT)
        done = finished(child)
        state = debuggee.state()
    assert (0, UNTOUCHED) == (done.exit_code, state), done.stderr


@every_editor
def test_stop_from_elsewhere(controller: Controller, debuggee: Debuggee, editor: Callable[..., Any]) -> None:
    """Another controller ends the session; the first one ends well."""
    with debugging(controller, debuggee) as (child, ready), editor(ready, debuggee):
        stopped = controller.run("stop", "--host", "app", "--json")
        done = finished(child)
        state = debuggee.state()
    outcomes = [one["outcome"] for one in stopped.document["hosts"][0]["sessions"]]
    assert (["clean"], 0, UNTOUCHED) == (outcomes, done.exit_code, state), done.stderr


def test_stop_of_a_controller_that_stands_still(controller: Controller, debuggee: Debuggee) -> None:
    """A controller that does not react loses its connection."""
    with debugging(controller, debuggee) as (child, ready), watching_editor(ready, debuggee):
        child.send_signal(signal.SIGSTOP)
        stopped = controller.run("stop", "--host", "app", "--json")
        child.send_signal(signal.SIGCONT)
        done = finished(child)
        state = debuggee.state()
    assert (0, 3, UNTOUCHED) == (stopped.exit_code, done.exit_code, state), stopped.stderr


def test_closed_terminal(controller: Controller, debuggee: Debuggee) -> None:
    """Closing the terminal window ends the session as Ctrl-C does."""
    words = ("debug", "--host", "app", "--pid", str(debuggee.pid), "--port", "0")
    exit_code = controller.run_until_terminal_closes(b"Ctrl-C", *words)
    assert (0, UNTOUCHED) == (exit_code, debuggee.state())


def test_process_that_exits(lab: Lab, controller: Controller, debuggee: Debuggee) -> None:
    """When the process ends, so does the session."""
    with debugging(controller, debuggee) as (child, _):
        lab.kill(debuggee.pid)
        ended = next_event(child)
        done = finished(child)
    assert ("exited", 0, ()) == (ended["outcome"], done.exit_code, debuggee.left())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_signal_before_the_session_is_up(controller: Controller, debuggee: Debuggee, number: signal.Signals) -> None:
    """A controller that ends as soon as dlv has attached, before it has heard of it."""
    start = ("debug", "--host", "app", "--pid", str(debuggee.pid), "--port", "0")
    with running(controller.start(*start)) as child:
        traced = any(debuggee.tracer() for _ in range(500))
        child.send_signal(number)
        done = finished(child)
    ends = (0, 130) if number == signal.SIGINT else (-signal.SIGKILL,)
    assert (True, True, UNTOUCHED) == (traced, done.exit_code in ends, debuggee.state()), done.stderr


def test_clients_that_say_nothing(lab: Lab, controller: Controller, debuggee: Debuggee, network: SshNetwork) -> None:
    """A port scanner's bare connections, which Delve never closes, do not hold the session."""
    with debugging(controller, debuggee) as (child, ready):
        with network.reach("app") as host:
            for _ in range(5):
                host.connect_unix(f"{ready['directory']}/dlv.sock").close()
        child.send_signal(signal.SIGINT)
        done = finished(child)
    assert (0, UNTOUCHED) == (done.exit_code, debuggee.state()), done.stderr


def test_session_is_listed_as_held(controller: Controller, debuggee: Debuggee) -> None:
    """While a controller holds it, anybody with the login sees whose it is."""
    with debugging(controller, debuggee) as (child, ready):
        found = controller.run("sessions", "--host", "app", "--json").document["hosts"][0]["sessions"]
        child.send_signal(signal.SIGINT)
        finished(child)
    assert [(debuggee.pid, "held", False, ready["directory"])] == [
        (one["pid"], one["state"], one["paused"], one["directory"]) for one in found
    ]


def test_process_at_a_breakpoint_is_listed_as_paused(controller: Controller, debuggee: Debuggee) -> None:
    """A process that stands still is shown as such."""
    with debugging(controller, debuggee) as (child, ready), stopped_editor(ready, debuggee):
        found = controller.run("sessions", "--host", "app", "--json").document["hosts"][0]["sessions"]
        child.send_signal(signal.SIGINT)
        finished(child)
    assert [True] == [one["paused"] for one in found]


def record(lab: Lab, directory: str) -> dict[str, Any]:
    """A session's record on app."""
    return dict(json.loads(lab.exec("app", "cat", f"{directory}/session.json", user="root")))


def kill_group(lab: Lab, pid: int) -> None:
    """Kill a process with all its group, as an impatient administrator does."""
    group = lab.exec("app", "ps", "-o", "pgid=", "-p", str(pid)).strip()
    lab.exec("app", "bash", "-c", f"kill -KILL -- -{group}", user="root")


def listed(controller: Controller) -> list[str]:
    """The states of all sessions of this store."""
    found = controller.run("sessions", "--host", "app", "--json").document["hosts"][0]["sessions"]
    return [one["state"] for one in found]


@every_editor
def test_killed_keeper(lab: Lab, controller: Controller, debuggee: Debuggee, editor: Callable[..., Any]) -> None:
    """When the keeper alone is killed, what watches beside it frees the process."""
    with debugging(controller, debuggee) as (child, ready), editor(ready, debuggee):
        lab.exec("app", "bash", "-c", f"kill -KILL {record(lab, ready['directory'])['keeper'][0]}", user="root")
        finished(child)
        state = debuggee.state()
    assert UNTOUCHED == state


def test_orphan_is_listed_and_stopped(lab: Lab, controller: Controller, debuggee: Debuggee) -> None:
    """When all of a session's shells are killed dlv lives on as an orphan, which stop ends."""
    with debugging(controller, debuggee) as (child, ready):
        kill_group(lab, record(lab, ready["directory"])["keeper"][0])
        done = finished(child)
    states = listed(controller)
    stopped = controller.run("stop", "--host", "app")
    assert (7, ["orphaned"], 0, UNTOUCHED) == (done.exit_code, states, stopped.exit_code, debuggee.state()), done.stderr


def test_dead_session_is_listed_and_removed(lab: Lab, controller: Controller, debuggee: Debuggee) -> None:
    """When dlv is gone too only files are left, and stop removes them."""
    with debugging(controller, debuggee) as (child, ready):
        told = record(lab, ready["directory"])
        kill_group(lab, told["keeper"][0])
        lab.exec("app", "bash", "-c", f"kill -TERM {told['dlv'][0]}", user="root")
        finished(child)
    for _ in range(100):
        if debuggee.tracer() == 0:
            break
    states = listed(controller)
    stopped = controller.run("stop", "--host", "app")
    assert (["dead"], 0, UNTOUCHED) == (states, stopped.exit_code, debuggee.state())


def test_session_without_a_record_is_removed(lab: Lab, tmp_path: Path) -> None:
    """A keeper that was killed at once leaves a directory; it is listed as dead, and undo is not held up by it."""
    controller = Controller(lab, tmp_path, fresh_store())
    controller.run("deploy-dlv", "--host", "app")
    lab.exec("app", "mkdir", f"{controller.store}/sessions/00000000")
    states = listed(controller)
    undone = controller.run("undo", "--host", "app")
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert (["dead"], 0, "") == (states, undone.exit_code, left)


def test_killed_dlv_is_reported(lab: Lab, controller: Controller, debuggee: Debuggee) -> None:
    """dlv that ends by itself may leave breakpoints in the process: that is no clean end."""
    with debugging(controller, debuggee) as (child, ready):
        lab.exec("app", "bash", "-c", f"kill -KILL {record(lab, ready['directory'])['dlv'][0]}", user="root")
        done = finished(child)
    error = json.loads(done.stdout)["error"]
    assert (7, "unclean-end", True) == (done.exit_code, error["code"], "code 137" in error["what"])


def test_undo_ends_sessions_first(lab: Lab, tmp_path: Path, ticker: int) -> None:
    """Undo while a session runs frees the process and leaves nothing."""
    controller = Controller(lab, tmp_path, store := fresh_store())
    debuggee = Debuggee(lab, ticker, store)
    with debugging(controller, debuggee) as (child, ready), stopped_editor(ready, debuggee):
        undone = controller.run("undo", "--host", "app")
        done = finished(child)
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert (0, 0, "", UNTOUCHED) == (undone.exit_code, done.exit_code, left, debuggee.state())
