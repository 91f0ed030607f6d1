"""Another user of the developer's own machine, while a session runs and before one begins."""

import os
import socket
from pathlib import Path

import pytest

from tests.attacks.people import ATTEMPTS, STRANGER, Victim, answers_to
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, finished, fresh_store
from tests.ops.debuggee import Debuggee
from tests.ops.editors import debugging


@pytest.mark.skipif(os.getuid() != 0, reason="another user can be had only by root")
def test_local_end_admits_its_owner_only(victim: Victim) -> None:
    """The forwarded port answers us, and no other user of this machine, however often he asks."""
    port = int(victim.ready["port"])
    assert (1, 0, 1) == (
        answers_to(os.getuid(), port, 1),
        answers_to(STRANGER, port, ATTEMPTS),
        answers_to(os.getuid(), port, 1),
    )


def test_squatted_port(lab: Lab, tmp_path: Path, ticker: int) -> None:
    """Somebody who took the port first is not talked to: the verb ends before anything is on the host."""
    controller = Controller(lab, tmp_path, store := fresh_store())
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        done = controller.run("debug", "--host", "app", "--pid", str(ticker), "--local-port", str(port), "--json")
        there = lab.exec("app", "sh", "-c", f"ls -d {store} 2>/dev/null || true")
    assert (2, "port-taken", "") == (done.exit_code, done.document["error"]["code"], there)


def test_port_that_is_free(lab: Lab, tmp_path: Path, ticker: int) -> None:
    """The control: without the squatter the same port serves."""
    controller = Controller(lab, tmp_path, store := fresh_store())
    with debugging(controller, Debuggee(lab, ticker, store)) as (child, ready):
        answered = answers_to(os.getuid(), int(ready["port"]), 1)
        child.terminate()
        finished(child)
    controller.run("undo", "--host", "app")
    assert 1 == answered
