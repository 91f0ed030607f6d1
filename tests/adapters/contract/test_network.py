"""Connections: shared, counted, retried, bounded, and each failure with the hop that is to blame."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from remotego.adapters.ssh.distrust import HostUnknownError
from remotego.adapters.ssh.errors import (
    ConnectError,
    HandshakeError,
    JumpRefusedError,
    ProxyCommandError,
    SessionRefusedError,
)
from remotego.core.errors import RemotegoError
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.adapters.contract.conftest import AnyNetwork, Connect
from tests.adapters.sshd import established, free_port, make_key, public, wait_until

BRIDGE = """\
import os, socket, sys, threading
sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def pump():
    while data := os.read(0, 65536):
        sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)
threading.Thread(target=pump, daemon=True).start()
while data := sock.recv(65536):
    os.write(1, data)
"""


def _greet(network: AnyNetwork, name: str) -> bytes:
    with network.reach(name) as target:
        return target.run(Script(f"echo {name}")).stdout


def _refusal(connect: Connect, site: Site, name: str) -> RemotegoError:
    with connect(site.config) as network, pytest.raises(RemotegoError) as caught:
        _greet(network, name)
    return caught.value


def test_targets_behind_one_jump_share_its_connection(connect: Connect, site: Site) -> None:
    """Twelve targets in parallel cost the jump host one connection."""
    jump, app = site.start(), site.start()
    names = [f"app{number}" for number in range(12)]
    site.write_config(
        f"Host jump\n  Port {jump.port}",
        f"Host app*\n  Port {app.port}\n  ProxyJump jump\n  HostKeyAlias app",
    )
    site.known_hosts.write_text(f"{site.known_hosts.read_text()}app {public(site.host_key)}\n")
    with connect(site.config) as network, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda name: _greet(network, name), names))
        counts = network.connections, network.executions
    assert [f"{name}\n".encode() for name in names] == answers
    assert (1, (13, 12)) == (jump.count("Accepted publickey"), counts)


def test_reaching_again_costs_nothing(connect: Connect, network: AnyNetwork) -> None:
    """A target reached twice is connected once."""
    assert [b"app\n", b"app\n", b"jump\n"] == [_greet(network, name) for name in ("app", "app", "jump")]
    assert (2, 3) == (network.connections, network.executions)


def test_leaving_the_network_closes_every_connection(connect: Connect, pair: Site) -> None:
    """Nothing stays established."""
    with connect(pair.config) as network:
        _greet(network, "app")
        _greet(network, "direct")
        network.close()
    for server in pair.servers:
        wait_until(lambda port=server.port: established(port) == 0, "connections close")  # type: ignore[misc]


def test_same_address_behind_two_jumps_is_two_machines(connect: Connect, site: Site) -> None:
    """Connections are told apart by their whole route, not by their address."""
    one, two, app = site.start(), site.start(), site.start()
    site.write_config(
        f"Host one\n  Port {one.port}",
        f"Host two\n  Port {two.port}",
        f"Host a\n  Port {app.port}\n  ProxyJump one",
        f"Host b\n  Port {app.port}\n  ProxyJump two",
    )
    with connect(site.config) as network:
        assert [b"a\n", b"b\n"] == [_greet(network, "a"), _greet(network, "b")]
        assert 4 == network.connections


def test_busy_server_is_tried_again(connect: Connect, site: Site) -> None:
    """Connections dropped by MaxStartups are tried again until they get in."""
    server = site.start("MaxStartups 2:100:2")
    site.write_config(f"Host host*\n  Port {server.port}")

    def greet(number: int) -> bytes:
        with connect(site.config) as network:
            return _greet(network, f"host{number}")

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(greet, range(10)))
    assert [f"host{number}\n".encode() for number in range(10)] == answers
    assert server.count("drop connection|MaxStartups") > 0


def test_failing_target_does_not_disturb_its_neighbours(connect: Connect, site: Site) -> None:
    """Of several targets in parallel only the broken one fails."""
    app = site.start()
    site.write_config(f"Host good*\n  Port {app.port}", f"Host bad\n  Port {free_port()}")
    with connect(site.config) as network, ThreadPoolExecutor(4) as pool:
        futures = {name: pool.submit(_greet, network, name) for name in ("good1", "bad", "good2", "good3")}
        outcomes = {name: type(future.exception(20)) for name, future in futures.items()}
    none = type(None)
    assert {"good1": none, "bad": ConnectError, "good2": none, "good3": none} == outcomes


def test_failing_jump_is_asked_once_for_all_targets_behind_it(connect: Connect, site: Site) -> None:
    """Ten targets that wait for one jump host share its refusal: no ten failed logins there."""
    jump = site.start(trusted=False)
    site.write_config(f"Host jump\n  Port {jump.port}", "Host app*\n  Port 1\n  ProxyJump jump")
    together = threading.Barrier(10)

    def greet(number: int) -> bytes:
        together.wait(10)
        return _greet(network, f"app{number}")

    with connect(site.config) as network, ThreadPoolExecutor(10) as pool:
        futures = [pool.submit(greet, number) for number in range(10)]
        outcomes = {type(future.exception(20)) for future in futures}
    assert {HostUnknownError} == outcomes
    assert jump.count("Connection from") < 10


def test_refused_connection_is_named(connect: Connect, site: Site) -> None:
    """Nobody listens there."""
    port = free_port()
    site.write_config(f"Host host\n  Port {port}")
    error = _refusal(connect, site, "host")
    assert isinstance(error, ConnectError)
    assert f"127.0.0.1:{port}): Connection refused" in str(error)


def test_unknown_name_is_named(connect: Connect, site: Site) -> None:
    """A host name that does not resolve."""
    site.config.write_text("Host host\n  HostName no-such-host.invalid\n")
    error = _refusal(connect, site, "host")
    assert isinstance(error, ConnectError)
    assert "cannot be resolved" in str(error)


def test_jump_that_cannot_reach_the_target_is_told_apart(connect: Connect, site: Site) -> None:
    """The jump host is fine, the target behind it does not answer."""
    jump = site.start()
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {free_port()}\n  ProxyJump jump")
    error = _refusal(connect, site, "app")
    assert isinstance(error, ConnectError)
    assert "Connection refused" in error.cause
    assert error.hop.startswith("app ")
    assert error.cause.startswith("jump ")


@pytest.mark.parametrize("option", ["AllowTcpForwarding no", "DisableForwarding yes", "PermitOpen none"])
def test_jump_that_does_not_forward_is_named(connect: Connect, site: Site, option: str) -> None:
    """A jump host with forwarding off is a refusal of that host, with the options to change."""
    jump, app = site.start(option), site.start()
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump")
    error = _refusal(connect, site, "app")
    assert isinstance(error, JumpRefusedError)
    assert error.hop.startswith("jump ")


def test_host_without_sessions_is_named(connect: Connect, site: Site) -> None:
    """MaxSessions 0 lets us in and gives no shell."""
    server = site.start("MaxSessions 0")
    site.write_config(f"Host host\n  Port {server.port}")
    assert isinstance(_refusal(connect, site, "host"), SessionRefusedError)


@pytest.fixture
def odd_server() -> Iterator[Callable[[bytes], int]]:
    """Servers that are not SSH: they say something, or nothing, and hold the line."""
    servers: list[socket.socket] = []
    held: list[socket.socket] = []

    def start(greeting: bytes) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                held.append(client)
                client.sendall(greeting)

        threading.Thread(target=serve, daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    yield start
    for each in (*servers, *held):
        # A thread still waiting on a number that is closed would wait on whoever gets that number next.
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@pytest.mark.parametrize(
    "greeting",
    [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 100, b"SSH-2.0-x\r\n"],
    ids=["silence", "http", "nulls", "banner only"],
)
def test_server_that_does_not_speak_ssh_is_left_in_time(
    connect: Connect, site: Site, odd_server: Callable[[bytes], int], greeting: bytes
) -> None:
    """Silence and rubbish end in an error within the bounds, and the connection is closed."""
    port = odd_server(greeting)
    site.write_config(f"Host host\n  Port {port}\n  ConnectTimeout 2")
    started_s = time.monotonic()
    assert isinstance(_refusal(connect, site, "host"), HandshakeError)
    assert time.monotonic() - started_s < 6.0
    assert 0 == established(port)


def test_server_with_only_old_algorithms_is_refused(connect: Connect, site: Site) -> None:
    """We do not fall back to what is no longer safe."""
    server = site.start("KexAlgorithms diffie-hellman-group14-sha1")
    site.write_config(f"Host host\n  Port {server.port}")
    error = _refusal(connect, site, "host")
    assert isinstance(error, HandshakeError)
    assert "kex" in error.cause


def test_proxy_command_leads_to_the_server(connect: Connect, site: Site, tmp_path: Path) -> None:
    """A ProxyCommand carries the connection, its quotes and tokens included, and ends with it."""
    server = site.start()
    bridge = tmp_path / "the bridge.py"
    bridge.write_text(BRIDGE)
    site.write_config(f'Host host\n  Port {server.port}\n  ProxyCommand {sys.executable} "{bridge}" %h %p')
    with connect(site.config) as network:
        assert b"host\n" == _greet(network, "host")
    found = subprocess.run(("pgrep", "-f", str(bridge)), capture_output=True, text=True, check=False)
    assert "" == found.stdout


def test_failing_proxy_command_shows_its_words(connect: Connect, site: Site) -> None:
    """What the command wrote to standard error is in the error, made inert."""
    site.write_config(r"Host host" + "\n" + r"""  ProxyCommand sh -c 'printf "no \033[31mroute\n" >&2; exit 1'""")
    error = _refusal(connect, site, "host")
    assert isinstance(error, ProxyCommandError)
    assert "no route" == error.cause


def test_jump_behind_a_proxy_command(connect: Connect, site: Site, tmp_path: Path) -> None:
    """The first hop may have a ProxyCommand; the next goes through it."""
    jump, app = site.start(), site.start(host_keys=(make_key(site.directory / "app_key"),))
    bridge = tmp_path / "bridge.py"
    bridge.write_text(BRIDGE)
    site.write_config(
        f"Host jump\n  Port {jump.port}\n  ProxyCommand {sys.executable} {bridge} %h %p",
        f"Host app\n  Port {app.port}\n  ProxyJump jump",
    )
    with connect(site.config) as network:
        assert b"app\n" == _greet(network, "app")


def test_failed_sign_in_leaves_nothing_behind(connect: Connect, site: Site) -> None:
    """A login that is refused on the second hop leaves no connection once the network is left."""
    jump, app = site.start(), site.start()
    (app.directory / "authorized_keys").write_text("")
    site.write_config(f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump")
    _refusal(connect, site, "app")
    wait_until(lambda: (established(jump.port), established(app.port)) == (0, 0), "connections close")
