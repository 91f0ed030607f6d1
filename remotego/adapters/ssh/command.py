"""A command on the target whose input and output are a stream of bytes."""

from __future__ import annotations

import contextlib
import secrets
import time

from remotego.adapters.ssh.errors import (
    NoShellError,
    NoStreamError,
    ScriptTimeoutError,
    SudoRefusedError,
    describe,
)
from remotego.adapters.ssh.session import READ_BYTES, SETTLE_S, Line, Session, Tail
from remotego.adapters.ssh.stream import ChannelStream
from remotego.adapters.ssh.wire import Wire
from remotego.core.errors import RemotegoError
from remotego.core.framing import Opening, command, compose_stream
from remotego.core.terminal import inert

OPEN_S = 20.0
"""How long a script may take until its stream is up; the agent gives up sooner and says why."""


class CommandStream(ChannelStream):
    """The input and output of a script. ``ahead`` has come already; what it says besides goes to ``errors``."""

    def __init__(self, connection: Line, session: Session, errors: Tail, ahead: bytes) -> None:
        super().__init__(connection, session)
        self._errors = errors
        self._ahead = ahead

    def recv(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end. Raises ConnectionLostError."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        return super().recv(size)


class CommandStart:
    """A script that becomes a stream once it has printed ``$begin``, run as the login or as ``user``."""

    def __init__(self, name: str, connection: Line, text: str, user: str | None = None) -> None:
        """Raises SessionRefusedError, ConnectionLostError."""
        self._name, self._connection, self._user = name, connection, user
        self._opening = Opening(secrets.token_hex(16))
        self._channel = connection.start(command(user))
        self._errors = Tail(self._channel)
        self._frame = compose_stream(text, self._opening.nonce)

    def stream(self) -> CommandStream:
        """Wait for the stream, and give it. Raises what ``wire`` raises."""
        ahead = self._await()
        return CommandStream(self._connection, self._channel, self._errors, ahead)

    def wire(self) -> Wire:
        """Wait for the stream, and give it as what a connection to a next hop can run over.

        Raises NoStreamError and SudoRefusedError (RefusedErrors), NoShellError, ScriptTimeoutError,
        ConnectionLostError.
        """
        ahead = self._await()
        return Wire(self._channel, ahead=ahead)

    def _await(self) -> bytes:
        """Wait; on a failure the channel is closed."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._channel.close)
            ahead = self._begin(time.monotonic() + OPEN_S)
            stack.pop_all()
        return ahead

    def _begin(self, deadline_s: float) -> bytes:
        try:
            with contextlib.suppress(OSError):  # what came back instead says why
                self._channel.sendall(self._frame)
            while (ahead := self._opening.feed(self._receive(deadline_s))) is None:
                pass
        except TimeoutError:
            raise ScriptTimeoutError(self._name, OPEN_S) from None
        except (OSError, ValueError) as error:
            raise self._diagnose() from error
        return ahead

    def _receive(self, deadline_s: float) -> bytes:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        data = self._channel.recv_soon(READ_BYTES, left_s)
        if not data:
            raise self._diagnose()
        return data

    def _diagnose(self) -> RemotegoError:
        if self._connection.ended(SETTLE_S):
            return self._connection.loss()
        hop = self._connection.hop
        said = inert(self._opening.preamble + self._errors.wait(SETTLE_S)).strip()[-1000:] or "(nothing)"
        if self._opening.answered:
            return NoStreamError(describe(hop), said)
        if self._user is not None:
            return SudoRefusedError(describe(hop), hop.user, self._user, said)
        return NoShellError(self._name, hop.user, said)
