"""Attaching: a session from the order to its guard until a client can reach dlv, or the reason why none can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from remotego.core.transport import Network, Script, Transport
from remotego.delve.ending import Ended, check_end
from remotego.delve.guard import Up, render_guard, write_order
from remotego.delve.refusal import attach_refused, never_up
from remotego.delve.session import Plan
from remotego.ops.attended import Attended
from remotego.ops.channel import AUTO, TCP, NoChannelError, climb
from remotego.ops.holding import Late, Stop, pass_on
from remotego.ops.tether import Session, Tether, begin_attended, tethered


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a session is to be: over which ``network`` and ``host``, by the ``agent`` at this path.

    ``yama`` is kernel.yama.ptrace_scope, for explaining a refusal; ``channel`` the rung to take, or "auto".
    ``user`` is whom ``host`` runs scripts as, None for this login. ``guard`` is the agent to run as guard where that
    is another, and ``attend`` puts root's part around its script. ``hear`` is told if the end takes long.
    """

    network: Network
    host: Transport
    agent: str
    yama: int | None = None
    channel: str = AUTO
    user: str | None = None
    guard: str | None = None
    attend: Callable[[Script], Attended] | None = None
    hear: Callable[[Late], None] = pass_on

    def script(self) -> Attended:
        """What starts the guard."""
        script = render_guard(self.guard or self.agent)
        return self.attend(script) if self.attend else Attended(self.host.name, script)


@contextmanager
def attached(scene: Scene, plan: Plan, stop: Stop) -> Iterator[Tether]:
    """Start a session and hold it; on leaving it has ended, or its lease will end it.

    Where the target lets no client through to a socket it is begun anew, with dlv on a port. Raises AttachError,
    ProcessGoneError, EarlyEndError, NoChannelError, and the HostError that kept the session from beginning.
    """
    with ExitStack() as stack:
        try:
            tether = stack.enter_context(_begun(scene, plan, stop, tcp=scene.channel == TCP))
        except NoChannelError as refused:
            if not refused.untried:
                raise
            stop.start_over()
            tether = stack.enter_context(_begun(scene, plan, stop, tcp=True, before=refused))
        yield tether


@contextmanager
def _begun(
    scene: Scene, plan: Plan, stop: Stop, *, tcp: bool, before: NoChannelError | None = None
) -> Iterator[Tether]:
    session = Session(plan.id, plan.root, scene.agent, plan.terms.lease_s, plan.terms.keep, scene.user)
    order = write_order(plan, tcp=tcp)
    with tethered(begin_attended(scene.network, scene.host, session, scene.script(), order, stop)) as tether:
        tether.hear = scene.hear
        up = _await_attached(tether, plan.aim.label, scene.yama)
        tether.pid = up.pid
        tether.channel = climb(scene.host, session.ends(up.port), scene.channel, before)
        yield tether


def _await_attached(tether: Tether, process: str, yama: int | None) -> Up:
    host = tether.host.name
    match tether.grip.await_up():
        case Up() as up:
            return up
        case Ended("failed", said):
            raise attach_refused(host, process, said, yama)
        case Ended("closed"):
            raise tether.grip.excuse()
        case ended:
            check_end(host, tether.session.id, ended)
            raise never_up(host, process, ended)
