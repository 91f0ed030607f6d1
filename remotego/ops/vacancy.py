"""Vacancy: a session that an editor's task holds ends when no editor is there."""

from __future__ import annotations

import threading

from remotego.ops.holding import Stop

FIRST_S = 120.0
"""How long a task waits for its editor: VS Code may ask its user something before it connects."""

GRACE_S = 10.0
"""How long an editor that has gone may stay away: one that restarts comes back in that time."""


class Vacancy:
    """Asks ``stop`` for the end when nobody came within ``first_s``, or all have been gone for ``grace_s``."""

    def __init__(self, stop: Stop, first_s: float = FIRST_S, grace_s: float = GRACE_S) -> None:
        self._stop, self._first_s, self._grace_s = stop, first_s, grace_s
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._clients = 0

    def begin(self) -> None:
        """Editors can come from now on, and one may be there already."""
        if not self._clients:
            self._wait(self._first_s, "no editor came")

    def count(self, clients: int) -> None:
        """Hear how many editors are connected now."""
        self._clients = clients
        if clients:
            self.close()
        else:
            self._wait(self._grace_s, "the editor has gone")

    def close(self) -> None:
        """Wait for nobody any more. Safe to call twice."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None

    def _wait(self, limit_s: float, why: str) -> None:
        self.close()
        with self._lock:
            self._timer = threading.Timer(limit_s, self._stop.ask, (why,))
            self._timer.daemon = True
            self._timer.start()
