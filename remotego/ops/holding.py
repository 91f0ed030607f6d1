"""Holding a session: the conversation with its keeper, from dlv being up to its last word."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic

from remotego.core.errors import RemotegoError, UnreachableError
from remotego.core.transport import Exchange, Transport
from remotego.delve.ending import Ended, check_end
from remotego.delve.keeper import Asked, Event, Gone, Up, parse_event, render_keeper
from remotego.delve.refusal import ProcessGoneError, attach_refused
from remotego.delve.session import Plan
from remotego.host.faults import explain

START_TIMEOUT_S = 150.0
END_TIMEOUT_S = 40.0
ANSWER_TIMEOUT_S = 10.0
QUIET_S = 3600.0


class Stop:
    """Somebody here wants the session to end: a key, a signal. ``ask`` may be called from a signal handler."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.inbox: SimpleQueue[Event | RemotegoError | str] = SimpleQueue()

    def ask(self, why: str) -> None:
        """End the session for this reason."""
        self.inbox.put(why)


@dataclass(slots=True)
class Held:
    """A keeper, and the inbox in which its events and our wishes meet."""

    host: Transport
    exchange: Exchange
    plan: Plan
    stop: Stop
    begun: bool = False
    ended: Ended | None = None

    def await_up(self, yama: int | None) -> None:
        """Block until dlv is attached and serves.

        Raises AttachError, ProcessGoneError, and the HostError that kept the session from beginning.
        """
        deadline_s = monotonic() + START_TIMEOUT_S
        match self._await(Up, deadline_s):
            case Up():
                self.begun = True
            case Ended("missing"):
                raise ProcessGoneError(self.host.name, self.plan.process.label)
            case Ended("failed", said):
                raise attach_refused(self.host.name, self.plan.process.label, said, yama)
            case Ended("closed"):
                raise explain(self.exchange.answer(ANSWER_TIMEOUT_S).stderr, self.plan.directory)
            case ended:
                check_end(self.host.name, ended)

    def wait(self) -> str:
        """Block until somebody wants the end; say why. Raises what broke the connection."""
        match self.stop.inbox.get():
            case str() as why:
                return why
            case Gone(what):
                return f"{what or 'dlv'} has ended"
            case Asked():
                return "asked to stop from elsewhere"
            case RemotegoError() as error:
                raise error
            case Ended() as ended:
                self.ended = ended
                return "ended from elsewhere"
            case Up():
                return "its keeper began anew"

    def let_go(self) -> None:
        """Make the keeper detach and wait for its last word. Raises UncleanEndError, UnreachableError."""
        if self.ended is not None and not self.begun:
            return  # it has been told why
        if self.ended is None:
            with suppress(OSError, RemotegoError):
                self.exchange.send(b"end\n")
            self._await(Ended, monotonic() + END_TIMEOUT_S)
        check_end(self.host.name, self.ended or Ended("silent"))

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
                    case Up() | Gone() | Asked():
                        continue
        finally:
            for wish in kept:
                self.stop.ask(wish)

    def _next(self, timeout_s: float) -> Event | RemotegoError | str:
        try:
            return self.stop.inbox.get(timeout=max(0.0, timeout_s))
        except Empty:
            return Ended("silent")


@contextmanager
def hold(host: Transport, plan: Plan, stop: Stop, yama: int | None) -> Iterator[Held]:
    """Start a session and hold it; on leaving, however that comes about, dlv is detached and its keeper has said so.

    ``yama`` is kernel.yama.ptrace_scope, for explaining a refusal. Raises what ``Held`` raises.
    """
    exchange = host.open(render_keeper(plan))
    held = Held(host, exchange, plan, stop)
    threading.Thread(target=_listen, args=(exchange, stop), name="keeper", daemon=True).start()
    try:
        held.await_up(yama)
        yield held
    except UnreachableError:
        raise  # the keeper sees the end of its input, and there is nobody to ask any more
    except BaseException:
        held.let_go()
        raise
    else:
        held.let_go()
    finally:
        exchange.close()


def _listen(exchange: Exchange, stop: Stop) -> None:
    """Carry a keeper's events to the inbox until its end; the last is always an Ended."""
    try:
        while (line := _next_line(exchange)) is not None:
            stop.inbox.put(parse_event(line))
    except RemotegoError as error:
        stop.inbox.put(error)
    except (ValueError, OSError) as error:
        stop.inbox.put(Ended("silent", str(error)))
    stop.inbox.put(Ended("closed"))


def _next_line(exchange: Exchange) -> bytes | None:
    """Wait for a line however long none comes: a session may be quiet for hours."""
    while True:
        with suppress(TimeoutError):
            return exchange.read_line(QUIET_S)
