"""A network that counts round trips."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from remotego.core.transport import Answer, Network, Script, Transport


class Rounds:
    """Counts the scripts that are run over a network."""

    def __init__(self, network: Network) -> None:
        self._network, self._count = network, 0

    @contextmanager
    def reach(self, name: str) -> Iterator[Transport]:
        """Reach a target by the network that is counted."""
        with self._network.reach(name) as host:
            yield _Counted(host, self)  # type: ignore[misc]  # the rest is the host's own

    def add(self) -> None:
        """Count one."""
        self._count += 1

    def take(self) -> int:
        """Give the count, and begin anew."""
        count, self._count = self._count, 0
        return count


class _Counted:
    def __init__(self, host: Transport, rounds: Rounds) -> None:
        self._host, self._rounds = host, rounds

    def run(self, script: Script, **more: Any) -> Answer:
        self._rounds.add()
        return self._host.run(script, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)
