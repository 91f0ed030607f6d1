"""Sockets of a master's host as streams."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from remotego.adapters.multiplex.control import DenialError
from remotego.adapters.multiplex.diagnosis import Refused
from remotego.adapters.multiplex.messages import close_forward, open_forward
from remotego.adapters.multiplex.session import MuxSession, Owner, open_connection
from remotego.adapters.ssh.errors import (
    ForwardingForbiddenError,
    PortClosedError,
    PortForbiddenError,
    SocketClosedError,
    describe,
)
from remotego.adapters.ssh.session import Line
from remotego.adapters.ssh.stream import LOOPBACK, ChannelStream
from remotego.core.terminal import inert

_SHOWS_S = 0.02
"""The master hangs up on a refused client in the turn in which it passes on what came next, or in the one after."""


class Forwarder(Owner, Line, Protocol):
    """A master, as far as it forwards and logs what the server refuses."""

    @property
    def mark(self) -> int:
        """A point in its log."""
        ...

    def wait_refusal(self, mark: int) -> Refused | None:
        """Find what the server has refused since a point in the log."""
        ...

    def socket(self) -> Path:
        """Give a path where it may listen."""
        ...


def open_unix(master: Forwarder, path: str, is_listening: Callable[[str], bool]) -> ChannelStream:
    """Open ``path`` on the master's host.

    ssh connects unix sockets by listening here, and a client of that is not told whether it has been let in. So a
    question is asked behind it: servers answer in order, and when that answer is here, a refusal is too.
    Raises ForwardingForbiddenError, SocketClosedError, UnreachableError.
    """
    place, mark = describe(master.hop), master.mark
    with contextlib.ExitStack() as failing:
        with _listening(master, path) as local:
            client = socket.socket(socket.AF_UNIX)
            failing.callback(client.close)
            client.connect(str(local))
            listening = is_listening(path)
        refused = master.wait_refusal(mark) if _is_hung_up(client) else None
        if refused is not None:
            kind = ForwardingForbiddenError if refused.is_policy or listening else SocketClosedError
            raise kind(place, path, inert(refused.said))
        failing.pop_all()
    return ChannelStream(master, MuxSession(master, None, client, client, None))


def open_port(master: Forwarder, port: int) -> ChannelStream:
    """Open a port of the host's own loopback. Raises PortForbiddenError, PortClosedError, UnreachableError."""
    mark = master.mark
    try:
        return ChannelStream(master, open_connection(master, LOOPBACK, port))
    except DenialError as denial:
        refused = master.wait_refusal(mark)
        kind = PortForbiddenError if refused and refused.is_policy else PortClosedError
        raise kind(describe(master.hop), port, inert(refused.said if refused else denial.said)) from denial
    except OSError as error:
        raise master.loss() from error


@contextlib.contextmanager
def _listening(master: Forwarder, path: str) -> Iterator[Path]:
    """Have the master listen for ``path`` of its host, for as long as it takes to connect."""
    local = master.socket()
    try:
        with contextlib.closing(master.ask()) as control:
            control.ask(open_forward(str(local), path))
        yield local
        with contextlib.closing(master.ask()) as control, contextlib.suppress(DenialError):
            control.ask(close_forward(str(local), path))
    except (DenialError, OSError) as error:
        raise master.loss() from error
    finally:
        local.unlink(missing_ok=True)


def _is_hung_up(client: socket.socket) -> bool:
    readable, _, _ = select.select([client], [], [], _SHOWS_S)
    return bool(readable) and not client.recv(1, socket.MSG_PEEK)
