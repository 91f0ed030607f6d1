"""Where transports over the user's own ssh come from: one master per hop of a route, shared by all targets."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

from remotego.adapters.multiplex.command import Program, parse_version
from remotego.adapters.multiplex.master import LEAVING, Detour, Master, User
from remotego.adapters.multiplex.place import Place
from remotego.adapters.openssh import SSH, TIMEOUT_S, resolve
from remotego.adapters.ssh.bridge import Bridge, find_script
from remotego.adapters.ssh.errors import ConnectError, describe
from remotego.adapters.ssh.routes import Route, Routes
from remotego.adapters.ssh.transport import SshTransport
from remotego.core.errors import MissingError
from remotego.core.target import Target


@dataclass(eq=False)
class NoSshError(MissingError):
    """There is no ssh program that could be a master."""

    reason: str
    what = 'the transport "openssh" does not work here: {reason}'
    remedy = 'install the OpenSSH client, or leave the transport at "fabric", which needs no ssh program'


class OpensshNetwork:
    """Connections by the user's own ssh and ssh_config, or by ``config`` in its place.

    ``connections`` and ``executions`` count what the network has cost. Threads may reach several targets at once;
    a jump host on the way to many is connected once. Leaving the network ends every ssh. ``tell`` hears what the user
    should know or do, such as touch a key. ``before_asking`` is called before ssh may ask on the terminal.
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
        self._user = User(sys.stdin.isatty(), tell, before_asking, threading.Lock())
        self._bridge = bridge
        self._lock = threading.Lock()
        self._place: Place | None = None
        self._is_closed = False
        self._routes = Routes(self._open_hop)

    def __enter__(self) -> OpensshNetwork:
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

        Raises NoSshError, UsageError for a name or configuration that makes no sense, UnreachableError for a
        hop that cannot be reached, trusted or signed in to, RefusedError for a jump host that does not forward.
        """
        find_ssh()
        yield self.transport(resolve(name, self._config).target)

    def transport(self, target: Target) -> SshTransport:
        """Connect to a target that is resolved already. Raises NoSshError, UnreachableError, RefusedError."""
        return SshTransport(target.name, self._routes.connect(target.route), self._count_execution)

    def close(self) -> None:
        """End every master, targets before the jump hosts under them. Safe to call twice."""
        self._routes.close()
        with self._lock:
            place, self._place, self._is_closed = self._place, None, True
        if place is not None:
            place.close()

    def _open_hop(self, route: Route, gateway: Master | None) -> Master:
        with self._lock:
            if self._is_closed:
                raise ConnectError(describe(route[-1]), LEAVING)
            self._place = self._place or Place()
            master = Master(self._program, route[-1], self._place, self._config, self._user, gateway, self._detour)
        master.open()
        with self._lock:
            self.connections += 1
        return master

    @property
    def _detour(self) -> Detour | None:
        if (bridge := self._bridge) is None:
            return None
        return lambda gateway, hop, refusal: find_script(bridge, gateway, hop, refusal, self._count_execution)

    @cached_property
    def _program(self) -> Program:
        said = subprocess.run((find_ssh(), "-V"), capture_output=True, check=False, timeout=TIMEOUT_S).stderr
        return Program(find_ssh(), parse_version(said.decode("utf-8", "replace")))

    def _count_execution(self) -> None:
        with self._lock:
            self.executions += 1


def find_ssh() -> str:
    """Find ssh. Raises NoSshError."""
    if sys.platform == "win32":
        raise NoSshError("the ssh of Windows shares no connections")
    program = shutil.which(SSH)
    if program is None:
        raise NoSshError(f"there is no {SSH} program in PATH")
    return program
