"""The screen of lent credentials: what was asked and what became of it, for people, as JSON, and in a log."""

from __future__ import annotations

import os
import select
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, assert_never

from remotego.cli.audit import Audit, document_question, shown
from remotego.cli.deploying import document_changes
from remotego.cli.render import Printer
from remotego.cli.signals import heed
from remotego.core.errors import UsageError
from remotego.credentials.protocol import Question, Turned
from remotego.ops.auth.broker import Asked, Muted
from remotego.ops.auth.connect import Finished, Planned, Ready

if TYPE_CHECKING:
    from remotego.credentials.entry import Entry
    from remotego.credentials.protocol import Up
    from remotego.ops.auth.line import Stop
    from remotego.ops.auth.there import There

VERB = "auth-connect"
CONFIRM_S = 60.0
"""How long somebody here may think: whoever waits there gives up a little later."""

_LOOK_S = 0.2
"""How soon a question is withdrawn that nobody wants an answer to any more."""

Told = Planned | Ready | Finished | Asked | Turned | Muted


@dataclass(eq=False)
class NobodyToConfirmError(UsageError):
    """--confirm where nobody can be asked."""

    what = "--confirm asks on the terminal, and there is none"
    remedy = "run it in a terminal, or leave --confirm out and keep --allow narrow and --for short"


@dataclass(eq=False)
class UnconfirmedNetrcError(UsageError):
    """A netrc is read without anybody being asked."""

    what = "--confirm cannot hold for a netrc: whoever reads it asks nobody"
    remedy = "leave out one of them; go 1.24 and later needs no netrc"


class Lending:
    """Shows events; once git and go can ask, signals ask for the end instead of interrupting us."""

    def __init__(self, request: Any, stop: Stop) -> None:
        self._printer: Printer = request.printer
        self._stop, self._host = stop, ""
        self._audit = Audit(self._printer)

    def tell(self, event: Told) -> None:
        """Print one event."""
        match event:
            case Planned():
                document, text = _planned(event)
            case Ready():
                heed((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), self._asked)
                self._host = event.host
                document, text = _ready(event)
            case Asked():
                document, text = _asked(event, self._host)
            case Turned():
                document, text = _turned(event, self._host)
            case Muted():
                document, text = {"event": "muted"}, f"{self._host}: further refusals are not told one by one"
            case Finished(host, why):
                document, text = {"event": "ended", "host": host, "why": why}, f"{host}: access has ended ({why})"
            case _:
                assert_never(event)
        if not isinstance(event, Planned):
            self._audit.note(self._host, document)
        self._printer.event(VERB, document, text)

    def _asked(self, number: int, _: object) -> None:
        self._stop.ask(signal.Signals(number).name)


@dataclass(slots=True)
class Asker:
    """Asks on the terminal before anything is granted; "a" stands for this URL until the end."""

    printer: Printer
    _always: set[Entry] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Raise NobodyToConfirmError."""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise NobodyToConfirmError

    def confirm(self, question: Question, entry: Entry, moot: Callable[[], str]) -> bool:
        """Ask; no answer within CONFIRM_S is no, and so is whatever was typed before the question stood there."""
        import termios

        if entry in self._always:
            return True
        self.printer.close()
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
        who = f"{question.kind} there ({_chain(question)})"
        text = f"{who} wants the credential for {entry.prefix}, asking for {shown(question.url)}. [y/N/a(lways)] "
        print(text, end="", file=sys.stderr, flush=True)
        said = _hear(sys.stdin.fileno(), moot)
        if said in ("a", "always"):
            self._always.add(entry)
        return said in ("y", "yes", "a", "always")


def _hear(terminal: int, moot: Callable[[], str]) -> str:
    """Wait for a line; "" where none comes in time, or its question is withdrawn."""
    deadline_s = monotonic() + CONFIRM_S
    while not (late := moot()) and (left_s := deadline_s - monotonic()) > 0:
        if select.select([terminal], [], [], min(left_s, _LOOK_S))[0]:
            with suppress(OSError):  # a terminal that has hung up says nothing, and SIGHUP ends us
                return os.read(terminal, 1024).decode("utf-8", "replace").strip().lower()
            return ""
    print(f"no: {late or 'nobody has answered'}", file=sys.stderr, flush=True)
    return ""


def _planned(event: Planned) -> tuple[dict[str, Any], str]:
    changes = document_changes(event.there.changes)
    document = {
        "event": "planned",
        "host": event.host,
        "allow": _allow(event),
        "seconds": event.wish.for_s,
        "diff": list(event.there.diff()),
        "changes": changes,
    }
    acts = [f"{event.host}: planned: {act}" for change in changes for act in change["do"]]
    lines = [*(acts or [f"{event.host}: nothing to do before"]), *event.there.diff()]
    lines += [f"{event.host}: planned: answer git and go {_terms(event)}", *_notes(event.there, event.wish.netrc)]
    return document, "\n".join(lines)


def _ready(event: Ready) -> tuple[dict[str, Any], str]:
    document = {
        "event": "ready",
        "host": event.host,
        "id": event.id,
        "allow": _allow(event),
        "seconds": event.wish.for_s,
        "socket": event.up.socket,
        "netrc": event.up.netrc or None,
        "netrc_kept": event.up.kept,
        "netrc_hidden": list(event.up.hidden),
        "changes": document_changes(event.there.changes),
    }
    until = datetime.now() + timedelta(seconds=event.wish.for_s)
    lines = [f"{event.host}: git and go are answered {_terms(event)}"]
    lines += [f"  until   {until:%H:%M}, Ctrl-C, or the end of this connection"]
    lines += [f"  netrc   export NETRC={shlex.quote(event.up.netrc)}"] if event.up.netrc else []
    lines += _notes_on_netrc(event.up)
    lines += _notes(event.there, event.wish.netrc)
    return document, "\n".join(lines)


def _allow(event: Planned | Ready) -> list[dict[str, str]]:
    return [{"url": str(one.prefix), "source": str(one.source), "scheme": one.scheme} for one in event.wish.entries]


def _terms(event: Planned | Ready) -> str:
    return "for " + ", ".join(f"{one.prefix} (from {one.source})" for one in event.wish.entries)


def _notes(there: There, netrc: bool) -> list[str]:
    """Say what will not work there, and what does instead."""
    if there.go is None:
        return ["  note    there is no go in its usual places; git is answered"]
    if there.go_is_old and not netrc:
        return [
            f"  note    {there.go.version} knows no GOAUTH (Go 1.24): give --netrc or --link-netrc; git is answered"
        ]
    return []


def _notes_on_netrc(up: Up) -> list[str]:
    """Say what became of the login's own netrc, which nobody reads beside ours."""
    kept = [f"  note    what ~/.netrc there has besides ({up.kept}) stands behind ours"] if up.kept else []
    hidden = (
        [f"  note    for {', '.join(up.hidden)} ours comes first; ~/.netrc there is as it was"] if up.hidden else []
    )
    return [*kept, *hidden]


def _asked(event: Asked, host: str) -> tuple[dict[str, Any], str]:
    asked = event.question
    verdict = "granted" if event.outcome == "granted" else f"refused: {event.why}"
    text = f"{host}: {asked.kind} ({_chain(asked)}) asked for {shown(asked.url)}: {verdict}"
    return document_question(event, host), text


def _turned(event: Turned, host: str) -> tuple[dict[str, Any], str]:
    document = {"event": "turned-away", "host": host, "why": event.why, "pid": event.pid, "uid": event.uid}
    what = "another user" if event.why == "stranger" else "what was no question"
    return document, f"{host}: {what} was turned away (pid {event.pid}, uid {event.uid})"


def _chain(question: Question) -> str:
    names = [name for name in question.chain if name != "agent"] or ["?"]
    return f"pid {question.pid}, {' < '.join(names[:4])}"
