"""Notices dead peers: a hop that answers nothing for ten seconds after being asked is given up.

The kernel notices a dead jump host (TCP_USER_TIMEOUT), but not a dead target behind a live one,
and paramiko's own keepalive expects no answer. Any byte from a peer is a sign of life, so busy
connections are never asked.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable

from remotego.adapters.ssh.connection import Connection
from remotego.adapters.ssh.link import BROKEN

QUIET_S = 4.0
"""A peer silent for longer is asked for a sign of life."""

PATIENCE_S = 8.0
"""A peer asked and silent for longer is dead. Together with ``QUIET_S`` this stays under 15 s."""

TICK_S = 0.5

_JOIN_S = 2.0
"""How long a look that is under way is waited for: it may be giving up a connection that is stuck."""


class Watch:
    """Watches the connections that ``connections`` gives, from one thread, until closed."""

    def __init__(self, connections: Callable[[], Iterable[Connection]]) -> None:
        self._connections = connections
        self._asked: dict[Connection, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="ssh watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._ended.set()
        self._thread.join(_JOIN_S)

    def _look(self) -> None:
        while not self._ended.wait(TICK_S):
            connections = [each for each in self._connections() if each.is_connected]
            self._asked = {each: self._asked[each] for each in connections if self._is_waiting(each)}
            now = time.monotonic()
            for each in connections:
                if each not in self._asked and now - each.wire.heard_s > QUIET_S:
                    self._ask(each, now)
            for each in connections:
                if self._is_dead(each, now):
                    self._give_up(each, now)

    def _is_waiting(self, connection: Connection) -> bool:
        """Whether it was asked and has not been heard since."""
        return connection in self._asked and connection.wire.heard_s < self._asked[connection]

    def _is_dead(self, connection: Connection, now: float) -> bool:
        return self._is_waiting(connection) and now - self._asked[connection] > PATIENCE_S

    def _ask(self, connection: Connection, now: float) -> None:
        """Ask a peer and every hop before it at once, so that their silences compare."""
        for each in connection.chain:
            if each not in self._asked:
                self._asked[each] = now
                threading.Thread(target=_ask_for_life, args=(each,), name="ssh ask", daemon=True).start()

    def _give_up(self, connection: Connection, now: float) -> None:
        """Blame the outermost hop that is dead: behind a dead jump host nothing can answer."""
        dead = next((each for each in connection.chain if self._is_dead(each, now)), connection)
        dead.lose(f"no answer for {PATIENCE_S:g} s")


def _ask_for_life(connection: Connection) -> None:
    """Ask in a thread of its own: with a full send buffer this blocks until the connection is given up."""
    with contextlib.suppress(*BROKEN):
        link = connection.client.get_transport()
        if link is not None:
            link.ask_for_life()
