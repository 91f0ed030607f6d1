"""Progress: what a use case tells whoever watches, without knowing how it is shown."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener. Calls may come from several threads, one per host."""

    def step(self, host: str, text: str) -> None:
        """Say that ``host`` has begun a step."""
        ...

    def sent(self, host: str, done_bytes: int, total_bytes: int) -> None:
        """Say how much of a transfer is done."""
        ...


class Silence:
    """A listener that says nothing."""

    def step(self, host: str, text: str) -> None:
        """Ignore."""

    def sent(self, host: str, done_bytes: int, total_bytes: int) -> None:
        """Ignore."""
