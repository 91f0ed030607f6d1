"""Sessions on a real host: however they end, the process runs on as if nothing had been."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

import pytest

from remotego.adapters.forward import is_free
from remotego.adapters.ssh.network import SshNetwork
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, finished, fresh_store, next_event, running, signal_beside
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import EDITORS, debugging, rpc_client, stopped_editor, watching_editor
from tests.patience import eventually

SECOND_S, SOON_S = 1.0, 25.0
"""When a second signal comes, and how soon the controller has ended then; a guard's last word is awaited for longer."""

every_editor = pytest.mark.parametrize("editor", EDITORS.values(), ids=EDITORS)
INTERRUPTED = {signal.SIGINT: 0, signal.SIGTERM: 0, signal.SIGHUP: 0, signal.SIGKILL: -signal.SIGKILL}


@every_editor
@pytest.mark.parametrize("number", INTERRUPTED, ids=lambda number: number.name)
def test_signal_to_the_controller(
    stocked: Controller, debuggee: Debuggee, editor: Callable[..., Any], number: signal.Signals
) -> None:
    """Whatever ends the controller, and whatever the editor does, the process is free and whole."""
    with debugging(stocked, debuggee) as (child, ready), editor(ready, debuggee):
        child.send_signal(number)
        done = finished(child)
        state = debuggee.state()
    assert (INTERRUPTED[number], UNTOUCHED) == (done.exit_code, state), done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_signal_that_interrupts_no_wait(stocked: Controller, debuggee: Debuggee, number: signal.Signals) -> None:
    """One that comes when the controller is just about to wait for the end is heard, too."""
    with debugging(stocked, debuggee) as (child, _):
        signal_beside(child, number)
        done = finished(child)
        state = debuggee.state()
    assert (0, UNTOUCHED) == (done.exit_code, state), done.stderr


@pytest.mark.parametrize("alias", ["hardened", "inner-hardened", "tiny"])
def test_host_that_forwards_nothing(lab: Lab, tmp_path: Path, alias: str) -> None:
    """Where sshd forwards to no socket the agent leads there, and a session is like any other."""
    host = alias.removeprefix("inner-")
    controller = Controller(lab, tmp_path, "/home/dev/.rg-relay" if host == "tiny" else fresh_store())
    debuggee = Debuggee(lab, lab.pid("ticker-debug", host), controller.store or "", host)
    with debugging(controller, debuggee, alias) as (child, ready), stopped_editor(ready, debuggee):
        child.send_signal(signal.SIGINT)
        done = finished(child)
        state = debuggee.state()
    controller.run("undo", "--host", alias)
    assert ("relay", 0, UNTOUCHED) == (ready["channel"], done.exit_code, state), done.stderr


def test_terminal_client_that_waits(stocked: Controller, debuggee: Debuggee) -> None:
    """A client of Delve's other protocol is cut off like an editor."""
    with debugging(stocked, debuggee) as (child, ready), rpc_client(ready, debuggee):
        child.send_signal(signal.SIGINT)
        done = finished(child)
        state = debuggee.state()
    assert (0, UNTOUCHED) == (done.exit_code, state), done.stderr


@every_editor
def test_stop_from_elsewhere(stocked: Controller, debuggee: Debuggee, editor: Callable[..., Any]) -> None:
    """Another controller ends the session; the first one ends well."""
    with debugging(stocked, debuggee) as (child, ready), editor(ready, debuggee):
        stopped = stocked.run("stop", "--host", "app", "--json")
        done = finished(child)
        state = debuggee.state()
    outcomes = [one["outcome"] for one in stopped.document["hosts"][0]["sessions"]]
    assert (["clean"], 0, UNTOUCHED) == (outcomes, done.exit_code, state), done.stderr


def test_stop_of_a_controller_that_stands_still(stocked: Controller, debuggee: Debuggee) -> None:
    """A controller that does not react loses its connection."""
    with debugging(stocked, debuggee) as (child, ready), watching_editor(ready, debuggee):
        child.send_signal(signal.SIGSTOP)
        stopped = stocked.run("stop", "--host", "app", "--json")
        child.send_signal(signal.SIGCONT)
        done = finished(child)
        state = debuggee.state()
    assert (0, 0, UNTOUCHED) == (stopped.exit_code, done.exit_code, state), stopped.stderr


def test_closed_terminal(stocked: Controller, debuggee: Debuggee) -> None:
    """Closing the terminal window ends the session as Ctrl-C does."""
    words = ("debug", "--host", "app", "--pid", str(debuggee.pid), "--local-port", "0")
    exit_code = stocked.run_until_terminal_closes(b"Ctrl-C", *words)
    assert (0, UNTOUCHED) == (exit_code, debuggee.state())


def test_process_that_exits(lab: Lab, stocked: Controller, debuggee: Debuggee) -> None:
    """When the process ends, so does the session."""
    with debugging(stocked, debuggee) as (child, _):
        lab.kill(debuggee.pid)
        ended = next_event(child)
        done = finished(child)
    assert ("exited", 0, ()) == (ended["outcome"], done.exit_code, debuggee.left())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_signal_before_the_session_is_up(stocked: Controller, debuggee: Debuggee, number: signal.Signals) -> None:
    """A controller that ends as soon as dlv has attached, before it has heard of it."""
    start = ("debug", "--host", "app", "--pid", str(debuggee.pid), "--local-port", "0")
    with running(stocked.start(*start)) as child:
        traced = eventually(lambda: debuggee.tracer() != 0)
        child.send_signal(number)
        done = finished(child)
    ends = (0, 130) if number == signal.SIGINT else (-signal.SIGKILL,)
    assert (True, True, UNTOUCHED) == (traced, done.exit_code in ends, debuggee.state()), done.stderr


def test_clients_that_say_nothing(lab: Lab, stocked: Controller, debuggee: Debuggee, network: SshNetwork) -> None:
    """A port scanner's bare connections, which Delve never closes, do not hold the session."""
    with debugging(stocked, debuggee) as (child, ready):
        with network.reach("app") as host:
            for _ in range(5):
                host.connect_unix(f"{ready['directory']}/dlv.sock").close()
        child.send_signal(signal.SIGINT)
        done = finished(child)
    assert (0, UNTOUCHED) == (done.exit_code, debuggee.state()), done.stderr


def test_session_is_listed_as_held(stocked: Controller, debuggee: Debuggee) -> None:
    """While a controller holds it, anybody with the login sees whose it is."""
    with debugging(stocked, debuggee) as (child, ready):
        found = stocked.run("sessions", "--host", "app", "--json").document["hosts"][0]["sessions"]
        child.send_signal(signal.SIGINT)
        finished(child)
    assert [(debuggee.pid, "held", False, ready["directory"])] == [
        (one["pid"], one["state"], one["paused"], one["directory"]) for one in found
    ]


def test_process_at_a_breakpoint_is_listed_as_paused(stocked: Controller, debuggee: Debuggee) -> None:
    """A process that stands still is shown as such."""
    with debugging(stocked, debuggee) as (child, ready), stopped_editor(ready, debuggee):
        found = stocked.run("sessions", "--host", "app", "--json").document["hosts"][0]["sessions"]
        child.send_signal(signal.SIGINT)
        finished(child)
    assert [True] == [one["paused"] for one in found]


def record(lab: Lab, directory: str) -> dict[str, Any]:
    """A session's record on app."""
    return dict(json.loads(lab.exec("app", "cat", f"{directory}/session.json", user="root")))


def kill(lab: Lab, *pids: int) -> None:
    """Kill processes of app, as an impatient administrator does."""
    lab.exec("app", "bash", "-c", f"kill -KILL {' '.join(map(str, pids))}", user="root")


@contextmanager
def standing_still(lab: Lab, *pids: int) -> Iterator[None]:
    """Processes of app that do nothing while the block lasts."""
    words = " ".join(map(str, pids))
    lab.exec("app", "bash", "-c", f"kill -STOP {words}", user="root")
    try:
        yield
    finally:
        lab.exec("app", "bash", "-c", f"kill -CONT {words}", user="root")


def children(lab: Lab, pid: int) -> list[int]:
    """The processes a guard has started: dlv, and its second."""
    return [int(word) for word in lab.exec("app", "pgrep", "-P", str(pid)).split()]


def listed(stocked: Controller) -> list[str]:
    """The states of all sessions of this store."""
    found = stocked.run("sessions", "--host", "app", "--json").document["hosts"][0]["sessions"]
    return [one["state"] for one in found]


def ended(stocked: Controller) -> list[tuple[str, str]]:
    """Why and how sessions of this store ended that nobody heard the end of."""
    found = stocked.run("sessions", "--host", "app", "--json").document["hosts"][0]["ended"]
    return [(one["why"], one["outcome"]) for one in found]


def test_second_signal_waits_for_nobody(lab: Lab, stocked: Controller, debuggee: Debuggee) -> None:
    """Whoever presses Ctrl-C again does not wait for the last word of a guard that stands still."""
    with debugging(stocked, debuggee, None, "--lease", "30s") as (child, ready):
        guard = record(lab, ready["directory"])["keeper"][0]
        with standing_still(lab, guard, *children(lab, guard)):
            child.send_signal(signal.SIGINT)
            assert eventually(lambda: is_free(ready["port"]))
            time.sleep(SECOND_S)  # the second Ctrl-C has to meet the wait, which nothing announces
            child.send_signal(signal.SIGINT)
            done = finished(child, SOON_S)
        state = debuggee.state()
    assert (130, UNTOUCHED) == (done.exit_code, state), done.stderr


def test_wait_for_the_guard_is_told(lab: Lab, stocked: Controller, debuggee: Debuggee) -> None:
    """Whoever has pressed Ctrl-C sees what is waited for, and what else can be done; events are as ever."""
    with debugging(stocked, debuggee, None, "--lease", "30s") as (child, ready):
        assert child.stderr is not None
        guard = record(lab, ready["directory"])["keeper"][0]
        with standing_still(lab, guard, *children(lab, guard)):
            child.send_signal(signal.SIGINT)
            told = select([child.stderr], [], [], SOON_S)[0] and child.stderr.readline()
        event, done = next_event(child), finished(child)
    said = b"note: waiting for app to free the process (up to 40 s; Ctrl-C again leaves that to the guard)\n"
    assert (said, "ended", 0, UNTOUCHED) == (told, event["event"], done.exit_code, debuggee.state()), done.stderr


@every_editor
def test_killed_guard(lab: Lab, stocked: Controller, debuggee: Debuggee, editor: Callable[..., Any]) -> None:
    """When the guard alone is killed, its second frees the process."""
    with debugging(stocked, debuggee) as (child, ready), editor(ready, debuggee):
        kill(lab, record(lab, ready["directory"])["keeper"][0])
        finished(child)
        state = debuggee.state()
    assert UNTOUCHED == state


def test_orphan_is_listed_and_stopped(lab: Lab, stocked: Controller, debuggee: Debuggee) -> None:
    """When the guard and its second are killed dlv lives on as an orphan, which stop ends."""
    with debugging(stocked, debuggee) as (child, ready):
        told = record(lab, ready["directory"])
        kill(lab, told["keeper"][0], *(set(children(lab, told["keeper"][0])) - {told["dlv"][0]}))
        done = finished(child)
    states = listed(stocked)
    stopped = stocked.run("stop", "--host", "app")
    assert (7, ["orphaned"], 0, UNTOUCHED) == (done.exit_code, states, stopped.exit_code, debuggee.state()), done.stderr


def test_dead_session_is_listed_and_removed(lab: Lab, stocked: Controller, debuggee: Debuggee) -> None:
    """When all are killed the process is left with Delve's own breakpoints, which stop takes out."""
    with debugging(stocked, debuggee) as (child, ready):
        told = record(lab, ready["directory"])
        kill(lab, told["keeper"][0], *children(lab, told["keeper"][0]))
        finished(child)
    states = listed(stocked)
    stopped = stocked.run("stop", "--host", "app")
    assert (["dead"], 0, UNTOUCHED) == (states, stopped.exit_code, debuggee.state()), stopped.stderr


def test_session_without_a_record_is_removed(lab: Lab, tmp_path: Path) -> None:
    """A guard that was killed at once leaves a directory; it is listed as dead, and undo is not held up by it."""
    controller = Controller(lab, tmp_path, fresh_store())
    controller.run("deploy-dlv", "--host", "app")
    lab.exec("app", "mkdir", f"{controller.store}/sessions/00000000")
    states = listed(controller)
    undone = controller.run("undo", "--host", "app")
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert (["dead"], 0, "") == (states, undone.exit_code, left)


def test_killed_dlv_is_rescued_from(lab: Lab, stocked: Controller, debuggee: Debuggee) -> None:
    """dlv that ends by itself leaves breakpoints in the process: the guard takes them out and says so."""
    with debugging(stocked, debuggee) as (child, ready):
        kill(lab, record(lab, ready["directory"])["dlv"][0])
        told = next_event(child)
        done = finished(child)
    expected = (0, "dlv has ended", "rescued", UNTOUCHED)
    assert expected == (done.exit_code, told["why"], told["outcome"], debuggee.state()), done.stderr


def test_undo_ends_sessions_first(lab: Lab, tmp_path: Path, ticker: int) -> None:
    """Undo while a session runs frees the process and leaves nothing."""
    controller = Controller(lab, tmp_path, store := fresh_store())
    debuggee = Debuggee(lab, ticker, store)
    with debugging(controller, debuggee) as (child, ready), stopped_editor(ready, debuggee):
        undone = controller.run("undo", "--host", "app")
        done = finished(child)
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert (0, 0, "", UNTOUCHED) == (undone.exit_code, done.exit_code, left, debuggee.state())
