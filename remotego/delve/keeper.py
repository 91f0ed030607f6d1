"""The keeper of a session on its target: the scripts that start and end it, and the words it says to us."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from importlib.resources import files

from remotego.core.terminal import inert
from remotego.core.transport import Script
from remotego.delve import command
from remotego.delve.ending import Ended
from remotego.delve.session import Plan, Record
from remotego.host.shell import assign


@dataclass(frozen=True, slots=True)
class Up:
    """dlv is attached and serves; the process runs."""

    dlv_pid: int
    socket: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The process or dlv, as ``what`` says, has ended by itself."""

    what: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody on the target asks us to let go."""


Event = Up | Gone | Asked | Ended


def render_keeper(plan: Plan) -> Script:
    """Start a session and keep it."""
    process = plan.process
    opening = {
        "id": plan.id,
        "directory": plan.directory,
        "pid": process.pid,
        "start": process.start,
        "process": process.label,
        "by": plan.by,
    }
    words = {
        "session": plan.directory,
        "pid": str(process.pid),
        "start": str(process.start),
        "record": json.dumps(opening).removesuffix("}"),
    }
    argv = shlex.join(command.attach(plan.dlv, process.pid, plan.socket))
    starter = f"dlv_command() {{ if command -v setsid >/dev/null; then exec setsid {argv}; else exec {argv}; fi; }}"
    return Script("\n".join([assign(words), starter, _read("life"), _read("keeper")]))


def render_ender(record: Record) -> Script:
    """End a session from elsewhere; prints an ``ended`` event."""
    words = {
        "session": record.directory,
        "pid": str(record.pid),
        "start": str(record.start),
        "dlv": str(record.dlv[0]),
        "dlv_start": str(record.dlv[1]),
        "keeper": str(record.keeper[0]),
        "keeper_start": str(record.keeper[1]),
    }
    return Script("\n".join([assign(words), _read("life"), _read("ender")]))


def parse_event(line: bytes) -> Event:
    """Read one line of a keeper. Raises ValueError for what is no event."""
    word, _, rest = inert(line).strip().partition(" ")
    match word:
        case "up":
            pid, _, socket = rest.partition(" ")
            return Up(int(pid), socket)
        case "gone":
            return Gone(rest)
        case "asked":
            return Asked()
        case "ended":
            outcome, _, detail = rest.partition(" ")
            return Ended(outcome, detail.strip())
        case _:
            raise ValueError(f"not an event: {inert(line)!r}")


def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sh").read_text(encoding="utf-8")
