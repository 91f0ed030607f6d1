"""Debug: hold a session open, from deploy to a clean end."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import SimpleQueue

from remotego.adapters.forward import Forward
from remotego.core.errors import HostError, RefusedError, RemotegoError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Exchange, Network, Transport
from remotego.delve.session import Asked, Ended, Event, Gone, Plan, Up, parse_event, render_keeper
from remotego.host.processes import Process, check_attachable, processes, select
from remotego.host.store import plan_home
from remotego.host.survey import survey
from remotego.ops.debuggee import build_info
from remotego.ops.deploy import Deployed, deploy_for
from remotego.ops.engine import apply, ask, controller

START_TIMEOUT_S = 150.0
END_TIMEOUT_S = 40.0
QUIET_S = 3600.0


@dataclass(eq=False)
class AttachError(RefusedError):
    """dlv could not attach to the process."""

    host: str
    process: str
    said: str
    cause: str
    what = "{host}: dlv could not attach to {process}: {said}"
    remedy = "{cause}"


@dataclass(eq=False)
class OldDelveError(RefusedError):
    """The Delve that fits this process cannot listen on a unix socket."""

    release: str
    what = "Delve {release}, the one for this process, cannot listen on a private unix socket (since 1.22.1)"
    remedy = "rebuild the program with Go 1.19 or later"


@dataclass(eq=False)
class UncleanEndError(HostError):
    """A session ended, but not in the state it should leave behind."""

    host: str
    outcome: str
    detail: str
    what = "{host}: the session did not end cleanly: {outcome} {detail}"
    remedy = "see what is left with `remotego sessions --host {host}` and end it with `remotego stop --host {host}`"


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


class Stop:
    """Somebody here wants the session to end: a key, a signal. ``ask`` may be called from a signal handler."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self.inbox: SimpleQueue[Event | RemotegoError | str] = SimpleQueue()

    def ask(self, why: str) -> None:
        """End the session for this reason."""
        self.inbox.put(why)


def debug(
    network: Network,
    name: str,
    settings: Settings,
    stop: Stop,
    progress: Progress,
    *,
    dry: bool,
    tell: Callable[[Ready | Finished | Planned], None],
) -> None:
    """Attach dlv to a process, forward a local port to it, and hold both until ``stop`` or the process ends.

    The port is bound before anything happens on the target. Whatever ends the session, the order
    is the safe one: local clients, then dlv.
    """
    with Forward(settings.port) as forward, network.reach(name) as host:
        progress.step(name, "connect")
        have, table = ask(host, survey(settings.store), processes())
        process = select(table, host=name, name=settings.process, pid=settings.pid)
        check_attachable(process, host=name, uid=have.uid)
        deployed = deploy_for(host, have, build_info(host, process).version, settings, progress, dry=dry)
        if not deployed.dlv.release.listens_on_unix:
            raise OldDelveError(deployed.dlv.release.version)
        if dry:
            tell(Planned(name, process, forward.port, deployed))
            return
        if not deployed.changes:
            apply(host, plan_home(have), have, progress)
        plan = Plan(secrets.token_hex(4), have.root, deployed.dlv.path, process, controller())
        progress.step(name, f"attach to {process.label} (pid {process.pid})")
        with _hold(host, plan, stop, table.yama) as held:
            forward.serve(lambda: host.connect_unix(plan.socket))
            tell(Ready(name, process, forward.port, deployed, plan.directory))
            why = held.wait()
            forward.close()
            ended = held.end()
        if ended.outcome not in ("clean", "exited"):
            raise UncleanEndError(name, ended.outcome, ended.detail)
        tell(Finished(name, why, ended.outcome))


@dataclass(slots=True)
class _Held:
    """A keeper that is up, and the inbox its events and our wishes meet in."""

    host: str
    exchange: Exchange
    stop: Stop

    def wait(self) -> str:
        """Block until somebody wants the end; say why. Raises what broke the connection."""
        match self.stop.inbox.get():
            case str() as why:
                return why
            case Gone():
                return "the process has ended"
            case Asked():
                return "asked to stop from elsewhere"
            case Ended(outcome, detail):
                raise UncleanEndError(self.host, outcome, detail)
            case RemotegoError() as error:
                raise error
            case event:
                raise UncleanEndError(self.host, "protocol", repr(event))

    def end(self) -> Ended:
        """Make the keeper detach; give its last word. Raises UncleanEndError when none comes in time."""
        with suppress(OSError):
            self.exchange.send(b"end\n")
        overdue = threading.Timer(END_TIMEOUT_S, self.stop.inbox.put, [Ended("silent", "")])
        overdue.daemon = True
        overdue.start()
        try:
            while True:
                match self.stop.inbox.get():
                    case Ended() as ended:
                        return ended
                    case RemotegoError() as error:
                        raise error
                    case _:
                        continue
        finally:
            overdue.cancel()


@contextmanager
def _hold(host: Transport, plan: Plan, stop: Stop, yama: int | None) -> Iterator[_Held]:
    """Start a keeper and listen to it. Closing its input, at the latest on leaving, makes it detach."""
    exchange = host.open(render_keeper(plan))
    try:
        _await_up(host, exchange, plan, yama)
        listener = threading.Thread(target=_listen, args=(exchange, stop), daemon=True)
        listener.start()
        yield _Held(host.name, exchange, stop)
    finally:
        exchange.close()


def _await_up(host: Transport, exchange: Exchange, plan: Plan, yama: int | None) -> None:
    line = exchange.read_line(START_TIMEOUT_S)
    match parse_event(line) if line is not None else Ended("silent"):
        case Up():
            return
        case Ended("failed", said):
            raise AttachError(host.name, plan.process.label, said, _cause(said, yama))
        case event:
            raise AttachError(host.name, plan.process.label, str(event), "see whether the process still runs")


def _listen(exchange: Exchange, stop: Stop) -> None:
    """Carry a keeper's events to the inbox until its end, or until the connection is lost."""
    try:
        while (line := _next_line(exchange)) is not None:
            stop.inbox.put(parse_event(line))
        stop.inbox.put(Ended("silent"))
    except RemotegoError as error:
        stop.inbox.put(error)
    except (ValueError, OSError) as error:
        stop.inbox.put(Ended("protocol", str(error)))


def _next_line(exchange: Exchange) -> bytes | None:
    """Wait for a line however long none comes: a session may be quiet for hours."""
    while True:
        with suppress(TimeoutError):
            return exchange.read_line(QUIET_S)


def _cause(said: str, yama: int | None) -> str:
    """What to do when dlv was refused; dlv itself blames Yama for every EPERM while Yama is on."""
    if "permitted" not in said and "ptrace_scope" not in said:
        return "the text is dlv's own; see whether the process still runs and is a Go program"
    if yama:
        return (
            f"kernel.yama.ptrace_scope is {yama} there: have it set to 0 by an administrator for the time of debugging, "
            "or let the program call prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY) in debug builds (works at scope 1)"
        )
    return "the process is protected (other group, capabilities, not dumpable, or a container): run it as plainly as this login"
