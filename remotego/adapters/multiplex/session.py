"""A command, or a connection, through an ssh master: bytes both ways."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Protocol

from remotego.adapters.multiplex.control import Control
from remotego.adapters.multiplex.messages import new_session, stdio_forward


class Owner(Protocol):
    """The master that sessions go through; ``closed_s`` is when the last one was closed (monotonic)."""

    closed_s: float

    @property
    def is_connected(self) -> bool:
        """Whether it is signed in, what it rests on included."""
        ...

    def ask(self) -> Control:
        """Connect to its control socket. Raises OSError."""
        ...


class MuxSession:
    """Our ends of what the master has taken, or of a socket that leads there. ``says`` is for standard error."""

    def __init__(
        self,
        master: Owner,
        control: Control | None,
        hears: socket.socket,
        tells: socket.socket,
        says: socket.socket | None,
    ) -> None:
        self._master = master
        self._control = control
        self._hears, self._tells, self._says = hears, tells, says
        self._is_at_end = False

    @property
    def eof_received(self) -> bool:
        """Whether its output has ended of itself: where the master has gone, it was cut off."""
        return self._is_at_end and self._master.is_connected

    def send(self, data: bytes) -> int:
        """Write some of the data."""
        return self._hears.send(data)

    def sendall(self, data: bytes) -> None:
        """Write everything or raise OSError."""
        self._hears.sendall(data)

    def settimeout(self, timeout_s: float | None) -> None:
        """Bound each ``recv``. Once it is closed here there is nothing to bound, and ``recv`` says so."""
        with contextlib.suppress(OSError):
            self._tells.settimeout(timeout_s)

    def recv(self, size: int) -> bytes:
        """Receive some bytes, none at the end or once it is closed here."""
        try:
            data = self._tells.recv(size)
        except TimeoutError:
            raise
        except OSError:
            data = b""
        self._is_at_end = not data
        return data

    def recv_within(self, size: int, timeout_s: float) -> bytes:
        """Receive some bytes, none at the end. Raises TimeoutError."""
        self.settimeout(timeout_s)
        return self.recv(size)

    recv_soon = recv_within

    def recv_stderr(self, size: int) -> bytes:
        """Receive some bytes of standard error, none at the end."""
        return self._says.recv(size) if self._says else b""

    def nudge(self) -> None:
        """Nothing to do: ssh sets TCP_NODELAY, and its peers acknowledge in their own time."""

    def shutdown_write(self) -> None:
        """Say that nothing more will be written."""
        with contextlib.suppress(OSError):
            self._hears.shutdown(socket.SHUT_WR)

    def wait_exit(self, timeout_s: float) -> None:
        """Wait until the command has ended."""
        if self._control is not None:
            self._control.wait_end(timeout_s)

    def close(self) -> None:
        """Close all of it. Safe to call twice, and from another thread."""
        if self._control is not None:
            self._control.close()
            self._master.closed_s = time.monotonic()
        for each in (self._hears, self._tells, self._says):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()


def open_session(master: Owner, command: str) -> MuxSession:
    """Run a command. Raises DenialError, OSError."""
    return _open(master, new_session(command), 3)


def open_connection(master: Owner, host: str, port: int) -> MuxSession:
    """Connect from the server to a port. Raises DenialError, OSError."""
    return _open(master, stdio_forward(host, port), 2)


def _open(master: Owner, request: bytes, count: int) -> MuxSession:
    pairs = [socket.socketpair() for _ in range(count)]
    with contextlib.ExitStack() as failing:
        for ours, _ in pairs:
            failing.callback(ours.close)
        with contextlib.ExitStack() as handed:
            for _, theirs in pairs:
                handed.callback(theirs.close)
            control = master.ask()
            failing.callback(control.close)
            control.ask(request, *(theirs for _, theirs in pairs))
        failing.pop_all()
    hears, tells, *says = (ours for ours, _ in pairs)
    return MuxSession(master, control, hears, tells, says[0] if says else None)
