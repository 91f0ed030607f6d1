"""Holding a session: the conversation with its guard, from dlv being up to its last word."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic

from remotego.core.errors import HostError, RemotegoError
from remotego.core.transport import Exchange, Script, Transport
from remotego.delve.ending import Ended, check_end
from remotego.delve.guard import ALIVE, END, Event, Gone, Paused, Printed, Released, Resumed, Up, parse_event
from remotego.host.faults import explain

START_TIMEOUT_S = 150.0
END_TIMEOUT_S = 40.0
LATE_S = 2.0
"""After which whoever waits for a guard's last word is told so."""
ANSWER_TIMEOUT_S = 10.0
QUIET_S = 3600.0

_BREATHS = 4
"""How often the lease is renewed while it lasts: three may get lost."""

FIRST_WORD_S = 30.0


@dataclass(eq=False)
class NoWordError(HostError):
    """The shell that should start a guard does not say a word."""

    host: str
    what = "{host}: the shell there does not begin to work"
    remedy = "see whether the machine is overloaded, then run the same again"


News = Paused | Resumed | Released | Printed
"""What happens to the process that whoever holds the session should hear."""


@dataclass(frozen=True, slots=True)
class Late:
    """The guard on ``host`` has been asked to end the session, and is waited for; up to ``limit_s`` seconds in all."""

    host: str
    limit_s: float


class Stop:
    """Somebody here wants the session to end: a key, a signal. ``ask`` may be called from a signal handler."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.inbox: SimpleQueue[Event | RemotegoError | str] = SimpleQueue()

    def ask(self, why: str) -> None:
        """End the session for this reason."""
        self.inbox.put(why)

    def start_over(self) -> None:
        """Turn to a new session: what the guard of the one before still says is not heard any more.

        First the new inbox, then a look into the old one: a signal may come in between.
        """
        before, self.inbox = self.inbox, SimpleQueue()
        for one in _drain(before):
            if isinstance(one, str):
                self.ask(one)


def _drain(inbox: SimpleQueue[Event | RemotegoError | str]) -> Iterator[Event | RemotegoError | str]:
    with suppress(Empty):
        while True:
            yield inbox.get_nowait()


def pass_on(*_: object) -> None:
    """Say nothing."""


_SILENT = Ended("silent")
"""Stands for a word that has not come in time."""


@dataclass(slots=True)
class Grip:
    """One conversation with a guard. Its events and our wishes meet in the inbox of ``stop``."""

    host: Transport
    exchange: Exchange
    stop: Stop
    lease_s: float
    begun: bool = False
    ended: Ended | None = None
    renewed: float = field(default_factory=monotonic)
    silent: threading.Event = field(default_factory=threading.Event)
    _loose: threading.Event = field(default_factory=threading.Event)

    def await_up(self, timeout_s: float = START_TIMEOUT_S) -> Up | Ended:
        """Block until dlv is attached and serves, or the session has ended without that."""
        first = self._await(Up, monotonic() + timeout_s)
        self.begun = isinstance(first, Up)
        return first

    def wait(self, hear: Callable[[News], None]) -> str:
        """Block until somebody wants the end; say why, or "" where the end came by itself. ``hear`` is told the news.

        Raises what broke the connection.
        """
        while True:
            match self.stop.inbox.get():
                case str() as why:
                    return why
                case Gone():
                    return ""  # the guard's last word says it better
                case RemotegoError() as error:
                    raise error
                case Ended() as ended:
                    self.ended = ended
                    return f"ended from elsewhere{f' ({ended.why})' if ended.why else ''}"
                case Paused() | Resumed() | Released() | Printed() as news:
                    hear(news)

    def let_go(self, session: str, hear: Callable[[Late], None] = pass_on) -> Ended:
        """Make the guard of the session called so detach, and wait for its last word.

        ``hear`` is told if that takes long. The end of a session that never began is told by whoever waited for its
        beginning. Raises UncleanEndError, UnreachableError.
        """
        if self.ended is not None and not self.begun:
            return self.ended
        if self.ended is None:
            with suppress(OSError, RemotegoError):
                self.exchange.send(END)
            self.await_end(hear)
        ended = self.ended or _SILENT
        check_end(self.host.name, session, ended)
        return ended

    def await_end(self, hear: Callable[[Late], None] = pass_on) -> Ended:
        """Wait for the guard's last word; "silent" when none comes. ``hear`` is told if it does not come soon."""
        begun = monotonic()
        if self._await(Ended, begun + LATE_S) is _SILENT:
            hear(Late(self.host.name, END_TIMEOUT_S))
            self._await(Ended, begun + END_TIMEOUT_S)
        return self.ended or _SILENT

    def close(self) -> None:
        """Let the conversation end; the guard waits for us for as long as the lease lasts."""
        self._loose.set()
        self.exchange.close()

    def excuse(self) -> RemotegoError:
        """Say why there never was a guard: what the shell that should have started it wrote."""
        return explain(self.exchange.answer(ANSWER_TIMEOUT_S).stderr, self.host.name)

    def renew(self) -> None:
        """Show that we live, until we let go; work for a thread."""
        while not self._loose.wait(self.lease_s / _BREATHS):
            try:
                self.exchange.send(ALIVE)
            except (OSError, RemotegoError):
                return  # the thread that listens tells of it
            self.renewed = monotonic()

    def listen(self) -> None:
        """Carry events to the inbox until their end; the last is always an Ended. Work for a thread."""
        try:
            self._listen()
        finally:
            self.silent.set()

    def _listen(self) -> None:
        inbox = self.stop.inbox
        try:
            while (line := self._next_line()) is not None:
                inbox.put(parse_event(line))
        except RemotegoError as error:
            inbox.put(error)
            return
        except (ValueError, OSError) as error:
            inbox.put(Ended("silent", f": {error}"))
        inbox.put(Ended("closed"))

    def _next_line(self) -> bytes | None:
        """Wait for a line however long none comes: a session may be quiet for hours."""
        while True:
            with suppress(TimeoutError):
                return self.exchange.read_line(QUIET_S)

    def _await(self, kind: type[Up | Ended], deadline_s: float) -> Up | Ended:
        """Wait for an event of a kind, or for the end. Wishes to stop that come meanwhile are kept."""
        kept: list[str] = []
        try:
            while True:
                match self._next(deadline_s - monotonic()):
                    case Ended() as ended:
                        self.ended = ended
                        return ended
                    case Up() as up if kind is Up:
                        return up
                    case RemotegoError() as error:
                        raise error
                    case str() as wish:
                        kept.append(wish)
        finally:
            for wish in kept:
                self.stop.ask(wish)

    def _next(self, timeout_s: float) -> Event | RemotegoError | str:
        try:
            return self.stop.inbox.get(timeout=max(0.0, timeout_s))
        except Empty:
            return _SILENT


def grip(
    host: Transport,
    script: Script,
    order: bytes,
    stop: Stop,
    lease_s: float,
    first: Callable[[Exchange], None] = pass_on,
) -> Grip:
    """Begin a conversation with a guard: start ``script``, give the ``order``, and show from then on that we live.

    ``first`` is what has to be said before the guard can begin.
    """
    held = Grip(host, host.open(script), stop, lease_s)
    try:
        first(held.exchange)
        held.exchange.read_line(FIRST_WORD_S)
        held.exchange.send(order)
    except TimeoutError as error:
        held.close()
        raise NoWordError(host.name) from error
    except RemotegoError:
        held.close()
        raise
    for work in (held.listen, held.renew):
        threading.Thread(target=work, name=work.__name__, daemon=True).start()
    return held
