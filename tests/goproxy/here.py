"""A network of one host: this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.ops.local_transport import LocalTransport


@dataclass(frozen=True, slots=True)
class Here:
    """Reaches this machine by any name."""

    local: LocalTransport

    @contextmanager
    def reach(self, _name: str) -> Iterator[Any]:
        """Give it; it has what a Transport has, and more."""
        yield self.local
