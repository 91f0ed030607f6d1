"""Tether: a hold on a session that survives a lost connection for as long as the lease lasts."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

from remotego.core.errors import RemotegoError, UnreachableError
from remotego.core.transport import Network, Script, Stream, Transport
from remotego.delve.ending import Ended
from remotego.delve.guard import ALIVE, Up, render_return
from remotego.delve.records import last_word
from remotego.ops.attended import Attended
from remotego.ops.channel import Channel, Ends
from remotego.ops.engine import ask
from remotego.ops.holding import Grip, Late, News, Stop, grip, pass_on

RETURN_S = 15.0
"""How long a kept session is looked for after its connection was lost."""

PAUSE_S = 0.5
SETTLE_S = 5.0
"""How long, at most, a guard takes to end a session once its lease is over."""

FIRST_WORD_S = 10.0


@dataclass(frozen=True, slots=True)
class Session:
    """What leads to a session: its ``id``, our ``root`` on the target, the ``agent`` there, and its terms.

    ``user`` is who it belongs to, None for this login.
    """

    id: str
    root: str
    agent: str
    lease_s: float
    keep: bool
    user: str | None = None

    @property
    def directory(self) -> str:
        """Where it lives on the target."""
        return f"{self.root}/sessions/{self.id}"

    @property
    def socket(self) -> str:
        """Where clients are let in."""
        return f"{self.directory}/session.sock"

    def ends(self, port: int | None) -> Ends:
        """What leads to dlv; ``port`` where it listens on one."""
        return Ends(self.socket, self.agent, port)


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is lost, for the reason ``cause``; it is being looked for anew."""

    cause: str


@dataclass(frozen=True, slots=True)
class Regained:
    """The session is held again, ``after_s`` seconds later."""

    after_s: float


@dataclass(eq=False)
class LostSessionError(UnreachableError):
    """The connection is lost and could not be had again while the session lasted."""

    host: str
    cause: str
    lease: str
    what = "{cause}; the guard on {host} ends the session by itself within {lease}, and the process runs on"
    remedy = "`remotego sessions --host {host}` says how it ended, once the host can be reached again"


Tidings = News | Lost | Regained
Hear = Callable[[Tidings], None]


@dataclass(slots=True)
class Tether:
    """A session held by a grip that is taken anew when it is lost.

    While it is still the ``first``, whoever attends the session can be heard by it. ``asked`` says that the end has
    been asked for; ``hear`` is told if that takes long.
    """

    network: Network
    host: Transport
    session: Session
    stop: Stop
    grip: Grip
    channel: Channel | None = None
    first: Grip | None = None
    attended: Attended | None = None
    hear: Callable[[Late], None] = pass_on
    pid: int = 0
    asked: bool = False
    _ways: ExitStack = field(default_factory=ExitStack)

    @property
    def way(self) -> Channel:
        """How clients get to dlv: by the channel that was found, or as it is where nothing is forbidden."""
        return self.channel or Channel("streamlocal", self.session.ends(None))

    def connect(self) -> Stream:
        """Open one more way for a client. Raises RefusedError, UnreachableError."""
        return self.way.connect(self.host)

    def wait(self, hear: Hear) -> str:
        """Block until somebody wants the end; say why. Raises UnreachableError when the session cannot be regained."""
        while True:
            try:
                return self.grip.wait(hear)
            except UnreachableError as error:
                hear(Lost(str(error)))
                begun = monotonic()
                ended = self._regain(error)
                if ended is not None:
                    self.grip.ended = ended
                    return f"ended there by itself ({ended.why or 'nobody held it'})"
                hear(Regained(monotonic() - begun))

    def let_go(self) -> Ended:
        """End the session and wait for its last word, and for that of root where root attends it.

        Raises UncleanEndError, UnreachableError, RootLeftError.
        """
        self.asked = True
        ended = self.grip.let_go(self.session.id, self.hear)
        if self.attended is not None and self.grip is self.first:
            self.attended.last(self.grip)
        if ended.why not in ("", "end"):
            self._forget()
        return ended

    def leave(self) -> None:
        """Let go of a session that stays."""
        self.grip.close()

    def close(self) -> None:
        """Give up the grip and whatever way led to it."""
        self.grip.close()
        self._ways.close()

    def _regain(self, error: UnreachableError) -> Ended | None:
        """Take the grip anew; give the session's end where it has ended meanwhile. Raises LostSessionError."""
        from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

        self.grip.close()
        left_s = RETURN_S if self.session.keep else self.grip.renewed + self.session.lease_s - monotonic()
        patience = Retrying(
            retry=retry_if_exception_type(UnreachableError),
            stop=stop_after_delay(max(0.0, left_s)),
            wait=wait_fixed(PAUSE_S),
            reraise=True,
        )
        try:
            return patience(self._reach)
        except RemotegoError as last:
            lease = f"{self.session.lease_s + SETTLE_S:g} s"
            raise LostSessionError(self.host.name, str(error), lease) from last

    def _reach(self) -> Ended | None:
        self._ways.close()
        host = self._ways.enter_context(self.network.reach(self.host.name))
        self.host = host if self.session.user is None else host.as_user(self.session.user)
        script = render_return(self.session.agent, self.session.directory)
        self.grip = grip(self.host, script, ALIVE, self.stop, self.session.lease_s)
        if isinstance(self.grip.await_up(FIRST_WORD_S), Up):
            return None
        return ask(self.host, last_word(self.session.id, self.session.root)) or Ended("silent")

    def _forget(self) -> None:
        """Remove the note of an end that has been told here."""
        with suppress(RemotegoError):
            note = f"{self.session.root}/journal/{self.session.id}.ended"
            self.host.run(Script(f"rm -f -- {shlex.quote(note)}"))


@contextmanager
def tethered(tether: Tether) -> Iterator[Tether]:
    """Hold a session; on leaving, however that comes about, it has ended and said so, or the lease will end it.

    Whoever interrupts the waiting for its last word does not want to wait for it once more.
    """
    try:
        yield tether
    except UnreachableError:
        raise  # the guard's lease runs out, and there is nobody to ask any more
    except BaseException:
        if not tether.asked:
            tether.let_go()
        raise
    finally:
        tether.close()


def begin(network: Network, host: Transport, session: Session, script: Script, order: bytes, stop: Stop) -> Tether:
    """Start a guard, or come to one that is there. Raises UnreachableError."""
    return Tether(network, host, session, stop, grip(host, script, order, stop, session.lease_s))


def begin_attended(
    network: Network, host: Transport, session: Session, attended: Attended, order: bytes, stop: Stop
) -> Tether:
    """Start a guard that root may have to attend. Raises UnreachableError, RootWorkError."""
    held = grip(host, attended.script, order, stop, session.lease_s, attended.first)
    return Tether(network, host, session, stop, held, first=held, attended=attended)
