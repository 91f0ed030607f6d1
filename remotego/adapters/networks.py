"""Networks of several kinds as one: each target is reached by the kind that its settings name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from remotego.core.transport import Network, Transport


class Closing(Network, Protocol):
    """A network that is left by closing it."""

    def close(self) -> None:
        """Close every connection. Safe to call twice."""
        ...


class Networks:
    """``choose`` gives the kind for a target's name; ``kinds`` makes the network of a kind when first needed."""

    def __init__(self, choose: Callable[[str], str], kinds: Mapping[str, Callable[[], Closing]]) -> None:
        self._choose = choose
        self._kinds = kinds
        self._lock = threading.Lock()
        self._made: dict[str, Closing] = {}

    def reach(self, name: str) -> AbstractContextManager[Transport]:
        """Connect to a target. Raises what the network of its kind raises."""
        return self._of(self._choose(name)).reach(name)

    def close(self) -> None:
        """Close every network that was made. Safe to call twice."""
        with self._lock:
            made = list(self._made.values())
        for network in made:
            network.close()

    def _of(self, kind: str) -> Closing:
        with self._lock:
            if kind not in self._made:
                self._made[kind] = self._kinds[kind]()
            return self._made[kind]
