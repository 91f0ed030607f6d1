"""The guard of a session on its target: what we order, and the events it tells (remotego/agent/PROTOCOL.md)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from remotego.core.terminal import inert
from remotego.core.transport import Script
from remotego.delve import command
from remotego.delve.aim import CoreFile, Program
from remotego.delve.ending import Ended, parse_end
from remotego.delve.records import Record
from remotego.delve.session import Plan
from remotego.host.inventory import Running

END = b'{"end":true}\n'
"""Asks for the end of the session."""

ALIVE = b"{}\n"
"""Says nothing, and renews the lease."""

KEEP = b'{"keep":true}\n'
HOLD_ON = b'{"keep":false}\n'
"""The session outlives whoever holds it; or, again, does not."""


BEGUN = "begun"
_BEGUN = f"""echo '{{"event":"{BEGUN}"}}'"""
"""What a script says first: some shells read ahead, and would swallow an order that is sent with the script."""


@dataclass(frozen=True, slots=True)
class Up:
    """dlv serves, and the process ``pid`` runs, or waits for its first client if dlv has started it; 0 for a core
    file. ``before`` places of its code differed from its file already.

    It serves at ``socket``, or, where that is "", at ``port`` of 127.0.0.1 there.
    """

    dlv_pid: int
    socket: str
    before: int = 0
    port: int | None = None
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Paused:
    """The process stands still, since ``age_s`` seconds; so many ``clients`` are connected."""

    age_s: float
    clients: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """It runs again."""


@dataclass(frozen=True, slots=True)
class Released:
    """Nobody was there, or it stood still for too long, as ``why`` says: breakpoints were cleared and it runs."""

    why: str
    breakpoints: int


@dataclass(frozen=True, slots=True)
class Printed:
    """The program has printed ``text`` on its ``stream``, stdout or stderr; ``lost_bytes`` before that were lost."""

    stream: str
    text: str
    lost_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """The process or dlv, as ``what`` says, has ended by itself."""

    what: str


@dataclass(frozen=True, slots=True)
class Other:
    """An event that nobody here waits for: how many clients there are, an answer to a ping."""

    kind: str


Event = Up | Paused | Resumed | Released | Printed | Gone | Other | Ended


def render_guard(agent: str) -> Script:
    """Start a guard; its order is the first line of input (see ``write_order``).

    The shell only waits: what would end it must not take the guard along.
    """
    return Script(f"trap '' HUP INT TERM PIPE\n{_BEGUN}\n{shlex.quote(agent)} guard")


def render_return(agent: str, directory: str) -> Script:
    """Hold a session that has a guard: the same lines and events as those of ``render_guard``."""
    return Script(f"{_BEGUN}\n{shlex.quote(agent)} relay {shlex.quote(f'{directory}/control.sock')}")


def write_order(plan: Plan, *, tcp: bool = False) -> bytes:
    """Give the order for a new session; ``tcp`` has dlv listen on a port of the target's loopback, not on a socket."""
    return _line(
        {
            **_write_aim(plan),
            "directory": plan.directory,
            "record": {"id": plan.id, "process": plan.aim.label, "by": plan.by},
            "note": plan.note,
            "lease_s": plan.terms.lease_s,
            "max_pause_s": plan.terms.max_pause_s,
            "hold": plan.terms.hold,
            "keep": plan.terms.keep,
            "tcp": tcp,
        }
    )


def _write_aim(plan: Plan) -> dict[str, Any]:
    match plan.aim:
        case Program() as program:
            dlv = command.execute(plan.dlv, program, plan.directory)
            return {"dlv": dlv, "exec": {"env": program.environment}}
        case CoreFile() as file:
            return {"dlv": command.core(plan.dlv, file), "core": True}
        case Running(pid=pid, start=start):
            return {"dlv": command.attach(plan.dlv, pid), "pid": pid, "start": start}
        case _:
            assert_never(plan.aim)


def write_takeover(record: Record) -> bytes:
    """Give the order for a session whose guard is dead. Whoever gives it and closes the input ends the session."""
    return _line(
        {
            **_TAKEOVERS[record.kind],
            "adopt": {"pid": record.dlv[0], "start": record.dlv[1]},
            "pid": record.pid,
            "start": record.start,
            "directory": record.directory,
        }
    )


_TAKEOVERS: Mapping[str, dict[str, Any]] = {"attach": {}, "exec": {"exec": {}}, "core": {"core": True}}


def parse_event(line: bytes) -> Event:
    """Read one line of a guard. Raises ValueError for what is no event."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not an event: {inert(line)[:200]!r}") from error
    if not isinstance(data, dict) or not isinstance(kind := data.get("event"), str):
        raise ValueError(f"not an event: {inert(line)[:200]!r}")
    read = _READERS.get(kind)
    return read(data) if read else Other(inert(kind))


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Event]] = {
    "up": lambda data: Up(
        _number(data, "dlv"),
        _word({"socket": "", **data}, "socket"),
        _number(data, "before"),
        _number(data, "port") or None,
        _number(data, "pid"),
    ),
    "paused": lambda data: Paused(float(_number(data, "age_s")), _number(data, "clients")),
    "resumed": lambda _: Resumed(),
    "released": lambda data: Released(_word(data, "why"), _number(data, "breakpoints")),
    "output": lambda data: Printed(_word(data, "stream"), _word({"data": "", **data}, "data"), _number(data, "lost")),
    "gone": lambda data: Gone(_word(data, "what")),
    "ended": parse_end,
}


def _word(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text: {inert(repr(value))[:200]}")
    return inert(value)


def _number(data: Mapping[str, Any], name: str) -> Any:
    value = data.get(name, 0)
    if type(value) not in (int, float):
        raise ValueError(f"{name} is no number: {inert(repr(value))[:200]}")
    return value


def _line(order: Mapping[str, Any]) -> bytes:
    return json.dumps(order).encode() + b"\n"
