"""The screen of a session: its events as lines for people or JSON, and signals as wishes to end it."""

from __future__ import annotations

import shlex
import signal
from typing import TYPE_CHECKING, Any, assert_never

from remotego.cli.deploying import document_changes, document_deployed, view_deployed
from remotego.cli.ptracing import document_rights
from remotego.cli.signals import heed
from remotego.core.options import SELECTORS
from remotego.delve.guard import Paused, Printed, Released, Resumed
from remotego.host.ptrace_plan import describe_step
from remotego.ops.debug import Finished, Late, Left, Planned, Ready, Waiting
from remotego.ops.rights import explain_steps
from remotego.ops.tether import Lost, Regained, Tidings

if TYPE_CHECKING:
    from remotego.ops.debug import Stop

_CHANNELS = {
    "streamlocal": "streamlocal: sshd forwards to a private socket there",
    "relay": "relay: a command there leads to a private socket",
    "tcp": "tcp: sshd forwards to dlv's port on 127.0.0.1 there, which lets in your user only",
}

Change = Paused | Resumed | Released | Lost | Regained
Told = Ready | Finished | Left | Planned | Waiting | Late | Tidings


_BEGUN = {
    "attach": "is attached to {}, which runs on",
    "exec": "has started {}, which waits for your editor and ends with the session",
    "core": "has opened the core file of {}",
}


class Screen:
    """Shows a session's events; once it is up, signals ask for its end instead of interrupting us."""

    def __init__(self, request: Any, stop: Stop) -> None:
        self._request, self._stop = request, stop
        self._called = ""
        self._kind = "attach"
        self._asked_before = False
        self._stands_still = False

    def tell(self, event: Told) -> None:
        """Print one event."""
        match event:
            case Ready():
                self._ready(event)
            case Finished(host, why, ended):
                self._finished(host, why, ended)
            case Left(host, session):
                self._left(host, session.id)
            case Planned():
                self._planned(event)
            case Waiting() | Late():
                self._waiting(event)
            case Printed():
                self._printed(event)
            case Paused() | Resumed() | Released() | Lost() | Regained():
                self._tidings(event)
            case _:
                assert_never(event)

    def _left(self, host: str, session: str) -> None:
        again, end = (f"remotego {verb} --host {host} --session {session}" for verb in ("debug", "stop"))
        still = "; the process STANDS STILL until somebody does" if self._stands_still else ""
        text = f"{host}: session {session} stays; take it over with `{again}`, end it with `{end}`{still}"
        self._print({"event": "left", "host": host, "session": session}, text)

    def _ready(self, event: Ready) -> None:
        asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        heed(asked, self._asked)
        self._kind = event.kind
        self._called = f"{event.host}: {event.process} (pid {event.pid})"
        version = f"dlv {event.deployed.dlv.release.version}" if event.deployed else "dlv"
        called = event.process if event.kind == "core" else f"{event.process} (pid {event.pid})"
        editor = [f"  VS Code        {shlex.join(self._gen_launch(event))}, then F5"] if event.kind != "core" else []
        lines = (
            f"{event.host}: {version} {_BEGUN[event.kind].format(called)}",
            f"  attach here    127.0.0.1:{event.port}",
            *editor,
            f"  terminal       dlv connect 127.0.0.1:{event.port}",
            f"  channel        {_CHANNELS[event.channel]}",
            *(f"  rights         {describe_step(step)}" for step in (event.rights.steps if event.rights else ())),
            "  end            Ctrl-C",
        )
        document = {
            "event": "ready",
            "kind": event.kind,
            "host": event.host,
            "pid": event.pid or None,
            "process": event.process,
            "port": event.port,
            "session": event.session.id,
            "directory": event.session.directory,
            "channel": event.channel,
            "ptrace": document_rights(event.rights) if event.rights else None,
            "dlv": document_deployed(event.deployed)["dlv"] if event.deployed else None,
            "changes": document_changes(event.changes),
        }
        self._print(document, "\n".join(lines))

    def _asked(self, number: int, _: object) -> None:
        """Ask for the end; whoever asks again is not kept waiting by whatever keeps the end from coming."""
        if self._asked_before:
            raise KeyboardInterrupt(signal.Signals(number).name)
        self._asked_before = True
        self._stop.ask(signal.Signals(number).name)

    def _printed(self, event: Printed) -> None:
        gap = f"[{event.lost_bytes} bytes of output were lost here: they came faster than they could be carried]\n"
        text = f"{gap if event.lost_bytes else ''}{event.text}"
        document = {"event": "output", "stream": event.stream, "text": event.text, "lost_bytes": event.lost_bytes}
        self._print(document, text.removesuffix("\n"))

    def _waiting(self, event: Waiting | Late) -> None:
        if isinstance(event, Late):
            wait = f"waiting for {event.host} to free the process"
            self._request.printer.note(f"{wait} (up to {event.limit_s:.0f} s; Ctrl-C again leaves that to the guard)")
            return
        host, name, running = event.host, event.name, event.running
        others = f"; pid {', '.join(map(str, running))} had that name before and does not count" if running else ""
        document = {"event": "waiting", "host": host, "process": name, "running": list(running)}
        self._print(document, f"{host}: waiting for a process called {name}{others}")

    def _finished(self, host: str, why: str, ended: Any) -> None:
        from remotego.delve.ending import GOOD

        document = {"event": "ended", "host": host, "why": why, "outcome": ended.outcome, "text": ended.text or None}
        state = "the core file is as it was" if self._kind == "core" else GOOD[ended.outcome]
        self._print(document, f"{host}: session ended ({why}); {state}")

    def _gen_launch(self, event: Ready) -> list[str]:
        """Give the command whose entry leads to this very session: same process, same port, same flags."""
        settings = self._request.settings
        chosen = ("process", event.process) if settings.process else ("pid", str(event.pid))
        given = [(name, getattr(settings, name)) for name in ("ssh_config", "transport", "store")]
        typed = [pair for pair in given if settings.origin(pair[0])[:2] == "--"]
        flags = [chosen, ("local-port", str(event.port)), *typed]
        words = [word for name, value in flags for word in (f"--{name.replace('_', '-')}", value)]
        return ["remotego", "gen-launch", "--host", event.host, *words, "--no-tasks"]

    def _planned(self, event: Planned) -> None:
        lines = []
        if event.deployed is not None:
            deployed = view_deployed(event.deployed, dry=True)
            lines.append(f"{event.host}: {deployed.status}: {'; '.join(deployed.details)}")
            changes = document_deployed(event.deployed)
        else:
            changes = {"dlv": None, "changes": document_changes(event.changes)}
            lines += [f"{event.host}: planned: {act}" for change in changes["changes"] for act in change["do"]]
        if event.rights is not None:
            head = f"{event.host}: planned (--ptrace {event.rights.policy})"
            lines += [f"{head}: {line}" for line in explain_steps(event.rights)]
        called = event.aim.title if event.aim else self._expected
        lines.append(f"{event.host}: planned: attach to {called} and forward 127.0.0.1:{event.port} to it")
        process = {"pid": getattr(event.aim, "pid", None), "process": event.aim and event.aim.label}
        rights = document_rights(event.rights) if event.rights else None
        document = {"event": "planned", "host": event.host, **process, "port": event.port, "ptrace": rights, **changes}
        self._print(document, "\n".join(lines))

    @property
    def _expected(self) -> str:
        """What to call a process that is not known yet."""
        settings = self._request.settings
        selector = next((name for name in SELECTORS if getattr(settings, name) is not None), "wait-for")
        return f"the process named by --{selector}"

    def _tidings(self, event: Change) -> None:
        self._stands_still = isinstance(event, Paused) or (self._stands_still and isinstance(event, Lost | Regained))
        document, text = _explain(event)
        self._print(document, f"{self._called} {text}")

    def _print(self, document: dict[str, Any], text: str) -> None:
        self._request.printer.event("debug", document, text)


def _explain(event: Change) -> tuple[dict[str, Any], str]:
    """Give news of a session as JSON and in words that follow the name of the process."""
    match event:
        case Paused(age_s, clients):
            text = f"stands still since {age_s:.0f} s ({clients} connected)"
            return {"event": "paused", "age_s": round(age_s, 3), "clients": clients}, text
        case Resumed():
            return {"event": "resumed"}, "runs again"
        case Released(why, breakpoints):
            text = f"was let run on ({why}); breakpoints cleared: {breakpoints}"
            return {"event": "released", "why": why, "breakpoints": breakpoints}, text
        case Lost(cause):
            return {"event": "lost", "why": cause}, f"is out of reach ({cause}); trying to get back"
        case Regained(after_s):
            return {"event": "regained", "after_s": round(after_s, 3)}, f"is in reach again after {after_s:.1f} s"
        case _:
            assert_never(event)
