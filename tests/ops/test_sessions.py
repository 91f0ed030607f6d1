"""Sessions that lose their controller, change hands, or hold a process longer than they should."""

import signal
import subprocess
import time
from typing import Any

from tests.journeys.dap.client import DapClient
from tests.lab.lab import Lab
from tests.ops.controllers import Child, Controller, finished, next_event, running
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import CONFIGURATION, debugging, stopped_editor

RETURN_LIMIT_S = 15.0


def start(stocked: Controller, debuggee: Debuggee, *words: str) -> Child:
    """A session with other terms."""
    return stocked.start("debug", "--host", "app", "--pid", str(debuggee.pid), "--local-port", "0", "--json", *words)


def await_event(child: Child, kind: str) -> Any:
    """The next event of a kind."""
    while (event := next_event(child))["event"] != kind:
        pass
    return event


def hang_up(lab: Lab, debuggee: Debuggee) -> None:
    """Kill the sshd of app that our session came by: the agent's parent's parent."""
    script = (
        'for dir in /proc/[0-9]*; do case $(tr "\\0" " " <$dir/cmdline) in "$1"/store/agent*guard*)'
        ' pid=${dir#/proc/}; until [ "$(cat /proc/$pid/comm)" = sshd ]; do'
        " pid=$(sed -n 's/^PPid:.//p' /proc/$pid/status); done; echo $pid; exit;; esac; done 2>/dev/null"
    )
    pid = lab.exec("app", "sh", "-c", script, "sh", debuggee.store, user="root").strip()
    lab.exec("app", "sh", "-c", f"kill -KILL {pid}", user="root")


def test_disconnect_at_a_breakpoint_frees_the_process(stocked: Controller, debuggee: Debuggee) -> None:
    """The editor leaves politely; its breakpoints go with it, and a new editor finds dlv there."""
    with debugging(stocked, debuggee) as (child, ready):
        with DapClient() as editor:
            editor.attach(ready["port"], CONFIGURATION, debuggee.breakpoints())
            editor.stopped()
            editor.disconnect()
        released = await_event(child, "released")
        ticks = debuggee.ticks()
        with stopped_editor(ready, debuggee):
            child.send_signal(signal.SIGINT)
            done = finished(child)
    assert (True, 1, 0, UNTOUCHED) == (ticks, released["breakpoints"], done.exit_code, debuggee.state())


def test_hold_keeps_it_paused(stocked: Controller, debuggee: Debuggee) -> None:
    """Who asks for it finds the process where it was left."""
    with running(start(stocked, debuggee, "--hold")) as child:
        ready = next_event(child)
        with stopped_editor(ready, debuggee):
            pass
        paused = await_event(child, "paused")
        while paused["clients"]:
            paused = await_event(child, "paused")
        child.send_signal(signal.SIGINT)
        done = finished(child)
    assert (0, UNTOUCHED) == (done.exit_code, debuggee.state()), done.stderr


def test_long_pause_ends(stocked: Controller, debuggee: Debuggee) -> None:
    """With a limit the process runs on although an editor holds it."""
    with running(start(stocked, debuggee, "--max-pause", "1s")) as child:
        ready = next_event(child)
        with stopped_editor(ready, debuggee):
            released = await_event(child, "released")
            ticks = debuggee.ticks()
            child.send_signal(signal.SIGINT)
            done = finished(child)
    assert ("paused too long", True, 0, UNTOUCHED) == (released["why"], ticks, done.exit_code, debuggee.state())


def test_session_is_left_and_taken_over(stocked: Controller, debuggee: Debuggee) -> None:
    """One controller leaves it, another finds it, uses it and ends it."""
    with running(start(stocked, debuggee, "--detach-on-exit=false")) as child:
        next_event(child)
        child.send_signal(signal.SIGINT)
        left = await_event(child, "left")
        first = finished(child)
    found = stocked.run("sessions", "--host", "app", "--json").document["hosts"][0]["sessions"]
    with running(start_again(stocked, left["session"])) as heir:
        ready = next_event(heir)
        with stopped_editor(ready, debuggee):
            heir.send_signal(signal.SIGINT)
            second = finished(heir)
    states = [(one["id"], one["state"]) for one in found]
    assert [(left["session"], "kept")] == states
    assert (0, 0, UNTOUCHED) == (first.exit_code, second.exit_code, debuggee.state()), second.stderr


def start_again(stocked: Controller, session: str) -> Child:
    """Take a session over."""
    return stocked.start("debug", "--host", "app", "--session", session, "--local-port", "0", "--json")


def test_session_that_is_held_is_not_taken_away(stocked: Controller, debuggee: Debuggee) -> None:
    """Whoever holds it is named, and goes on."""
    with debugging(stocked, debuggee) as (child, ready):
        done = stocked.run("debug", "--host", "app", "--session", ready["session"], "--local-port", "0", "--json")
        with stopped_editor(ready, debuggee):
            child.send_signal(signal.SIGINT)
            first = finished(child)
    error = done.document["error"]
    assert (5, True, 0, UNTOUCHED) == (done.exit_code, "held by" in error["what"], first.exit_code, debuggee.state())


def test_stop_of_an_unknown_session_is_an_error(stocked: Controller) -> None:
    """It may be a slip of the pen."""
    done = stocked.run("stop", "--host", "app", "--session", "00000000", "--json")
    assert (5, "unknown-session") == (done.exit_code, done.document["hosts"][0]["error"]["code"])


def test_session_that_is_not_there_cannot_be_taken_over(stocked: Controller) -> None:
    """By its name."""
    done = stocked.run("debug", "--host", "app", "--session", "00000000", "--json")
    assert (5, "no-session") == (done.exit_code, done.document["error"]["code"])


def test_lost_connection_is_regained(lab: Lab, stocked: Controller, debuggee: Debuggee) -> None:
    """sshd is killed at a breakpoint: the process runs on, we are back in time, and a new editor attaches."""
    with running(start(stocked, debuggee, "--lease", "20s")) as child:
        ready = next_event(child)
        with stopped_editor(ready, debuggee):
            hang_up(lab, debuggee)
            begun = time.monotonic()
            await_event(child, "regained")
            took_s = time.monotonic() - begun
        ticks = debuggee.ticks()
        with stopped_editor(ready, debuggee):
            child.send_signal(signal.SIGINT)
            done = finished(child)
    expected = (True, True, 0, UNTOUCHED)
    assert expected == (took_s < RETURN_LIMIT_S, ticks, done.exit_code, debuggee.state()), done.stderr


def test_end_that_nobody_heard_is_told_later(stocked: Controller, debuggee: Debuggee) -> None:
    """A killed controller's session ends by its lease; sessions says why until stop is run."""
    with debugging(stocked, debuggee) as (child, ready), stopped_editor(ready, debuggee):
        child.kill()
        finished(child)
        state = debuggee.state()
    told = stocked.run("sessions", "--host", "app", "--json").document["hosts"][0]["ended"]
    stocked.run("stop", "--host", "app")
    after = stocked.run("sessions", "--host", "app", "--json").document["hosts"][0]["ended"]
    found = [(one["id"], one["why"], one["outcome"], one["text"]) for one in told if one["id"] == ready["session"]]
    assert (UNTOUCHED, [(ready["session"], "closed", "clean", "same")], []) == (state, found, after)


def test_controller_that_stands_still_loses_its_lease(stocked: Controller, debuggee: Debuggee) -> None:
    """Its connection lives, it does not: the process is freed, and the controller says so when it wakes."""
    with debugging(stocked, debuggee) as (child, ready), stopped_editor(ready, debuggee):
        child.send_signal(signal.SIGSTOP)
        state = debuggee.state()
        child.send_signal(signal.SIGCONT)
        ended = await_event(child, "ended")
        done = finished(child)
    assert (UNTOUCHED, True, 0) == (state, "silent" in ended["why"], done.exit_code), done.stderr


def test_dlv_connect_is_let_in(stocked: Controller, debuggee: Debuggee, dlv: str) -> None:
    """Delve's own terminal client, on this side of the tunnel."""
    with debugging(stocked, debuggee) as (child, ready):
        asked = subprocess.run(
            [dlv, "connect", f"127.0.0.1:{ready['port']}"],
            input=b"break main.(*Service).tick\ncontinue\nprint s.Step.Name\nclearall\nexit -c\n",
            capture_output=True,
            timeout=60,
        )
        child.send_signal(signal.SIGINT)
        done = finished(child)
    assert (True, 0, UNTOUCHED) == (b'"one"' in asked.stdout, done.exit_code, debuggee.state()), asked
