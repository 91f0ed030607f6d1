"""The byte stream under an SSH connection: TCP, a channel through a jump host, or a ProxyCommand."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO, Protocol

from remotego.adapters.ssh.errors import ConnectError, describe
from remotego.core.target import Hop
from remotego.core.terminal import inert

CONNECT_S = 10.0
_GIVE_UP_S = 2.0
"""Bound for each address tried; the user's ConnectTimeout wins."""

_CHUNK_BYTES = 1 << 17
_USER_TIMEOUT_MS = 15_000


class SocketLike(Protocol):
    """What paramiko needs of a socket."""

    def send(self, data: bytes, /) -> int:
        """Send some of the data."""
        ...

    def recv(self, size: int, /) -> bytes:
        """Receive some bytes, none at the end."""
        ...

    def settimeout(self, timeout_s: float | None, /) -> None:
        """Bound each call."""
        ...

    def close(self) -> None:
        """Close both ways."""
        ...


class Wire:
    """A socket for paramiko that reads ahead and knows when the peer was last heard.

    paramiko asks for each packet in two or three small reads; served from here they cost no
    system call, and under a nested connection no copying of the channel's whole window.
    """

    def __init__(self, below: SocketLike, rearm: Callable[[], None] | None = None, ahead: bytes = b"") -> None:
        """``rearm`` is called after each read; ``ahead`` has been read already."""
        self._below = below
        self._rearm = rearm
        self._ahead = ahead
        self._taken = 0
        self._closed = False
        self.ended = False
        self.heard_s = time.monotonic()

    def send(self, data: bytes) -> int:
        """Send some of the data. A peer that hung up may show here before it does in ``recv``."""
        with self._noting_the_end():
            return self._below.send(data)

    def recv(self, size: int) -> bytes:
        """Give up to ``size`` bytes. Raises TimeoutError as the socket below does."""
        if self._taken >= len(self._ahead):
            self._fill()
        start = self._taken
        self._taken = min(start + size, len(self._ahead))
        return self._ahead[start : self._taken]

    def _fill(self) -> None:
        with self._noting_the_end():
            self._ahead, self._taken = self._below.recv(_CHUNK_BYTES), 0
        if self._ahead:
            self.heard_s = time.monotonic()
        self.ended = not self._ahead
        if self._rearm is not None:
            self._rearm()

    @contextlib.contextmanager
    def _noting_the_end(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise
        except OSError:
            self.ended = True
            raise

    def settimeout(self, timeout_s: float | None) -> None:
        """Bound each call."""
        self._below.settimeout(timeout_s)

    def close(self) -> None:
        """Close both ways; a thread waiting in ``recv`` wakes up."""
        if self._closed:
            return
        self._closed = True
        if isinstance(self._below, socket.socket):
            with contextlib.suppress(OSError):
                self._below.shutdown(socket.SHUT_RDWR)
        self._below.close()


def dial(hop: Hop) -> Wire:
    """Connect over TCP, IPv6 or IPv4, tuned against stalls and for noticing dead peers.

    TCP_NODELAY and quick acknowledgements spare a 40 ms stall in each step of the handshake.
    Raises ConnectError.
    """
    timeout_s = hop.connect_timeout_s or CONNECT_S
    try:
        sock = socket.create_connection((hop.hostname, hop.port), timeout=timeout_s)
    except OSError as error:
        raise ConnectError(describe(hop), _cause(error, timeout_s)) from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
    return Wire(sock, _quick_acks(sock))


class Dial:
    """A TCP connection to a hop that is being made while its maker does something else."""

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._wire: Wire | None = None
        self._error: ConnectError | None = None
        self._thread = threading.Thread(target=self._run, name="ssh dial", daemon=True)
        self._thread.start()

    def wire(self) -> Wire:
        """Wait for it. Raises ConnectError."""
        self._thread.join()
        if self._wire is None:
            raise self._error or ConnectError(describe(self._hop), "it could not be dialled")
        return self._wire

    def close(self) -> None:
        """Give up a connection that nobody took, or that is still being made: its thread ends with us."""
        self._thread.join(_GIVE_UP_S)
        if self._wire is not None:
            self._wire.close()

    def _run(self) -> None:
        try:
            self._wire = dial(self._hop)
        except ConnectError as error:
            self._error = error


def _quick_acks(sock: socket.socket) -> Callable[[], None] | None:
    """Linux forgets TCP_QUICKACK at the next segment, so it is armed again after each read."""
    option = getattr(socket, "TCP_QUICKACK", None)
    if option is None:
        return None

    def rearm() -> None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, option, 1)

    rearm()
    return rearm


def _cause(error: OSError, timeout_s: float) -> str:
    match error:
        case TimeoutError():
            return f"no answer within {timeout_s:g} s"
        case socket.gaierror():
            return f"its name cannot be resolved ({error.strerror})"
        case _:
            return error.strerror or str(error)


class ProxyProcess:
    """A ProxyCommand with a socket pair as its standard input and output; killed when closed."""

    def __init__(self, command: str) -> None:
        ours, theirs = socket.socketpair()
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the process)
        shell = os.environ.get("SHELL") or "/bin/sh"
        with theirs:
            self._process = subprocess.Popen(
                (shell, "-c", f"exec {command}"),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._said,
                start_new_session=True,
            )
        self._socket = ours
        self.send, self.recv, self.settimeout = ours.send, ours.recv, ours.settimeout

    @property
    def said(self) -> str:
        """The end of what it wrote to its standard error."""
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - 512))
        return inert(self._said.read()).strip()

    def close(self) -> None:
        """Close the pair and end the process with everything it started."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=5)
