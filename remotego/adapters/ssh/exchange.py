"""A script that is talked to, line by line."""

from __future__ import annotations

import time

from remotego.adapters.ssh.conversation import Conversation
from remotego.core.framing import Event, Output
from remotego.core.transport import Answer


class ScriptExchange:
    """A script that is talked to, line by line."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._held = bytearray()

    def read_line(self, timeout_s: float) -> bytes | None:
        """Next line without newline; None at the end. Raises TimeoutError, UnreachableError, HostError."""
        deadline_s = time.monotonic() + timeout_s
        scanned = 0
        while (end := self._held.find(b"\n", scanned)) < 0:
            scanned = len(self._held)
            events = self._talk.events(deadline_s)
            if not events:
                return self._rest()
            self._take(events)
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        self._talk.held_bytes = len(self._held)
        return line

    def send(self, data: bytes) -> None:
        """Write to the script's standard input."""
        self._talk.send(data)

    def answer(self, timeout_s: float) -> Answer:
        """Wait for the end; the answer holds the output not read yet."""
        deadline_s = time.monotonic() + timeout_s
        while events := self._talk.events(deadline_s):
            self._take(events)
        stdout = bytes(self._held)
        self._held.clear()
        return Answer(stdout, self._talk.stderr(), self._talk.exit_code or 0)

    def close(self) -> None:
        """Close the channel; the script sees the end of its input. Safe to call twice."""
        self._talk.close()

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Output):
                self._held += event.data

    def _rest(self) -> bytes | None:
        """Give a last line that has no newline, then None."""
        line = bytes(self._held)
        self._held.clear()
        return line or None
