"""Routes in use: one connection for each, shared by all who want it at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from remotego.core.target import Hop

if TYPE_CHECKING:
    from concurrent.futures import Future

Route = tuple[Hop, ...]


class Closable(Protocol):
    """A connection of whatever kind."""

    @property
    def is_connected(self) -> bool:
        """Whether it is open."""
        ...

    def close(self) -> None:
        """Hang up. Safe to call twice."""
        ...


Held = TypeVar("Held", bound=Closable)


class Routes(Generic[Held]):
    """Opens routes by ``open_hop``, which is given the route and the open connection to the hop before its last."""

    def __init__(self, open_hop: Callable[[Route, Held | None], Held]) -> None:
        self._open_hop = open_hop
        self._lock = threading.Lock()
        self._open: dict[Route, Held] = {}
        self._attempts: dict[Route, Future[Held]] = {}

    def connect(self, route: Route) -> Held:
        """Open a route, or share what another thread has opened, is opening, or has just failed to open.

        A jump host that refuses is thus asked once, not once for each of the targets behind it.
        """
        attempt, is_ours = self._attempt(route)
        if is_ours:
            try:
                attempt.set_result(self._lay(route))
            except BaseException as error:
                with self._lock:
                    self._attempts.pop(route, None)
                attempt.set_exception(error)
                raise
        return attempt.result()

    def fresh(self, route: Route) -> list[Hop]:
        """Give the hops of a route that nobody has asked for yet."""
        with self._lock:
            return [hop for end, hop in enumerate(route, 1) if route[:end] not in self._attempts]

    def opened(self) -> list[Held]:
        """Give every open connection."""
        with self._lock:
            return list(self._open.values())

    def close(self) -> None:
        """Close every connection, targets before the jump hosts under them. Safe to call twice."""
        with self._lock:
            opened = sorted(self._open.items(), key=lambda item: len(item[0]), reverse=True)
            self._open, self._attempts = {}, {}
        for _, connection in opened:
            connection.close()

    def _attempt(self, route: Route) -> tuple[Future[Held], bool]:
        from concurrent.futures import Future

        with self._lock:
            known = self._attempts.get(route)
            if known is not None and (not known.done() or known.result().is_connected):
                return known, False
            fresh: Future[Held] = Future()
            self._attempts[route] = fresh
            return fresh, True

    def _lay(self, route: Route) -> Held:
        connection = self._open_hop(route, self.connect(route[:-1]) if route[1:] else None)
        with self._lock:
            lost, self._open[route] = self._open.get(route), connection
        if lost is not None:
            lost.close()
        return connection
