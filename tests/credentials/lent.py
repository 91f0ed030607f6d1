"""A connection that lends, held by a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from queue import Queue
from typing import Any

from remotego.core.errors import RemotegoError
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.credentials.entry import Entry, entries_of
from remotego.ops.auth.broker import Asked, Confirm, always
from remotego.ops.auth.connect import Finished, Planned, Ready, Wish, connect
from remotego.ops.auth.line import Stop

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Fixed:
    """A network that leads to one transport."""

    transport: Transport

    def reach(self, _: str) -> Any:
        """Give it, whatever it is called."""
        return nullcontext(self.transport)


@dataclass(slots=True)
class Lent:
    """What has been told so far."""

    stop: Stop
    news: "Queue[Any]" = field(default_factory=Queue)
    told: list[Any] = field(default_factory=list)
    error: BaseException | None = None
    thread: threading.Thread | None = None

    def hear(self, event: Any) -> None:
        """Take an event."""
        self.told.append(event)
        self.news.put(event)

    def wait(self, kind: type[Any]) -> Any:
        """Wait for the next event of a kind."""
        while True:
            event = self.news.get(timeout=PATIENCE_S)
            if isinstance(event, BaseException):
                raise event
            if isinstance(event, kind):
                return event

    def join(self) -> None:
        """Wait for the end."""
        assert self.thread is not None
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()

    @property
    def outcomes(self) -> list[str]:
        """What became of each question that was told."""
        return [one.outcome for one in self.told if isinstance(one, Asked)]


def allow(*urls: str, source: str = "netrc") -> tuple[Entry, ...]:
    """Make entries."""
    return entries_of({}, urls, source)


@contextmanager
def lent(
    network: Network | Fixed,
    entries: tuple[Entry, ...],
    *,
    name: str = "here",
    settings: Settings | None = None,
    for_s: float = 600,
    confirm: Confirm = always,
    **more: Any,
) -> Iterator[Lent]:
    """Have git and go answered while the block lasts."""
    lending = Lent(Stop())
    wish = Wish(entries, for_s, **more)

    def work() -> None:
        try:
            words = (network, name, settings or Settings(), wish, lending.stop, Silence())
            connect(*words, dry=False, tell=lending.hear, confirm=confirm)  # type: ignore[arg-type]  # Fixed is enough
        except (RemotegoError, KeyboardInterrupt) as error:
            lending.error = error
            lending.news.put(error)

    lending.thread = threading.Thread(target=work, daemon=True)
    lending.thread.start()
    try:
        lending.wait(Ready)
        yield lending
    finally:
        lending.stop.ask("the test is over")
        lending.join()


__all__ = ["Finished", "Fixed", "Lent", "Planned", "Ready", "allow", "lent"]
