"""Unix sockets on the target, reached over SSH."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import (
    ConnectionLostError,
    ForwardingForbiddenError,
    PortClosedError,
    PortForbiddenError,
    SocketClosedError,
)
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.adapters.contract.conftest import AnyNetwork, Connect
from tests.adapters.echo import echoing
from tests.adapters.sshd import free_port

FORBIDDING = [
    "AllowStreamLocalForwarding no",
    "AllowStreamLocalForwarding remote",
    "AllowTcpForwarding no",
    "DisableForwarding yes",
    "PermitOpen 127.0.0.1:4040",
]


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[str]:
    """A unix socket whose clients get back what they send."""
    path = str(tmp_path / "echo")
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    with echoing(server):
        yield path


@pytest.fixture
def echo_port() -> Iterator[int]:
    """A port of 127.0.0.1 whose clients get back what they send."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    port: int = server.getsockname()[1]
    with echoing(server):
        yield port


def test_bytes_go_there_and_back_through_a_jump(network: AnyNetwork, echo: str) -> None:
    """A stream carries bytes both ways and ends when the other side is done."""
    with network.reach("app") as target:
        stream = target.connect_unix(echo)
        stream.sendall(b"\x00hello\xff")
        stream.shutdown_write()
        received = b"".join(iter(lambda: stream.recv(3), b""))
        stream.close()
        stream.close()
    assert b"\x00hello\xff" == received


def test_streams_run_side_by_side(network: AnyNetwork, echo: str) -> None:
    """Several streams share one connection."""
    with network.reach("app") as target:
        streams = [target.connect_unix(echo) for _ in range(20)]
        for number, stream in enumerate(streams):
            stream.sendall(str(number).encode())
            stream.shutdown_write()
        received = [b"".join(iter(lambda s=stream: s.recv(9), b"")) for stream in streams]  # type: ignore[misc]
        for stream in streams:
            stream.close()
    assert [str(number).encode() for number in range(20)] == received
    assert 2 == network.connections


def test_missing_socket_is_named(network: AnyNetwork, tmp_path: Path) -> None:
    """Where nothing listens the error says so, and the connection stays usable."""
    path = str(tmp_path / "nobody")
    with network.reach("app") as target:
        with pytest.raises(SocketClosedError) as caught:
            target.connect_unix(path)
        assert b"on\n" == target.run(Script("echo on")).stdout
    assert path == caught.value.path


@pytest.mark.parametrize("option", FORBIDDING)
def test_forbidden_forwarding_is_told_apart(connect: Connect, site: Site, echo: str, option: str) -> None:
    """Each sshd option that forbids it leads to the error that names the options."""
    server = site.start(option)
    site.write_config(f"Host host\n  Port {server.port}")
    with connect(site.config) as network, network.reach("host") as target:
        with pytest.raises(ForwardingForbiddenError) as caught:
            target.connect_unix(echo)
        assert b"on\n" == target.run(Script("echo on")).stdout
    assert "AllowStreamLocalForwarding" in caught.value.advice


def test_closing_wakes_a_reader(network: AnyNetwork, echo: str) -> None:
    """A thread that waits for bytes ends when another closes the stream."""
    with network.reach("app") as target:
        stream = target.connect_unix(echo)
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append(stream.recv(1)))
        reader.start()
        stream.close()
        reader.join(5)
    assert [b""] == got


def test_lost_connection_is_told_from_an_end(connect: Connect, site: Site, echo: str) -> None:
    """When the connection breaks the reader gets an error, not an end of stream."""
    server = site.start()
    site.write_config(f"Host host\n  Port {server.port}")
    with connect(site.config) as network, network.reach("host") as target:
        stream = target.connect_unix(echo)
        server.stop()
        with pytest.raises(ConnectionLostError):
            stream.recv(1)


def test_port_of_the_loopback_is_a_stream(network: AnyNetwork, echo_port: int) -> None:
    """A port of the target's own loopback carries bytes both ways, through a jump host."""
    with network.reach("app") as target:
        stream = target.connect_port(echo_port)
        stream.sendall(b"\x00hello\xff")
        stream.shutdown_write()
        received = b"".join(iter(lambda: stream.recv(3), b""))
        stream.close()
    assert b"\x00hello\xff" == received


def test_port_where_nobody_listens_is_named(network: AnyNetwork) -> None:
    """A closed port is no matter of policy."""
    port = free_port()
    with network.reach("app") as target, pytest.raises(PortClosedError) as caught:
        target.connect_port(port)
    assert port == caught.value.port


@pytest.mark.parametrize("option", ["AllowTcpForwarding no", "DisableForwarding yes", "PermitOpen 127.0.0.1:4040"])
def test_forbidden_port_is_told_apart(connect: Connect, site: Site, echo_port: int, option: str) -> None:
    """Each sshd option that forbids ports leads to the error that names the options."""
    server = site.start(option)
    site.write_config(f"Host host\n  Port {server.port}")
    with (
        connect(site.config) as network,
        network.reach("host") as target,
        pytest.raises(PortForbiddenError) as caught,
    ):
        target.connect_port(echo_port)
    assert "AllowTcpForwarding" in caught.value.advice


def test_socket_is_refused_where_no_session_is_left_to_ask_in(connect: Connect, site: Site, echo: str) -> None:
    """With MaxSessions used up nobody can tell why: forwarding is believed to be forbidden."""
    server = site.start("MaxSessions 1", "AllowStreamLocalForwarding no")
    site.write_config(f"Host host\n  Port {server.port}")
    with connect(site.config) as network, network.reach("host") as target:
        exchange = target.open(Script("echo up; read never"))
        exchange.read_line(10)
        with pytest.raises(ForwardingForbiddenError):
            target.connect_unix(echo)
        exchange.close()
