"""Transport: the door to a target. Run a script, stream a payload into it, open a socket there.

Nothing else crosses. A script is POSIX sh; the adapter sends it on the standard input of
``exec /bin/sh -s`` (the only command all login shells understand alike) inside the frame of
``core.framing``, so no login banner or noisy rc file can be taken for an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CAP_BYTES = 32 << 20
"""An answer longer than this ends the exchange: a noisy or hostile target cannot fill our memory."""


@dataclass(frozen=True, slots=True)
class Payload:
    """``size_bytes`` of a local file that a script takes from its standard input.

    The script calls ``payload`` in a pipeline where it wants the bytes.
    """

    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Script:
    """A piece of sh and the payloads it asks for, in the order it asks."""

    text: str
    payloads: tuple[Payload, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script printed between its frame marks, and the exit code it ended with."""

    stdout: bytes
    stderr: bytes
    exit_code: int


Sent = Callable[[int], None]
"""Called with the number of payload bytes just handed to the network."""


class Exchange(Protocol):
    """A script that runs for as long as it is talked to: lines come out, bytes go in."""

    def read_line(self, timeout_s: float) -> bytes | None:
        """Next line of the script's output without its newline.

        None when the script has ended. Raises TimeoutError, and UnreachableError when the
        connection is lost before the script's end mark.
        """
        ...

    def send(self, data: bytes) -> None:
        """Write to the script's standard input."""
        ...

    def answer(self, timeout_s: float) -> Answer:
        """Wait for the end mark; the answer holds what ``read_line`` has not taken."""
        ...

    def close(self) -> None:
        """Close the channel; the script sees the end of its input. Safe to call twice."""
        ...


class Stream(Protocol):
    """A connected socket on the target, as plain bytes both ways."""

    def recv(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Write everything or raise OSError."""
        ...

    def shutdown_write(self) -> None:
        """Say that nothing more will be written."""
        ...

    def close(self) -> None:
        """Close both ways. Safe to call twice, and from another thread."""
        ...


class Transport(Protocol):
    """An open way to one target."""

    @property
    def name(self) -> str:
        """The target as its user named it."""
        ...

    def run(self, script: Script, *, timeout_s: float = 60.0, sent: Sent | None = None) -> Answer:
        """Run to the end. A non-zero exit code is an Answer, not an error.

        ``timeout_s`` counts from the begin, and anew with each piece of a payload that has gone.
        Raises UnreachableError when the connection is lost, HostError when no usable shell answers.
        """
        ...

    def open(self, script: Script) -> Exchange:
        """Start a script and keep talking to it."""
        ...

    def connect_unix(self, path: str) -> Stream:
        """Open a stream to a unix socket on the target. Raises RefusedError where forwarding is forbidden."""
        ...

    def connect_port(self, port: int) -> Stream:
        """Open a stream to a port of 127.0.0.1 on the target. Raises RefusedError where forwarding is forbidden."""
        ...

    def pipe(self, script: Script) -> Stream:
        """Run a script whose input and output become the stream (``core.framing.compose_stream``).

        Raises RefusedError when it ends before the stream is up or no session is to be had for it.
        """
        ...

    def as_user(self, user: str) -> Transport:
        """Give the same way in, where scripts are run as another user by sudo without a password.

        Nothing is forwarded for that user: ``connect_unix`` and ``connect_port`` are refused, ``pipe`` works.
        Raises RefusedError, when a script is run, where sudo does not allow it.
        """
        ...


class Network(Protocol):
    """Where transports come from; closes every connection it opened when left."""

    def reach(self, name: str) -> AbstractContextManager[Transport]:
        """Resolve a target's name and connect through its jump hosts."""
        ...
