"""The local end of a tunnel."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from remotego.adapters.forward import MOST_CLIENTS, Forward, PortTakenError
from remotego.core.errors import MissingError, RefusedError
from remotego.core.transport import Stream
from tests.adapters.sshd import wait_until

OTHER_UID = 65534


class SocketStream:
    """A Stream over a plain socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def recv(self, size: int, /) -> bytes:
        """Receive."""
        try:
            return self._sock.recv(size)
        except OSError:
            return b""

    def sendall(self, data: bytes, /) -> None:
        """Send."""
        self._sock.sendall(data)

    def shutdown_write(self) -> None:
        """Half-close."""
        self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close, waking whoever reads."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()


class Echo:
    """A TCP server that returns what it gets; counts those it serves."""

    def __init__(self) -> None:
        self.served = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._run, daemon=True).start()

    def connect(self) -> Stream:
        """Open a stream to it."""
        return SocketStream(socket.create_connection(self._server.getsockname()))

    def close(self) -> None:
        """Stop."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self.served += 1
            threading.Thread(target=self._return, args=(client,), daemon=True).start()

    def _return(self, client: socket.socket) -> None:
        with client:
            try:
                while data := client.recv(65536):
                    client.sendall(data)
            except OSError:
                return


@pytest.fixture
def echo() -> Iterator[Echo]:
    """Serve an echo."""
    server = Echo()
    yield server
    server.close()


def _say(port: int, words: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(words)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_bytes_go_there_and_back(echo: Echo) -> None:
    """A client talks to the target, and half-closing works both ways."""
    with Forward() as forward:
        forward.serve(echo.connect)
        assert b"hello" == _say(forward.port, b"hello")


def test_megabytes_arrive_whole(echo: Echo) -> None:
    """Large transfers are not cut."""
    data = os.urandom(5 << 20)
    with Forward() as forward, ThreadPoolExecutor(1) as pool:
        forward.serve(echo.connect)
        with socket.create_connection(("127.0.0.1", forward.port), timeout=20) as client:
            sending = pool.submit(lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)))
            received = b"".join(iter(lambda: client.recv(65536), b""))
            sending.result(20)
    assert data == received


def test_client_before_serve_waits(echo: Echo) -> None:
    """Who connects early is served as soon as serving starts."""
    with Forward() as forward, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(_say, forward.port, b"early")
        forward.serve(echo.connect)
        assert b"early" == answer.result(10)


def test_port_is_held_from_the_start() -> None:
    """Nobody else can bind the port once a Forward exists, not even with SO_REUSEADDR."""
    with Forward() as forward, socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            squatter.bind(("127.0.0.1", forward.port))


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::"])
def test_taken_port_is_refused_with_its_holder(host: str) -> None:
    """A port that somebody listens on is refused at once, and the process is named."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind((host, 0))
        squatter.listen()
        with pytest.raises(PortTakenError) as caught:
            Forward(squatter.getsockname()[1])
    assert f"process {os.getpid()} " in caught.value.holder


def test_port_can_be_taken_again_after_use(echo: Echo) -> None:
    """Connections that have just closed do not keep the port."""
    with Forward() as forward:
        forward.serve(echo.connect)
        _say(forward.port, b"x")
        port = forward.port
    with Forward(port) as again:
        again.serve(echo.connect)
        assert b"y" == _say(port, b"y")


@pytest.mark.skipif(os.getuid() != 0, reason="another user can be had only by root")
def test_another_user_is_turned_away(echo: Echo) -> None:
    """A peer of another user gets nothing, two hundred times; ours is served in between."""
    script = (
        "import os, socket, sys\n"
        "'x'.encode('idna')  # loaded while the files can still be read\n"
        f"os.setgid({OTHER_UID}); os.setuid({OTHER_UID})\n"
        "got = 0\n"
        "for _ in range(200):\n"
        "    try:\n"
        "        with socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=10) as client:\n"
        "            client.sendall(b'hello')\n"
        "            got += len(client.recv(5))\n"
        "    except OSError:\n"
        "        pass\n"
        "print(got)\n"
    )
    with Forward() as forward:
        forward.serve(echo.connect)
        outcome = subprocess.run(
            (sys.executable, "-c", script, str(forward.port)), capture_output=True, text=True, check=True
        )
        assert b"mine" == _say(forward.port, b"mine")
    assert ("0\n", 1) == (outcome.stdout, echo.served)


def test_refused_target_does_not_end_the_service(echo: Echo) -> None:
    """When the target refuses, that client is hung up on; the next one is served."""
    refusals: list[Exception] = []
    answers = iter([RefusedError(), MissingError(), OSError("gone")])

    def connect() -> Stream:
        problem = next(answers, None)
        if problem is not None:
            raise problem
        return echo.connect()

    with Forward() as forward:
        forward.serve(connect, refusals.append)
        assert [b"", b"", b"", b"fine"] == [_say_or_nothing(forward.port, b"fine") for _ in range(4)]
    assert [RefusedError, MissingError, OSError] == [type(error) for error in refusals]


def test_closing_hangs_up_on_everyone(echo: Echo) -> None:
    """Close ends all clients promptly, twice is fine, and nothing listens any more."""
    forward = Forward()
    forward.serve(echo.connect)
    clients = [socket.create_connection(("127.0.0.1", forward.port), timeout=10) for _ in range(5)]
    wait_until(lambda: forward.clients == 5, "five clients")
    started_s = time.monotonic()
    forward.close()
    forward.close()
    assert [b""] * 5 == [client.recv(1) for client in clients]
    assert time.monotonic() - started_s < 2.0
    assert 0 == forward.clients
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", forward.port), timeout=5)
    for client in clients:
        client.close()


def test_clients_are_counted(echo: Echo) -> None:
    """The number of clients rises and falls."""
    with Forward() as forward:
        forward.serve(echo.connect)
        with socket.create_connection(("127.0.0.1", forward.port)):
            wait_until(lambda: forward.clients == 1, "one client")
        wait_until(lambda: forward.clients == 0, "no client")


def test_clients_beyond_the_bound_are_turned_away(echo: Echo) -> None:
    """More clients than there may be get nothing."""
    with Forward() as forward:
        forward.serve(echo.connect)
        clients = [socket.create_connection(("127.0.0.1", forward.port), timeout=10) for _ in range(MOST_CLIENTS)]
        wait_until(lambda: forward.clients == MOST_CLIENTS, "all clients")
        assert b"" == _say_or_nothing(forward.port, b"x")
        for client in clients:
            client.close()


def test_port_zero_gives_different_ports() -> None:
    """Two Forwards never share a port."""
    with Forward() as first, Forward() as second:
        assert first.port != second.port


def _say_or_nothing(port: int, words: bytes) -> bytes:
    try:
        return _say(port, words)
    except OSError:
        return b""
