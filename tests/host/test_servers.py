"""Servers told by number and start, and ended."""

import subprocess
from collections.abc import Iterator

import pytest

from remotego.host.servers import Start, end, starts
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

DEAF = "trap '' TERM; echo ready; while :; do sleep 1; done"


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    """A process that would run on."""
    with subprocess.Popen(["/bin/sleep", "300"], text=True) as process:
        yield process
        process.kill()


@pytest.fixture
def deaf() -> Iterator[subprocess.Popen[str]]:
    """One that SIGTERM does not end."""
    with subprocess.Popen(["/bin/sh", "-c", DEAF], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_process_has_a_start_and_an_age(local: LocalTransport, server: subprocess.Popen[str]) -> None:
    """Of which the second one grows and the first one stays."""
    once, again = ask(local, starts())[server.pid], ask(local, starts())[server.pid]
    assert (once.ticks, True) == (again.ticks, 0 <= once.age_s <= again.age_s < 300)


def test_a_server_is_asked_to_end_and_waited_for(local: LocalTransport, server: subprocess.Popen[str]) -> None:
    """By SIGTERM."""
    told = ask(local, end([(server.pid, ask(local, starts())[server.pid])]))
    assert ({server.pid: "ended"}, -15) == (told, server.wait(60))


def test_a_number_that_has_passed_on_to_another_is_left_alone(
    local: LocalTransport, server: subprocess.Popen[str]
) -> None:
    """It is told by its start."""
    told = ask(local, end([(server.pid, Start(ask(local, starts())[server.pid].ticks - 1, 0.0))]))
    assert ({server.pid: "gone"}, None) == (told, server.poll())


def test_a_server_that_does_not_end_is_told(local: LocalTransport, deaf: subprocess.Popen[str]) -> None:
    """After a bounded wait; nothing stronger is sent."""
    told = ask(local, end([(deaf.pid, ask(local, starts())[deaf.pid])], grace_s=1))
    assert ({deaf.pid: "stays"}, None) == (told, deaf.poll())
