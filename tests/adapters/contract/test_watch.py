"""Lost connections: noticed in time, blamed on the right hop, told apart from failed scripts."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from remotego.adapters.ssh.errors import ConnectionLostError
from remotego.core.transport import Script, Transport
from tests.adapters.conftest import Site
from tests.adapters.contract.conftest import Connect
from tests.adapters.sshd import Sshd

NOTICED_S = 15.0


@pytest.fixture
def chain(site: Site) -> tuple[Site, Sshd, Sshd]:
    """A jump host and a target of the test's own, to be hurt."""
    jump, app = site.start(), site.start()
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump")
    return site, jump, app


@contextmanager
def _frozen(server: Sshd) -> Iterator[None]:
    """Stop a server's processes without closing anything, as a machine that hangs does."""
    pids = server.sessions
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _lost_while_running(target: Transport, strike: Callable[[], None]) -> tuple[ConnectionLostError, float]:
    """Start a long script, strike once it runs, and wait for the error."""
    exchange = target.open(Script("echo up; read never"))
    assert b"up" == exchange.read_line(10)
    strike()
    started_s = time.monotonic()
    with pytest.raises(ConnectionLostError) as caught:
        exchange.answer(60)
    return caught.value, time.monotonic() - started_s


def test_hanging_target_behind_a_live_jump_is_noticed(connect: Connect, chain: tuple[Site, Sshd, Sshd]) -> None:
    """The target hangs, the jump host lives: the pending exchange fails in time and names the target."""
    site, _, app = chain
    with connect(site.config) as network, network.reach("app") as target:
        freeze = _frozen(app)
        error, took_s = _lost_while_running(target, freeze.__enter__)
        freeze.__exit__(None, None, None)
    assert error.hop.startswith("app ")
    assert took_s < NOTICED_S


def test_hanging_jump_is_noticed_and_blamed(connect: Connect, chain: tuple[Site, Sshd, Sshd]) -> None:
    """When the jump host hangs the target is silent as well, but the jump host is named."""
    site, jump, _ = chain
    with connect(site.config) as network, network.reach("app") as target:
        freeze = _frozen(jump)
        error, took_s = _lost_while_running(target, freeze.__enter__)
        freeze.__exit__(None, None, None)
    assert error.hop.startswith("jump ")
    assert took_s < NOTICED_S


def test_killed_target_session_is_a_lost_connection(connect: Connect, chain: tuple[Site, Sshd, Sshd]) -> None:
    """An sshd that dies is told apart from a script that fails."""
    site, _, app = chain
    with connect(site.config) as network, network.reach("app") as target:
        error, took_s = _lost_while_running(target, lambda: _kill(app.sessions))
    assert error.hop.startswith("app ")
    assert took_s < 5.0


def test_killed_jump_is_blamed(connect: Connect, chain: tuple[Site, Sshd, Sshd]) -> None:
    """A jump host that dies is named, not the target behind it."""
    site, jump, _ = chain
    with connect(site.config) as network, network.reach("app") as target:
        error, _ = _lost_while_running(target, lambda: _kill(jump.sessions))
    assert error.hop.startswith("jump ")


def test_sending_into_a_hanging_target_ends(connect: Connect, chain: tuple[Site, Sshd, Sshd]) -> None:
    """A sender stuck in a full window is woken as well."""
    site, _, app = chain
    with connect(site.config) as network, network.reach("app") as target:
        exchange = target.open(Script("echo up; cat >/dev/null"))
        exchange.read_line(10)
        with _frozen(app), pytest.raises(ConnectionLostError):
            exchange.send(b"x" * (64 << 20))


def test_quiet_connection_stays(connect: Connect, chain: tuple[Site, Sshd, Sshd]) -> None:
    """A peer that answers when asked is not given up, however long the script is silent."""
    site, _, _ = chain
    with connect(site.config) as network, network.reach("app") as target:
        assert b"done\n" == target.run(Script("sleep 14; echo done")).stdout


def test_lost_connection_is_opened_anew_when_reached_again(connect: Connect, chain: tuple[Site, Sshd, Sshd]) -> None:
    """After a loss the same network reaches the target again."""
    site, jump, _ = chain
    with connect(site.config) as network:
        with network.reach("app") as target:
            _lost_while_running(target, lambda: _kill(jump.sessions))
        with network.reach("app") as target:
            assert b"again\n" == target.run(Script("echo again")).stdout
        assert 4 == network.connections


def test_no_thread_outlives_the_network(connect: Connect, chain: tuple[Site, Sshd, Sshd]) -> None:
    """Closing the network ends its threads."""
    site, _, _ = chain
    before = set(threading.enumerate())
    with connect(site.config) as network, network.reach("app") as target:
        target.run(Script("true"))
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(3)
    assert [] == [thread.name for thread in left if thread.is_alive()]


def _kill(pids: list[int]) -> None:
    for pid in reversed(pids):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
