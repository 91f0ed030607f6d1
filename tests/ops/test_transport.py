"""Deployments and sessions over the user's own ssh, through a jump host."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.ops.controllers import Controller, finished, next_event, running
from tests.ops.debuggee import UNTOUCHED, Debuggee
from tests.ops.editors import stopped_editor, watching_editor

OPENSSH = ("--host", "app", "--transport", "openssh")


@pytest.fixture
def tidy(controller: Controller) -> Iterator[Controller]:
    """A controller whose store is taken back at the end."""
    yield controller
    controller.run("undo", "--host", "app")


def test_second_deployment_finds_nothing_to_do(tidy: Controller) -> None:
    """What one transport has pushed, either finds."""
    first, second = (tidy.run("deploy-dlv", *OPENSSH, "--json") for _ in range(2))
    third = tidy.run("deploy-dlv", "--host", "app", "--json")
    statuses = [done.document["hosts"][0]["status"] for done in (first, second, third)]
    assert ["pushed", "nothing to do", "nothing to do"] == statuses


@pytest.mark.parametrize("channel", ["streamlocal", "relay", "tcp"])
@pytest.mark.parametrize("editor", [watching_editor, stopped_editor])
def test_interrupted_session_leaves_the_process_as_it_was(
    lab: Lab,
    ticker: int,
    tidy: Controller,
    channel: str,
    editor: Callable[[dict[str, Any], Debuggee], AbstractContextManager[None]],
) -> None:
    """Ctrl-C is for the controller: ssh stays until the session has ended through it, whatever its channel."""
    assert tidy.store is not None
    debuggee = Debuggee(lab, ticker, tidy.store)
    words = ("--pid", str(ticker), "--local-port", "0", "--channel", channel, "--json")
    with running(tidy.start("debug", *OPENSSH, *words)) as child, editor(next_event(child), debuggee):
        child.send_signal(signal.SIGINT)
        done = finished(child)
    assert (0, UNTOUCHED) == (done.exit_code, debuggee.state()), done.stderr
