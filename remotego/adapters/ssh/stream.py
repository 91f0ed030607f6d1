"""A unix socket on the target as a stream of bytes, over direct-streamlocal@openssh.com."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable

from remotego.adapters.ssh.connection import CHANNEL_S, Connection
from remotego.adapters.ssh.errors import ForwardingForbiddenError, SocketClosedError, describe
from remotego.adapters.ssh.link import BROKEN, CONNECT_FAILED, Pipe, Refusal, streamlocal
from remotego.adapters.ssh.nudge import nudge
from remotego.core.terminal import inert
from remotego.core.transport import Script


class UnixStream:
    """A connected socket on the target."""

    def __init__(self, connection: Connection, pipe: Pipe) -> None:
        self._connection = connection
        self._pipe = pipe

    def recv(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end. Raises ConnectionLostError."""
        try:
            data: bytes = self._pipe.recv(size)
        except BROKEN as error:
            raise self._connection.loss() from error
        if not data and not self._pipe.eof_received and not self._connection.is_connected:
            raise self._connection.loss()
        if data:
            nudge(self._pipe.transport)
        return data

    def sendall(self, data: bytes, /) -> None:
        """Write everything or raise OSError."""
        try:
            self._pipe.sendall(data)
        except BROKEN as error:
            raise OSError("the stream is closed") from error

    def shutdown_write(self) -> None:
        """Say that nothing more will be written."""
        with contextlib.suppress(*BROKEN):
            self._pipe.shutdown_write()

    def close(self) -> None:
        """Close both ways. Safe to call twice, and from another thread."""
        with contextlib.suppress(*BROKEN):
            self._pipe.close()


def open_unix(connection: Connection, path: str, is_listening: Callable[[str], bool]) -> UnixStream:
    """Open ``path`` on the connection's host.

    sshd answers alike whether forwarding is forbidden or nobody listens, so on a refusal
    ``is_listening`` is asked. Raises ForwardingForbiddenError, SocketClosedError, UnreachableError.
    """
    place = describe(connection.hop)
    try:
        pipe = connection.link.open("direct-streamlocal@openssh.com", streamlocal(path), CHANNEL_S)
    except Refusal as refusal:
        forbidden = refusal.code != CONNECT_FAILED or is_listening(path)
        kind = ForwardingForbiddenError if forbidden else SocketClosedError
        raise kind(place, path, inert(refusal.said)) from refusal
    except BROKEN as error:
        raise connection.loss() from error
    return UnixStream(connection, pipe)


def listening_script(path: str) -> Script:
    """Exit code 0 if this account could connect to a unix socket on which somebody listens.

    Listening sockets have the flag 00010000 in /proc/net/unix (net/unix/af_unix.c, unix_seq_show).
    """
    name = shlex.quote(path)
    return Script(f"[ -S {name} ] && [ -w {name} ] && grep -F -- {name} /proc/net/unix | grep -q ' 00010000 '")
