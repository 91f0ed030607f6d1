"""Debug: a session from deploying dlv to a clean end, with a local port that leads to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from remotego.adapters.forward import Forward
from remotego.core.errors import RefusedError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.delve.session import ID_BYTES, Plan, check_room
from remotego.host.processes import Process, ProcessTable, check_attachable, processes, select
from remotego.host.store import plan_home
from remotego.host.survey import Survey, survey
from remotego.ops.debuggee import build_info
from remotego.ops.deploy import Deployed, deploy_for
from remotego.ops.engine import apply, ask, controller
from remotego.ops.holding import Stop, hold

__all__ = ["Finished", "Planned", "Ready", "Stop", "debug"]


@dataclass(eq=False)
class OldDelveError(RefusedError):
    """The Delve that fits this process cannot listen on a unix socket."""

    release: str
    what = "Delve {release}, the one for this process, cannot listen on a private unix socket (since 1.22.1)"
    remedy = "rebuild the program with Go 1.19 or later"


@dataclass(frozen=True, slots=True)
class Ready:
    """The editor can attach: to ``port`` on 127.0.0.1 here."""

    host: str
    process: Process
    port: int
    deployed: Deployed
    directory: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The session is over: why it ended, and how (see Ended)."""

    host: str
    why: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run would have done."""

    host: str
    process: Process
    port: int
    deployed: Deployed


Tell = Callable[[Ready | Finished | Planned], None]


def debug(
    network: Network, name: str, settings: Settings, stop: Stop, progress: Progress, *, dry: bool, tell: Tell
) -> None:
    """Attach dlv to a process, forward a local port to it, and hold both until ``stop`` or the process ends.

    The port is bound before anything happens on the target. Whatever ends the session, the order
    is the safe one: local clients, then dlv.
    """
    with Forward(settings.port) as forward, network.reach(name) as host:
        progress.step(name, "connect")
        have, table = ask(host, survey(settings.store), processes())
        process, deployed = _prepare(host, have, table, settings, progress, dry=dry)
        path = deployed.dlv.path
        if dry or path is None:
            tell(Planned(name, process, forward.port, deployed))
            return
        plan = Plan(secrets.token_hex(ID_BYTES), have.root, path, process, controller())
        progress.step(name, f"attach to {process.label} (pid {process.pid})")
        with hold(host, plan, stop, table.yama) as held, forward:
            _knock(host, plan.socket)
            forward.serve(lambda: host.connect_unix(plan.socket))
            tell(Ready(name, process, forward.port, deployed, plan.directory))
            why = held.wait()
        tell(Finished(name, why, held.ended.outcome if held.ended else ""))


def _knock(host: Transport, socket: str) -> None:
    """See whether the target forwards to sockets; that shows only on a live one. Raises RefusedError.

    The byte makes Delve take us for a client that has nothing to say: without one it would never
    close its end.
    """
    stream = host.connect_unix(socket)
    try:
        stream.sendall(b"\n")
    finally:
        stream.close()


def _prepare(
    host: Transport, have: Survey, table: ProcessTable, settings: Settings, progress: Progress, *, dry: bool
) -> tuple[Process, Deployed]:
    """Choose the process, refuse what cannot work, and have dlv and our directories there."""
    process = select(table, host=host.name, name=settings.process, pid=settings.pid)
    check_attachable(process, host=host.name, uid=have.uid)
    check_room(have.root)
    deployed = deploy_for(host, have, build_info(host, process).version, settings, progress, dry=dry)
    if not deployed.dlv.release.listens_on_unix:
        raise OldDelveError(deployed.dlv.release.version)
    if not dry and not deployed.changes:
        apply(host, plan_home(have), have, progress)
    return process, deployed
