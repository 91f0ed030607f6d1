"""Debug: a session from deploying dlv to a clean end, with a local port that leads to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from remotego.adapters.forward import Forward, Watch
from remotego.core.change import Change
from remotego.core.errors import MissingError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.delve.aim import CoreFile, Program
from remotego.delve.ending import Ended
from remotego.delve.guard import HOLD_ON, KEEP, render_return
from remotego.delve.records import Record, sessions
from remotego.delve.session import ID_BYTES, Plan, Terms
from remotego.host.inventory import Running
from remotego.host.ptrace_plan import PtracePlan
from remotego.ops.agent import bring, look
from remotego.ops.attaching import Scene, attached
from remotego.ops.channel import Rung, climb
from remotego.ops.deploy import Deployed
from remotego.ops.engine import ask, controller
from remotego.ops.goals import Appear, Launch, OpenCore, await_process, prepare_launch
from remotego.ops.holding import Late, Stop
from remotego.ops.logins import Login, logins
from remotego.ops.preparing import Planned, Prepared, Wish, prepare
from remotego.ops.sparing import sparing
from remotego.ops.tether import Session, Tether, Tidings, begin, tethered

__all__ = [
    "Appear",
    "Finished",
    "Goal",
    "Late",
    "Launch",
    "Left",
    "OpenCore",
    "Planned",
    "Ready",
    "Stop",
    "Waiting",
    "Wish",
    "adopt",
    "debug",
]


@dataclass(eq=False)
class NoSessionError(MissingError):
    """No session of this id can be taken over."""

    host: str
    session: str
    state: str
    what = "{host}: there is no session {session} to take over{state}"
    remedy = (
        "see what there is with `remotego sessions --host {host}`; "
        "end one that has no guard with `remotego stop --host {host} --session ID`"
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """The editor can attach: to ``port`` on 127.0.0.1 here, and comes to dlv by ``channel``.

    ``deployed`` and ``rights``, how dlv got the right to attach, are None for a session taken over. ``kind`` is what
    dlv does: "attach", "exec" or "core"; ``pid`` 0 for the last.
    """

    host: str
    pid: int
    process: str
    port: int
    session: Session
    channel: Rung
    deployed: Deployed | None
    changes: tuple[Change, ...] = ()
    kind: str = "attach"
    rights: PtracePlan | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The session is over: why it ended, and how."""

    host: str
    why: str
    ended: Ended


@dataclass(frozen=True, slots=True)
class Left:
    """We have gone, and the session stays."""

    host: str
    session: Session


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nobody of this name has appeared yet; ``running`` are those that were there before."""

    host: str
    name: str
    running: tuple[int, ...]


Tell = Callable[[Ready | Finished | Left | Planned | Waiting | Late | Tidings], None]
Goal = Launch | OpenCore | Appear


def debug(
    network: Network,
    name: str,
    settings: Settings,
    stop: Stop,
    progress: Progress,
    goal: Goal | None = None,
    wish: Wish | None = None,
    *,
    dry: bool,
    tell: Tell,
    watch: Watch = lambda _: None,
) -> None:
    """Attach dlv to a process, or reach another ``goal``, forward a local port to it, and hold both until the end.

    That is ``stop``, or the end of the process. The port is bound before anything happens on the target. Whatever
    ends the session, the order is the safe one: local clients, then dlv. What root has to do for it is done once it
    is approved as ``wish`` says, and taken back at the end. ``watch`` hears how many clients are connected.
    """
    with Forward(settings.local_port) as forward, network.reach(name) as host:
        progress.step(name, "connect")
        if isinstance(goal, Appear) and not dry:
            wanted = goal.name
            settings = await_process(host, goal, settings, progress, lambda pids: tell(Waiting(name, wanted, pids)))
        ready = _prepare(host, goal, settings, progress, wish or Wish(), forward.port, dry=dry)
        if isinstance(ready, Planned):
            tell(ready)
            return
        aim = ready.aim
        path, terms = ready.path_of("dlv"), _terms(settings)
        plan = Plan(secrets.token_hex(ID_BYTES), ready.have.root, path, aim, controller(), terms)
        kind = _KINDS[type(aim)]
        progress.step(name, f"{kind} {aim.title}")
        scene = _scene(network, ready.host or host, ready, settings, tell)
        with attached(scene, plan, stop) as tether, forward:
            forward.serve(sparing(tether.connect, kind), watch=watch)
            rung, changes = tether.way.rung, (*ready.agent.changes, *ready.deployed.changes)
            where, rights = (forward.port, tether.session, rung), ready.rights.plan if ready.rights else None
            tell(Ready(name, tether.pid, aim.label, *where, ready.deployed, changes, kind, rights))
            _see_through(tether, forward, tell)


_KINDS: Mapping[type, str] = {Running: "attach", Program: "exec", CoreFile: "core"}


def _scene(network: Network, host: Transport, ready: Prepared, settings: Settings, tell: Tell) -> Scene:
    return Scene(
        network,
        host,
        ready.agent.path,
        ready.yama,
        settings.channel,
        user=ready.user,
        guard=ready.path_of("agent"),
        attend=lambda script: ready.attend(host, script),
        hear=tell,
    )


def _prepare(
    host: Transport, goal: Goal | None, settings: Settings, progress: Progress, wish: Wish, port: int, *, dry: bool
) -> Prepared | Planned:
    match goal:
        case Launch() | OpenCore():
            return prepare_launch(host, goal, settings, progress, port, dry=dry)
        case Appear():
            if dry:
                return Planned(host.name, None, port, None, ())
            return prepare(host, settings, progress, wish, port, dry=dry)
        case None:
            return prepare(host, settings, progress, wish, port, dry=dry)


def adopt(
    network: Network,
    name: str,
    settings: Settings,
    wish: str,
    stop: Stop,
    progress: Progress,
    *,
    tell: Tell,
    watch: Watch = lambda _: None,
) -> None:
    """Take over the session called ``wish``, whoever began it, and forward a local port to it.

    Raises NoSessionError where there is none with a guard, NoChannelError where we cannot get to it.
    """
    with Forward(settings.local_port) as forward, network.reach(name) as host:
        progress.step(name, "connect")
        way, record = _find_session(host, settings, wish)
        host, settings = way.host, way.settings
        have, _ = look(host, settings, everything=False)
        agent = bring(host, have, settings, progress)
        terms = _terms(settings)
        session = Session(record.id, have.root, agent.path, terms.lease_s, terms.keep, way.user)
        channel = climb(host, session.ends(record.port), settings.channel)
        script = render_return(agent.path, record.directory)
        tether = begin(network, host, session, script, KEEP if terms.keep else HOLD_ON, stop)
        tether.hear = tell
        with tethered(tether), forward:
            if isinstance(tether.grip.await_up(), Ended):
                raise NoSessionError(name, wish, ": it has just ended")
            tether.channel = channel
            forward.serve(sparing(tether.connect, record.kind), watch=watch)
            tell(
                Ready(
                    name,
                    record.pid,
                    record.process,
                    forward.port,
                    session,
                    channel.rung,
                    None,
                    agent.changes,
                    record.kind,
                )
            )
            _see_through(tether, forward, tell)


def _see_through(tether: Tether, forward: Forward, tell: Tell) -> None:
    """Wait for the end of a session that is up, and bring it about; or leave it, where it is to be kept."""
    why = tether.wait(tell)
    if tether.session.keep and tether.grip.ended is None:
        forward.close()
        tether.leave()
        tell(Left(tether.host.name, tether.session))
        return
    forward.close()
    ended = tether.let_go()
    tell(Finished(tether.host.name, why or ended.why, ended))


def _terms(settings: Settings) -> Terms:
    return Terms(settings.lease_s, settings.max_pause_s, settings.hold, keep=not settings.detach_on_exit)


def _find_session(host: Transport, settings: Settings, wish: str) -> tuple[Login, Record]:
    """Find a session that nobody holds, and the way to it."""
    for way in logins(host, settings):
        found = next((one for one in ask(way.host, sessions(way.settings.store)).records if one.id == wish), None)
        if found is not None and found.state in ("waiting", "kept"):
            return way, found
        if found is not None:
            by = f" by {found.by}: it can be had once that one has gone" if found.state == "held" else ""
            raise NoSessionError(host.name, wish, f": it is {found.state}{by}")
    raise NoSessionError(host.name, wish, "")
