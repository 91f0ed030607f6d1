"""Whole sessions on each rung of the ladder: an editor at a breakpoint, and a process that is left as it was."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.lab.variants import Variant, variants
from tests.ops.controllers import Controller, finished, next_event, running
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import EDITORS, debugging, stopped_editor

RUNGS = {
    "streamlocal": (),
    "relay": ("AllowStreamLocalForwarding=no",),
    "relay, nothing forwarded": ("DisableForwarding=yes",),
    "tcp": ("AllowStreamLocalForwarding=no", "MaxSessions=1"),
}


@pytest.mark.parametrize("editor", EDITORS.values(), ids=EDITORS)
@pytest.mark.parametrize("rung", RUNGS)
def test_session_on_each_rung(
    lab: Lab, tmp_path: Path, stocked: Controller, debuggee: Debuggee, rung: str, editor: Callable[..., Any]
) -> None:
    """The rung is told, breakpoints are hit, and whatever the editor does, the process is free and whole after it."""
    with variants(lab, tmp_path, Variant("app", "rung", RUNGS[rung])) as config:
        there = replace(stocked, config=config)
        with debugging(there, debuggee, "app-rung") as (child, ready), editor(ready, debuggee):
            child.send_signal(signal.SIGINT)
            done = finished(child)
            state = debuggee.state()
    assert (rung.partition(",")[0], 0, UNTOUCHED) == (ready["channel"], done.exit_code, state), done.stderr


@pytest.mark.parametrize("rung", RUNGS)
def test_editor_that_vanishes_frees_the_process_on_each_rung(
    lab: Lab, tmp_path: Path, stocked: Controller, debuggee: Debuggee, rung: str
) -> None:
    """It runs on at once, and the next editor comes to the same session."""
    with variants(lab, tmp_path, Variant("app", "rung", RUNGS[rung])) as config:
        there = replace(stocked, config=config)
        with debugging(there, debuggee, "app-rung") as (child, ready):
            for _ in range(2):
                with stopped_editor(ready, debuggee):
                    pass
                while next_event(child)["event"] != "released":
                    pass
            child.send_signal(signal.SIGINT)
            done = finished(child)
            state = debuggee.state()
    assert (0, UNTOUCHED) == (done.exit_code, state), done.stderr


@pytest.mark.parametrize("wanted", ["relay", "tcp"])
def test_channel_can_be_chosen(stocked: Controller, debuggee: Debuggee, wanted: str) -> None:
    """A flag or a setting asks for one rung where the host allows all of them."""
    chosen = replace(stocked, variables={"REMOTEGO_CHANNEL": wanted})
    with debugging(chosen, debuggee) as (child, ready), stopped_editor(ready, debuggee):
        child.send_signal(signal.SIGINT)
        done = finished(child)
        state = debuggee.state()
    assert (wanted, 0, UNTOUCHED) == (ready["channel"], done.exit_code, state), done.stderr


def test_no_channel_at_all_ends_the_session(lab: Lab, tmp_path: Path, stocked: Controller, debuggee: Debuggee) -> None:
    """All three rungs are named, the exit code is that of a refusal, and the process is as it was."""
    options = ("DisableForwarding=yes", "MaxSessions=1")
    words = ("debug", "--host", "app-rung", "--pid", str(debuggee.pid), "--local-port", "0")
    with variants(lab, tmp_path, Variant("app", "rung", options)) as config:
        done = replace(stocked, config=config).run(*words)
        state = debuggee.state()
    assert (4, UNTOUCHED) == (done.exit_code, state), done.stderr
    assert [True] * 3 == [f"{rung}: " in done.stderr for rung in ("streamlocal", "relay", "tcp")], done.stderr


def test_session_on_a_port_is_taken_over_by_it(stocked: Controller, debuggee: Debuggee) -> None:
    """Whoever comes later finds dlv's port in the session's record, whatever the host would allow besides."""
    chosen = replace(stocked, variables={"REMOTEGO_CHANNEL": "tcp", "REMOTEGO_DETACH_ON_EXIT": "false"})
    with debugging(chosen, debuggee) as (child, ready):
        child.send_signal(signal.SIGINT)
        finished(child)
    words = ("debug", "--host", "app", "--session", ready["session"], "--local-port", "0", "--json")
    with running(stocked.start(*words)) as second:
        again = next_event(second)
        with stopped_editor(again, debuggee):
            second.send_signal(signal.SIGINT)
            done = finished(second)
        state = debuggee.state()
    assert ("tcp", 0, UNTOUCHED) == (again["channel"], done.exit_code, state), done.stderr
