"""Sessions: commands on a connection, whoever speaks SSH for us, and what they say on their standard error.

``Line`` and ``Session`` are what scripts and streams need of a connection. Paramiko's are in ``connection`` and
``link``, those of the user's own ssh in ``adapters.multiplex``.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from remotego.adapters.ssh.errors import ConnectionLostError, SessionRefusedError
from remotego.core.target import Hop
from remotego.core.transport import Stream

STDERR_BYTES = 64 << 10
SETTLE_S = 0.5
"""How long standard error and the exit of a finished script are waited for."""

FREED_S = 1.0
"""How long a session that was closed here may still count there."""

READ_BYTES = 1 << 17

Started = TypeVar("Started")


class ChannelBrokenError(OSError):
    """A connection has ended under a call."""


class Session(Protocol):
    """Bytes to a command and from it. What the connection does to them is an OSError, a wait in vain a TimeoutError."""

    @property
    def eof_received(self) -> bool:
        """Whether its output has ended of itself, and was not cut off."""
        ...

    def send(self, data: bytes, /) -> int:
        """Write some of the data."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Write everything."""
        ...

    def settimeout(self, timeout_s: float | None, /) -> None:
        """Bound each ``recv``."""
        ...

    def recv(self, size: int, /) -> bytes:
        """Receive some bytes, none at the end."""
        ...

    def recv_within(self, size: int, timeout_s: float, /) -> bytes:
        """Receive some bytes, none at the end."""
        ...

    def recv_soon(self, size: int, timeout_s: float, /) -> bytes:
        """Receive what is about to come; the same as ``recv_within`` after a while."""
        ...

    def recv_stderr(self, size: int, /) -> bytes:
        """Receive some bytes of standard error, none at the end."""
        ...

    def nudge(self) -> None:
        """Keep a delayed acknowledgement from holding back what comes next."""
        ...

    def shutdown_write(self) -> None:
        """Say that nothing more will be written."""
        ...

    def wait_exit(self, timeout_s: float, /) -> None:
        """Wait until the command has ended, or for so long."""
        ...

    def close(self) -> None:
        """Close it all. Safe to call twice, and from another thread."""
        ...


class Line(Protocol):
    """An open connection to ``hop``."""

    @property
    def hop(self) -> Hop:
        """The machine at its end."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether it is open, what it rests on included."""
        ...

    def start(self, command: str) -> Session:
        """Run a command. Raises SessionRefusedError, ConnectionLostError."""
        ...

    def open_unix(self, path: str, is_listening: Callable[[str], bool]) -> Stream:
        """Open a unix socket of the machine; ``is_listening`` tells there whether anybody listens.

        Raises ForwardingForbiddenError, SocketClosedError, UnreachableError.
        """
        ...

    def open_port(self, port: int) -> Stream:
        """Open a port of the machine's own loopback. Raises PortForbiddenError, PortClosedError, UnreachableError."""
        ...

    def ended(self, timeout_s: float) -> bool:
        """Wait a little for its end to show; True if it is down."""
        ...

    def loss(self) -> ConnectionLostError:
        """Say which hop has gone, and why."""
        ...


def until_freed(start: Callable[[], Started], closed_s: Callable[[], float]) -> Started:
    """Start a session. Raises SessionRefusedError, ConnectionLostError.

    For sshd a session goes on until its shell has ended: where it allows few, one that was closed just now, at
    ``closed_s`` (monotonic), still counts.
    """
    while True:
        try:
            return start()
        except SessionRefusedError:
            if time.monotonic() - closed_s() > FREED_S:
                raise
        time.sleep(FREED_S / 10)


class Tail:
    """Drains standard error in a thread, so that it never fills the window, and keeps its end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._drain, name="stderr", daemon=True)
        self._thread.start()

    def wait(self, timeout_s: float) -> bytes:
        """Give what there is when the stream has ended, or after ``timeout_s``."""
        self._thread.join(timeout_s)
        return bytes(self._kept)

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._session.recv_stderr(READ_BYTES):
                self._kept += data
                del self._kept[:-STDERR_BYTES]
