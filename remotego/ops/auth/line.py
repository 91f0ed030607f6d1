"""The line to ``agent credential serve``: events come in, answers and signs of life go out, until either end goes."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic

from remotego.core.errors import HostError, RemotegoError
from remotego.core.transport import Exchange, Script, Transport
from remotego.credentials.protocol import ALIVE, BEGUN, END, Ended, Event, Gone, Question, Up, parse_event
from remotego.host.faults import explain

LEASE_S = 10.0
"""How long access outlives us or the connection, at most, where nothing tells of their end."""

START_S = 30.0
END_S = 10.0
QUIET_S = 3600.0
_BREATHS = 4
_UNREAD_MOST = 256
"""Events that may wait for us: a host that talks without end fills its own pipe, and not our memory."""


@dataclass(eq=False)
class NotServedError(HostError):
    """The agent does not serve."""

    host: str
    said: str
    what = "{host}: the agent there does not serve credentials: {said}"
    remedy = "see what it says; `remotego undo --host {host}` removes what is ours there"


class Stop:
    """Somebody here wants the end. ``ask`` may be called from a signal handler; ``why`` is "" until then."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.inbox: SimpleQueue[Event | RemotegoError | str] = SimpleQueue()
        self.why = ""

    def ask(self, why: str) -> None:
        """End it for this reason."""
        self.why = why
        self.inbox.put(why)


@dataclass(slots=True)
class Line:
    """One conversation. ``closing`` is set once we have let go of it, ``ended`` once the server has.

    ``waiting`` are the numbers of questions that somebody still wants an answer to.
    """

    host: Transport
    exchange: Exchange
    stop: Stop
    ended: bool = False
    closing: threading.Event = field(default_factory=threading.Event)
    waiting: set[int] = field(default_factory=set)
    room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_UNREAD_MOST))

    def next(self, timeout_s: float | None) -> Event | str | None:
        """Wait for an event or a wish to end; None when none comes in time. Raises what broke the connection."""
        try:
            found = self.stop.inbox.get(timeout=timeout_s)
        except Empty:
            return None
        if isinstance(found, str):
            return found
        self.room.release()
        self.ended = self.ended or isinstance(found, Ended | RemotegoError)
        if isinstance(found, RemotegoError):
            raise found
        return found

    def await_up(self) -> Up:
        """Wait until the server listens. Raises NotServedError, and what the shell there says."""
        match self.next(START_S):
            case Up() as up:
                return up
            case Ended():
                raise explain(self.exchange.answer(END_S).stderr, self.host.name)
            case str() as why:
                raise KeyboardInterrupt(why)
            case other:
                raise NotServedError(self.host.name, "nothing within 30 s" if other is None else "something else first")

    def answer(self, question: Question, line: bytes) -> None:
        """Answer a question. Raises UnreachableError."""
        self.waiting.discard(question.number)
        self.exchange.send(line)

    def moot(self, question: Question) -> str:
        """Say why an answer would come too late; "" while it is awaited. It changes while somebody here thinks."""
        if self.stop.why:
            return "the connection is about to end"
        return "" if question.number in self.waiting and not self.closing.is_set() else "whoever asked has gone"

    def end(self) -> None:
        """Ask for the end, and wait until nothing of the server is left."""
        deadline_s = monotonic() + END_S
        with suppress(OSError, RemotegoError):
            if not self.ended:
                self.exchange.send(END)
            while not self.ended and (left_s := deadline_s - monotonic()) > 0:
                self.next(left_s)

    def close(self) -> None:
        """Let go; a server that has not ended sees the end of its input."""
        self.closing.set()
        self.exchange.close()

    def renew(self) -> None:
        """Show that we live, until we let go; work for a thread."""
        while not self.closing.wait(LEASE_S / _BREATHS):
            try:
                self.exchange.send(ALIVE)
            except (OSError, RemotegoError):
                return  # the thread that listens tells of it

    def listen(self) -> None:
        """Carry events to the inbox until their end; work for a thread."""
        try:
            while (line := self._next_line()) is not None:
                self._put(parse_event(line))
        except RemotegoError as error:
            self._put(error)
            return
        except (ValueError, OSError) as error:
            self._put(NotServedError(self.host.name, str(error)))
            return
        self._put(Ended("closed"))

    def _put(self, event: Event | RemotegoError) -> None:
        if isinstance(event, Gone):
            self.waiting.discard(event.number)
            return
        while not self.room.acquire(timeout=1.0):
            if self.closing.is_set():
                return
        if isinstance(event, Question):
            self.waiting.add(event.number)
        self.stop.inbox.put(event)

    def _next_line(self) -> bytes | None:
        while True:
            with suppress(TimeoutError):
                return self.exchange.read_line(QUIET_S)


def open_line(host: Transport, script: Script, order: bytes, stop: Stop) -> Line:
    """Start a server and give it its order. Raises NotServedError, UnreachableError."""
    line = Line(host, host.open(script), stop)
    try:
        if line.exchange.read_line(START_S) != BEGUN:
            raise NotServedError(host.name, "the shell there does not begin to work")
        line.exchange.send(order)
    except TimeoutError as error:
        line.close()
        raise NotServedError(host.name, "the shell there does not say a word") from error
    except RemotegoError:
        line.close()
        raise
    for work in (line.listen, line.renew):
        threading.Thread(target=work, name=f"auth-{work.__name__}", daemon=True).start()
    return line
