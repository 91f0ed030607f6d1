"""A socket or a command on the target as a stream of bytes."""

from __future__ import annotations

import contextlib
import shlex

from remotego.adapters.ssh.session import Line, Session
from remotego.core.transport import Script

LOOPBACK = "127.0.0.1"


class ChannelStream:
    """A channel that carries nothing but the stream's bytes."""

    def __init__(self, connection: Line, session: Session) -> None:
        self._connection = connection
        self._session = session
        self._owing = False

    def recv(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end. Raises ConnectionLostError.

        What was received before is acknowledged by a nudge first, where that helps, unless an answer went out
        meanwhile: whoever waits for the bytes has them by then.
        """
        if self._owing:
            self._owing = False
            self._session.nudge()
        try:
            data = self._session.recv(size)
        except OSError as error:
            raise self._connection.loss() from error
        if not data and not self._session.eof_received and not self._connection.is_connected:
            raise self._connection.loss()
        self._owing = bool(data)
        return data

    def sendall(self, data: bytes, /) -> None:
        """Write everything or raise OSError."""
        self._owing = False
        try:
            self._session.sendall(data)
        except OSError as error:
            raise OSError("the stream is closed") from error

    def shutdown_write(self) -> None:
        """Say that nothing more will be written."""
        with contextlib.suppress(OSError):
            self._session.shutdown_write()

    def close(self) -> None:
        """Close both ways. Safe to call twice, and from another thread."""
        with contextlib.suppress(OSError):
            self._session.close()


def listening_script(path: str) -> Script:
    """Exit code 0 if this account could connect to a unix socket on which somebody listens.

    Listening sockets have the flag 00010000 in /proc/net/unix (net/unix/af_unix.c, unix_seq_show).
    """
    name = shlex.quote(path)
    return Script(f"[ -S {name} ] && [ -w {name} ] && grep -F -- {name} /proc/net/unix | grep -q ' 00010000 '")
