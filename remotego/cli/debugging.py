"""Verbs about sessions: debug, sessions, stop."""

from __future__ import annotations

import shlex
import signal
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.deploying import document_deployed, view_deployed
from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import heed, verb
from remotego.core.errors import UsageError

if TYPE_CHECKING:
    from remotego.ops.debug import Finished, Planned, Ready, Stop


def one_host(names: tuple[str, ...]) -> str:
    """Give the only host. Raises NoHostError or ManyHostsError."""
    from remotego.ops.fleet import NoHostError

    if not names:
        raise NoHostError
    if len(names) > 1:
        raise ManyHostsError(", ".join(names))
    return names[0]


@dataclass(eq=False)
class ManyHostsError(UsageError):
    """Several hosts where one session is asked for."""

    hosts: str
    what = "one session needs one host, and these were given: {hosts}"
    remedy = "give one --host"


@verb("debug", iterable=("host",))
def debug(
    c: Context,
    host: list[str],
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    dlv_version: str | None = None,
    go: str | None = None,
) -> None:
    """Attach dlv to a running process on HOST and hold a tunnel to it until Ctrl-C.

    The process runs on all the time: it stops only where your editor says, and when the session
    ends it is left as it was. Nothing listens on a network port of the host or its jump hosts.

    Examples:
        debug --host app1 --process svc
        debug --host app1 --pid 4711 --port 0
    """
    from remotego.ops import debug as operation

    request = c.request
    settings = request.settings
    name = one_host(settings.hosts)
    stop = operation.Stop()
    screen = _Screen(request, stop)
    operation.debug(request.network, name, settings.of(name), stop, request.printer, dry=request.dry, tell=screen.tell)


class _Screen:
    """Shows a session's events; once it is up, signals ask for its end instead of interrupting us."""

    def __init__(self, request: Any, stop: Stop) -> None:
        self._request, self._stop = request, stop

    def tell(self, event: Ready | Finished | Planned) -> None:
        """Print one event."""
        from remotego.delve.ending import GOOD
        from remotego.ops.debug import Finished, Planned, Ready

        match event:
            case Ready():
                self._ready(event)
            case Finished(host, why, outcome):
                document = {"event": "ended", "host": host, "why": why, "outcome": outcome}
                self._print(document, f"{host}: session ended ({why}); {GOOD[outcome]}")
            case Planned():
                self._planned(event)

    def _ready(self, event: Ready) -> None:
        asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        heed(asked, lambda number, _: self._stop.ask(signal.Signals(number).name))
        process = event.process
        called = f"{process.label} (pid {process.pid})"
        lines = (
            f"{event.host}: dlv {event.deployed.dlv.release.version} is attached to {called}, which runs on",
            f"  attach here    127.0.0.1:{event.port}",
            f"  VS Code        {shlex.join(self._gen_launch(event))}, then F5",
            f"  terminal       dlv connect 127.0.0.1:{event.port}",
            "  end            Ctrl-C",
        )
        self._print({"event": "ready", **_document(event), "directory": event.directory}, "\n".join(lines))

    def _gen_launch(self, event: Ready) -> list[str]:
        """Give the command whose entry leads to this very session: same process, same port, same flags."""
        settings = self._request.settings
        chosen = ("pid", str(event.process.pid)) if settings.pid else ("process", event.process.label)
        given = [(name, getattr(settings, name)) for name in ("ssh_config", "store")]
        flags = [chosen, ("port", str(event.port)), *(pair for pair in given if settings.origin(pair[0])[:2] == "--")]
        words = [word for name, value in flags for word in (f"--{name.replace('_', '-')}", value)]
        return ["remotego", "gen-launch", "--host", event.host, *words]

    def _planned(self, event: Planned) -> None:
        deployed = view_deployed(event.deployed, dry=True)
        called = f"{event.process.label} (pid {event.process.pid})"
        lines = (
            f"{event.host}: {deployed.status}: {'; '.join(deployed.details)}",
            f"{event.host}: planned: attach to {called} and forward 127.0.0.1:{event.port} to it",
        )
        self._print({"event": "planned", **_document(event)}, "\n".join(lines))

    def _print(self, document: dict[str, Any], text: str) -> None:
        self._request.printer.event("debug", document, text)


def _document(event: Ready | Planned) -> dict[str, Any]:
    process = event.process
    return {
        "host": event.host,
        "pid": process.pid,
        "process": process.label,
        "port": event.port,
        **document_deployed(event.deployed),
    }


@verb("sessions", iterable=("host",))
def sessions(c: Context, host: list[str]) -> Report:
    """List your debug sessions on each HOST: what they debug, since when, and who holds them.

    Example:
        sessions --host app1 --json
    """
    from remotego.delve.session import Record
    from remotego.ops.upkeep import find_sessions

    request = c.request

    def view(found: tuple[Record, ...]) -> View:
        lines = [
            f"{one.id}  {one.process} (pid {one.pid}{', paused' * one.paused})  {one.state}"
            f" for {timedelta(seconds=one.now - one.since)}  by {one.by}"
            for one in found
        ]
        return View(
            "found" if found else "none",
            lines,
            {"sessions": [_session(one) for one in found]},
        )

    return on_each_host(
        request,
        "sessions",
        lambda name, settings: find_sessions(request.network, name, settings),
        view,
        absent={"sessions": []},
    )


def _session(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "pid": one.pid,
        "process": one.process,
        "dlv_pid": one.dlv[0],
        "state": one.state,
        "paused": one.paused,
        "owner": one.by,
        "age_s": one.now - one.since,
        "directory": one.directory,
    }


@verb("stop", iterable=("host",), explain={"session": "end only the session with this id (see sessions)"})
def stop(c: Context, host: list[str], session: str | None = None) -> Report:
    """End your debug sessions on each HOST; the debugged processes run on.

    Examples:
        stop --host app1
        stop --host app1 --session 1f0c2a9d
    """
    from remotego.ops.upkeep import Stopped, stop_sessions

    request = c.request

    def view(done: tuple[Stopped, ...]) -> View:
        lines = [
            f"{one.session.id}  {one.session.process}: {one.ended.outcome} {one.ended.detail}".rstrip() for one in done
        ]
        ended = [{"id": one.session.id, "outcome": one.ended.outcome} for one in done]
        status = "planned" if request.dry else "ended"
        return View(status if done else "nothing to do", lines, {"sessions": ended})

    return on_each_host(
        request,
        "stop",
        lambda name, settings: stop_sessions(
            request.network, name, settings, request.printer, only=session, dry=request.dry
        ),
        view,
        absent={"sessions": []},
    )
