"""How long a connection or a script may take, and how often a busy server is tried."""

from __future__ import annotations

import time
from collections.abc import Callable

from remotego.adapters.ssh.errors import HandshakeError
from remotego.core.transport import Sent

BANNER_S, AUTH_S, CHANNEL_S = 15.0, 20.0, 15.0
"""Bounds for the server's first line and for the handshake (the user's ConnectTimeout wins), for one
answer to a key, for opening a channel."""

ATTEMPTS, INSIST_S = 11, 10.0
"""Tries, and for how long, when a busy sshd (MaxStartups) drops the connection before it says anything."""


class Patience:
    """The time that a script has left: ``timeout_s``, and as long again after each piece of a payload that has gone.

    A slow line is no reason to give up, one on which nothing moves is.
    """

    def __init__(self, timeout_s: float, sent: Sent | None) -> None:
        self._timeout_s, self._sent = timeout_s, sent
        self.deadline_s = time.monotonic() + timeout_s

    def sent(self, size_bytes: int) -> None:
        """Hear that so many bytes have gone."""
        self.deadline_s = time.monotonic() + self._timeout_s
        if self._sent is not None:
            self._sent(size_bytes)

    @property
    def is_over(self) -> bool:
        """Whether there is none left."""
        return time.monotonic() >= self.deadline_s


class DroppedError(HandshakeError):
    """The server hung up before its first line, as a busy one does."""


def insist(connect: Callable[[], None]) -> None:
    """Connect, again and again while a busy sshd drops us, waiting a random while that grows from try to try."""
    try:
        return connect()
    except DroppedError:
        from tenacity import (
            Retrying,
            retry_if_exception_type,
            stop_after_attempt,
            stop_after_delay,
            wait_random_exponential,
        )

        retrying = Retrying(
            retry=retry_if_exception_type(DroppedError),
            stop=stop_after_attempt(ATTEMPTS - 1) | stop_after_delay(INSIST_S),
            wait=wait_random_exponential(multiplier=0.2, max=3),
            reraise=True,
        )
        return retrying(connect)
