"""Sessions: one dlv on a target, its keeper, and the words they exchange with us."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from remotego.core.errors import HostError, UsageError
from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.core.transport import Script
from remotego.delve import command
from remotego.host.processes import Process
from remotego.host.survey import root_word

SOCKET_PATH_LIMIT = 107
"""sun_path is 108 bytes with its closing NUL (unix(7))."""

_LIST = """\
echo "now $(date +%s)"
for file in "$root"/sessions/*/session.json; do
  [ -f "$file" ] && cat "$file"
done
for file in /proc/[0-9]*/stat; do
  { read -r stat < "$file"; } 2>/dev/null && echo "stat $stat"
done
true
"""


@dataclass(eq=False)
class LongSocketPathError(UsageError):
    """The session's socket would have a longer path than the kernel can take."""

    path: str
    what = "{path} is too long for a unix socket"
    remedy = "name a shorter directory on the target with --store"


@dataclass(eq=False)
class BadRecordError(HostError):
    """A session's record cannot be read."""

    record: str
    what = "a session record on the target cannot be read: {record}"
    remedy = "use the newer remotego that wrote it, or end that dlv there with `kill -TERM`"


@dataclass(frozen=True, slots=True)
class Plan:
    """A session to start: ``id`` is unique on the target, ``dlv`` a path in its store."""

    id: str
    root: str
    dlv: str
    process: Process
    by: str

    @property
    def directory(self) -> str:
        """Where the session lives on the target; mode 0700, gone with it."""
        return f"{self.root}/sessions/{self.id}"

    @property
    def socket(self) -> str:
        """The unix socket dlv listens on."""
        return f"{self.directory}/dlv.sock"


@dataclass(frozen=True, slots=True)
class Record:
    """A session found on a target.

    ``since`` and ``now`` are seconds on the target's clock. ``state``: "held" while somebody's
    controller has it, "orphaned" when only dlv is left, "dead" when only files are;
    ``paused`` when the process stands still.
    """

    id: str
    directory: str
    pid: int
    start: int
    process: str
    by: str
    dlv: tuple[int, int]
    keeper: tuple[int, int]
    since: int
    now: int
    state: str
    paused: bool


@dataclass(frozen=True, slots=True)
class Up:
    """dlv is attached and serves; the process runs."""

    dlv_pid: int
    socket: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The process or dlv has ended by itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody on the target asks us to let go."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a session ended.

    ``outcome`` is "clean" (process runs, untraced), "exited" (the process had ended), "missing"
    (it was never there), "failed" (dlv did not attach), "watched" (a client would not go),
    "stuck" (dlv does not end), "traced" (another tracer holds the process); ``detail`` is dlv's
    own text or a pid.
    """

    outcome: str
    detail: str = ""


Event = Up | Gone | Asked | Ended


def render_keeper(plan: Plan) -> Script:
    """Start a session and keep it. Raises LongSocketPathError."""
    if len(plan.socket.encode()) > SOCKET_PATH_LIMIT:
        raise LongSocketPathError(plan.socket)
    process = plan.process
    opening = {
        "id": plan.id,
        "directory": plan.directory,
        "pid": process.pid,
        "start": process.start,
        "process": process.label,
        "by": plan.by,
    }
    argv = command.attach(plan.dlv, process.pid, plan.socket)
    words = {
        "session": plan.directory,
        "pid": str(process.pid),
        "start": str(process.start),
        "record": json.dumps(opening).removesuffix("}"),
    }
    return Script(f"{_assign(words)}\ndlv_command() {{ exec {shlex.join(argv)}; }}\n{_sh('life')}\n{_sh('keeper')}")


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
    return Script(f"{_assign(words)}\n{_sh('life')}\n{_sh('ender')}")


def parse_event(line: bytes) -> Event:
    """Read one line of a keeper. Raises ValueError for what is no event."""
    word, _, rest = inert(line).strip().partition(" ")
    match word:
        case "up":
            pid, _, socket = rest.partition(" ")
            return Up(int(pid), socket)
        case "gone":
            return Gone()
        case "asked":
            return Asked()
        case "ended":
            outcome, _, detail = rest.partition(" ")
            return Ended(outcome, detail.strip())
        case _:
            raise ValueError(f"not an event: {line!r}")


def sessions(store: str | None = None) -> Fact[tuple[Record, ...]]:
    """Ask for all sessions of this login on the target."""
    return Fact("sessions", f"root={root_word(store)}\n{_LIST}", _parse_sessions)


def _parse_sessions(text: str) -> tuple[Record, ...]:
    lines = text.splitlines()
    now = int(lines[0].removeprefix("now "))
    alive = dict(filter(None, (_stat(line) for line in lines if line.startswith("stat "))))
    return tuple(_record(line, now, alive) for line in lines if line.startswith("{"))


def _stat(line: str) -> tuple[tuple[int, int], str] | None:
    """(pid, start) and state of a process, or None for one that has ended."""
    pid = int(line.split(" ", 2)[1])
    fields = line.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else ((pid, int(fields[19])), fields[0])


def _record(line: str, now: int, alive: dict[tuple[int, int], str]) -> Record:
    try:
        data: dict[str, Any] = json.loads(line)
        dlv, keeper = (int(data["dlv"][0]), int(data["dlv"][1])), (int(data["keeper"][0]), int(data["keeper"][1]))
        process = (int(data["pid"]), int(data["start"]))
        return Record(
            id=str(data["id"]),
            directory=str(data["directory"]),
            pid=process[0],
            start=process[1],
            process=inert(str(data["process"])),
            by=inert(str(data["by"])),
            dlv=dlv,
            keeper=keeper,
            since=int(data["since"]),
            now=now,
            state="held" if keeper in alive else "orphaned" if dlv in alive else "dead",
            paused=alive.get(process) in ("t", "T"),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BadRecordError(inert(line)[:200]) from error


def _assign(words: dict[str, str]) -> str:
    return "\n".join(f"{name}={shlex.quote(value)}" for name, value in words.items())


def _sh(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sh").read_text(encoding="utf-8")
