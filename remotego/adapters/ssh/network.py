"""Where transports come from: one connection per hop of a route, shared by all targets of a process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from remotego.adapters.openssh import KeyLookup, resolve
from remotego.adapters.ssh.knownhosts import names_of
from remotego.adapters.ssh.wire import Dial
from remotego.core.target import Hop, Target

if TYPE_CHECKING:
    from concurrent.futures import Future

    from remotego.adapters.ssh.connection import Connection
    from remotego.adapters.ssh.keys import KeyRing
    from remotego.adapters.ssh.transport import SshTransport
    from remotego.adapters.ssh.watch import Watch

Route = tuple[Hop, ...]


class SshNetwork:
    """Connections over SSH, by the user's ssh_config or by ``config`` in its place.

    ``connections`` and ``executions`` count what the network has cost: connections opened (jump
    hosts included) and commands run. Threads may reach several targets at once; a jump host on
    the way to many is connected once. Leaving the network closes everything. ``tell`` hears, once,
    what the user should know about how names were resolved. ``before_asking`` is called, on whatever
    thread, each time before a passphrase is asked for on the terminal.
    """

    def __init__(
        self,
        config: Path | None = None,
        tell: Callable[[str], None] = lambda _: None,
        before_asking: Callable[[], None] = lambda: None,
    ) -> None:
        self.connections = 0
        self.executions = 0
        self._config = config
        self._tell = tell
        self._before_asking = before_asking
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._open: dict[Route, Connection] = {}
        self._attempts: dict[Route, Future[Connection]] = {}
        self._lookups: dict[Hop, KeyLookup] = {}
        self._dials: dict[Hop, Dial] = {}
        self._ring: KeyRing | None = None
        self._watch: Watch | None = None

    def __enter__(self) -> SshNetwork:
        """Enter; nothing is connected yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        self.close()

    @contextmanager
    def reach(self, name: str) -> Iterator[SshTransport]:
        """Connect to a target by its name.

        Raises UsageError for a name or configuration that makes no sense, UnreachableError for a
        hop that cannot be reached, trusted or signed in to, RefusedError for a jump host that does
        not forward.
        """
        threading.Thread(target=_load, name="ssh load", daemon=True).start()
        found = resolve(name, self._config)
        self._pass_on(found.note)
        self._prepare(found.target.route)
        yield self.transport(found.target)

    def transport(self, target: Target) -> SshTransport:
        """Connect to a target that is resolved already. Raises UnreachableError, RefusedError."""
        from remotego.adapters.ssh.transport import SshTransport

        connection = self._connect(target.route)
        return SshTransport(target.name, connection, self._count_execution)

    def close(self) -> None:
        """Close every connection, targets before the jump hosts under them. Safe to call twice."""
        with self._lock:
            opened = sorted(self._open.items(), key=lambda item: len(item[0]), reverse=True)
            dials, lookups, watch = self._dials, self._lookups, self._watch
            self._open, self._attempts, self._dials, self._lookups, self._watch = {}, {}, {}, {}, None
        if watch is not None:
            watch.close()
        for _, connection in opened:
            connection.close()
        for unused in dials.values():
            unused.close()
        for begun in lookups.values():
            begun.keys()

    def _pass_on(self, note: str | None) -> None:
        with self._lock:
            is_news = note is not None and note not in self._told
            self._told |= {note} if note else set()
        if note is not None and is_news:
            self._tell(note)

    def _prepare(self, route: Route) -> None:
        """Begin what needs no SSH library while that is being loaded: look host keys up, dial the first hop."""
        with self._lock:
            fresh = [hop for end, hop in enumerate(route, 1) if route[:end] not in self._attempts]
            for hop in fresh:
                self._lookups.setdefault(hop, _look_up(hop))
            if route[0] in fresh and not route[0].proxy_command:
                self._dials.setdefault(route[0], Dial(route[0]))

    def _connect(self, route: Route) -> Connection:
        """Open a route, or share what another thread has opened, is opening, or has just failed to open.

        A jump host that refuses is thus asked once, not once for each of the targets behind it.
        """
        attempt, is_ours = self._attempt(route)
        if is_ours:
            try:
                attempt.set_result(self._open_hop(route))
            except BaseException as error:
                with self._lock:
                    self._attempts.pop(route, None)
                attempt.set_exception(error)
                raise
        return attempt.result()

    def _attempt(self, route: Route) -> tuple[Future[Connection], bool]:
        from concurrent.futures import Future

        with self._lock:
            known = self._attempts.get(route)
            if known is not None and (not known.done() or known.result().is_connected):
                return known, False
            fresh: Future[Connection] = Future()
            self._attempts[route] = fresh
            return fresh, True

    def _open_hop(self, route: Route) -> Connection:
        from remotego.adapters.ssh.connection import Connection
        from remotego.adapters.ssh.keys import KeyRing
        from remotego.adapters.ssh.watch import Watch

        gateway = self._connect(route[:-1]) if route[1:] else None
        hop = route[-1]
        with self._lock:
            self._ring = self._ring or KeyRing(self._before_asking)
            lookup = self._lookups.pop(hop, None) or _look_up(hop)
            early = None if gateway else self._dials.pop(hop, None)
        connection = Connection(hop, lookup.keys(), self._ring, gateway, early)
        connection.open()
        with self._lock:
            self.connections += 1
            self._open[route] = connection
            self._watch = self._watch or Watch(self._opened)
        return connection

    def _opened(self) -> list[Connection]:
        with self._lock:
            return list(self._open.values())

    def _count_execution(self) -> None:
        with self._lock:
            self.executions += 1


def _look_up(hop: Hop) -> KeyLookup:
    return KeyLookup(names_of(hop.key_name), hop.known_hosts)


def _load() -> None:
    """Import the heavy half while ``ssh -G`` runs."""
    import remotego.adapters.ssh.transport  # noqa: F401
