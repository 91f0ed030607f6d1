"""Unix sockets on the target, reached over SSH."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import ConnectionLostError, ForwardingForbiddenError, SocketClosedError
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.transport import Script
from tests.adapters.conftest import Site

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
    server.listen()
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    thread.start()
    yield path
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def _serve(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            threading.Thread(target=_return, args=(client,), daemon=True).start()


def _return(client: socket.socket) -> None:
    with client, contextlib.suppress(OSError):
        while data := client.recv(65536):
            client.sendall(data)


def test_bytes_go_there_and_back_through_a_jump(network: SshNetwork, echo: str) -> None:
    """A stream carries bytes both ways and ends when the other side is done."""
    with network.reach("app") as target:
        stream = target.connect_unix(echo)
        stream.sendall(b"\x00hello\xff")
        stream.shutdown_write()
        received = b"".join(iter(lambda: stream.recv(3), b""))
        stream.close()
        stream.close()
    assert b"\x00hello\xff" == received


def test_streams_run_side_by_side(network: SshNetwork, echo: str) -> None:
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


def test_missing_socket_is_named(network: SshNetwork, tmp_path: Path) -> None:
    """Where nothing listens the error says so, and the connection stays usable."""
    path = str(tmp_path / "nobody")
    with network.reach("app") as target:
        with pytest.raises(SocketClosedError) as caught:
            target.connect_unix(path)
        assert b"on\n" == target.run(Script("echo on")).stdout
    assert path == caught.value.path


@pytest.mark.parametrize("option", FORBIDDING)
def test_forbidden_forwarding_is_told_apart(site: Site, echo: str, option: str) -> None:
    """Each sshd option that forbids it leads to the error that names the options."""
    server = site.start(option)
    site.write_config(f"Host host\n  Port {server.port}")
    with SshNetwork(site.config) as network, network.reach("host") as target:
        with pytest.raises(ForwardingForbiddenError) as caught:
            target.connect_unix(echo)
        assert b"on\n" == target.run(Script("echo on")).stdout
    assert "AllowStreamLocalForwarding" in caught.value.advice


def test_closing_wakes_a_reader(network: SshNetwork, echo: str) -> None:
    """A thread that waits for bytes ends when another closes the stream."""
    with network.reach("app") as target:
        stream = target.connect_unix(echo)
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append(stream.recv(1)))
        reader.start()
        stream.close()
        reader.join(5)
    assert [b""] == got


def test_lost_connection_is_told_from_an_end(site: Site, echo: str) -> None:
    """When the connection breaks the reader gets an error, not an end of stream."""
    server = site.start()
    site.write_config(f"Host host\n  Port {server.port}")
    with SshNetwork(site.config) as network, network.reach("host") as target:
        stream = target.connect_unix(echo)
        server.stop()
        with pytest.raises(ConnectionLostError):
            stream.recv(1)
