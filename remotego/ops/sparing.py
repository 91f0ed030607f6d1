"""Sparing: streams to dlv on which no client can end the process that dlv is attached to."""

from __future__ import annotations

from collections.abc import Callable

from remotego.core.transport import Stream
from remotego.delve.dap import from_client, from_dlv


class Spared:
    """A stream whose messages are rewritten (``delve.dap``). Sending and receiving may be two threads' work."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._out, self._in = from_client(), from_dlv()

    def recv(self, size: int, /) -> bytes:
        """Give what came, in whole messages; a little more than ``size`` where one ends later. Empty at the end."""
        while data := self._stream.recv(size):
            if ready := self._in.feed(data):
                return ready
        return self._in.rest()

    def sendall(self, data: bytes, /) -> None:
        """Send what can be sent of it."""
        if ready := self._out.feed(data):
            self._stream.sendall(ready)

    def shutdown_write(self) -> None:
        """Send what is left, and say that nothing more will come."""
        if left := self._out.rest():
            self._stream.sendall(left)
        self._stream.shutdown_write()

    def close(self) -> None:
        """Close both ways. Safe to call twice, and from another thread."""
        self._stream.close()


def sparing(connect: Callable[[], Stream], kind: str) -> Callable[[], Stream]:
    """Connect so that an attached process is spared; a program that dlv has started may be ended by its client."""
    return (lambda: Spared(connect())) if kind == "attach" else connect
