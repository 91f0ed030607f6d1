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
from remotego.adapters.ssh.routes import Route, Routes
from remotego.adapters.ssh.wire import Dial
from remotego.core.target import Hop, Target

if TYPE_CHECKING:
    from remotego.adapters.ssh.bridge import Bridge
    from remotego.adapters.ssh.connection import Connection, Detour
    from remotego.adapters.ssh.keys import KeyRing
    from remotego.adapters.ssh.transport import SshTransport
    from remotego.adapters.ssh.watch import Watch


class SshNetwork:
    """Connections over SSH, by the user's ssh_config or by ``config`` in its place.

    ``connections`` and ``executions`` count what the network has cost: connections opened (jump
    hosts included) and commands run. Threads may reach several targets at once; a jump host on
    the way to many is connected once. Leaving the network closes everything. ``tell`` hears, once,
    what the user should know about how names were resolved and hosts are reached. ``before_asking``
    is called, on whatever thread, each time before a passphrase is asked for on the terminal.
    ``bridge`` leads past jump hosts that forbid forwarding; without one they are refused.
    """

    def __init__(
        self,
        config: Path | None = None,
        tell: Callable[[str], None] = lambda _: None,
        before_asking: Callable[[], None] = lambda: None,
        bridge: Bridge | None = None,
    ) -> None:
        self.connections = 0
        self.executions = 0
        self._config = config
        self._tell = tell
        self._before_asking = before_asking
        self._bridge = bridge
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._routes = Routes(self._open_hop)
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

        connection = self._routes.connect(target.route)
        return SshTransport(target.name, connection, self._count_execution)

    def close(self) -> None:
        """Close every connection, targets before the jump hosts under them. Safe to call twice."""
        with self._lock:
            dials, lookups, watch = self._dials, self._lookups, self._watch
            self._dials, self._lookups, self._watch = {}, {}, None
        if watch is not None:
            watch.close()
        self._routes.close()
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
        fresh = self._routes.fresh(route)
        with self._lock:
            for hop in fresh:
                self._lookups.setdefault(hop, _look_up(hop))
            if route[0] in fresh and not route[0].proxy_command:
                self._dials.setdefault(route[0], Dial(route[0]))

    def _open_hop(self, route: Route, gateway: Connection | None) -> Connection:
        from remotego.adapters.ssh.connection import Connection
        from remotego.adapters.ssh.keys import KeyRing
        from remotego.adapters.ssh.watch import Watch

        hop = route[-1]
        with self._lock:
            self._ring = self._ring or KeyRing(self._before_asking)
            lookup = self._lookups.pop(hop, None) or _look_up(hop)
            early = None if gateway else self._dials.pop(hop, None)
        connection = Connection(hop, lookup.keys(), self._ring, gateway, early, self._detour())
        connection.open()
        with self._lock:
            self.connections += 1
            self._watch = self._watch or Watch(self._routes.opened)
        return connection

    def _detour(self) -> Detour | None:
        from remotego.adapters.ssh.bridge import cross

        if (bridge := self._bridge) is None:
            return None
        return lambda gateway, hop, refusal: cross(bridge, gateway, hop, refusal, self._pass_on, self._count_execution)

    def _count_execution(self) -> None:
        with self._lock:
            self.executions += 1


def _look_up(hop: Hop) -> KeyLookup:
    return KeyLookup(names_of(hop.key_name), hop.known_hosts)


def _load() -> None:
    """Import the heavy half while ``ssh -G`` runs."""
    import remotego.adapters.ssh.connection
    import remotego.adapters.ssh.transport  # noqa: F401
