"""Connect: lend credentials to git and go on a host for as long as the connection lasts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from remotego.core.errors import MissingError
from remotego.core.progress import Progress
from remotego.core.secret import Secret
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.credentials.entry import Entry
from remotego.credentials.judge import Judge
from remotego.credentials.protocol import Ended, Question, Turned, Up, render_serve, write_netrc, write_order
from remotego.ops.auth.broker import Broker, Confirm, News, always
from remotego.ops.auth.line import LEASE_S, Line, Stop, open_line
from remotego.ops.auth.there import There, look, settle
from remotego.ops.auth.vault import Vault

ID_BYTES = 8


@dataclass(eq=False)
class NoCredentialError(MissingError):
    """A netrc has to be complete when the connection begins, and a source has nothing for it."""

    url: str
    reason: str
    what = "no source has a credential for {url}: {reason}"
    remedy = "log in here first (git fetch from it once, gh auth login, ~/.netrc), or name its source in [auth.NAME]"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is lent, and for how long. ``netrc`` is for a go before 1.24, ``link_netrc`` has ~/.netrc lead to it."""

    entries: tuple[Entry, ...]
    for_s: float
    netrc: bool = False
    link_netrc: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be done."""

    host: str
    there: There
    wish: Wish


@dataclass(frozen=True, slots=True)
class Ready:
    """git and go can ask from now on."""

    host: str
    id: str
    there: There
    wish: Wish
    up: Up


@dataclass(frozen=True, slots=True)
class Finished:
    """It is over, and nothing can be asked any more."""

    host: str
    why: str


Tell = Callable[[Planned | Ready | Finished | News], None]


def connect(
    network: Network,
    name: str,
    settings: Settings,
    wish: Wish,
    stop: Stop,
    progress: Progress,
    *,
    dry: bool,
    tell: Tell,
    confirm: Confirm = always,
) -> None:
    """Have git and go on a host ask us, and answer until ``stop``, the end of the time, or of the connection.

    One question, one batch of changes where something is missing, then one session that is held. Raises
    UnreachableError when the connection is lost: access has ended then, at the latest LEASE_S later.
    """
    with network.reach(name) as host:
        progress.step(name, "connect")
        there = look(host, settings, progress)
        if dry:
            tell(Planned(name, there, wish))
            return
        vault = Vault()
        netrc = write_netrc([(entry, _secret(vault, entry)) for entry in wish.entries]) if wish.netrc else ""
        settle(host, there, progress)
        progress.step(name, "begin to serve")
        with lending(host, there, wish, stop, netrc) as (line, id_, up):
            broker = Broker(Judge(wish.entries, monotonic() + wish.for_s), vault, tell, confirm, line.moot)
            tell(Ready(name, id_, there, wish, up))
            tell(Finished(name, serve(line, broker)))


@contextmanager
def lending(host: Transport, there: There, wish: Wish, stop: Stop, netrc: str = "") -> Iterator[tuple[Line, str, Up]]:
    """Have a server on a host while the block lasts."""
    id_ = secrets.token_hex(ID_BYTES)
    terms = {"lease_s": LEASE_S, "expires_s": wish.for_s}
    order = write_order(id_, wish.entries, **terms, netrc=netrc, link_netrc=bool(netrc) and wish.link_netrc)
    line = open_line(host, render_serve(there.agent.path), order, stop)
    try:
        up = line.await_up()
        try:
            yield line, id_, up
        finally:
            line.end()
    finally:
        line.close()


def serve(line: Line, broker: Broker) -> str:
    """Answer until the end; say why it came. Raises UnreachableError."""
    while True:
        match line.next(None):
            case Question() as question:
                line.answer(question, broker.answer(question))
            case Turned() as turned:
                broker.turned(turned)
            case Ended(why):
                return why
            case str() as why:
                return why


def _secret(vault: Vault, entry: Entry) -> Secret:
    found = vault.get(entry)
    if isinstance(found, Secret):
        return found
    raise NoCredentialError(str(entry.prefix), found)
