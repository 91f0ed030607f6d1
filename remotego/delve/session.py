"""Sessions: one dlv on a target, planned or found there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from remotego.core.errors import HostError, UsageError
from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.host.processes import Process
from remotego.host.root import guarded

SOCKET_PATH_LIMIT = 107
"""sun_path is 108 bytes with its closing NUL (unix(7))."""

ID_BYTES = 4
"""A session's id is that many random bytes in hexadecimal."""

_ID = re.compile(r"[0-9a-f]+")

_LIST = """\
echo "now $(date +%s)"
for dir in "$root"/sessions/*/; do
  dir=${dir%/}
  [ -d "$dir" ] && ! [ -h "$dir" ] && printf 'session %s\\t%s\\n' "${dir##*/}" "$(cat "$dir/session.json" 2>/dev/null)"
done
for file in /proc/[0-9]*/stat; do
  stat=
  while read -r part; do stat="$stat $part"; done < "$file"
  [ -z "$stat" ] || printf 'stat%s\\n' "$stat"
done 2>/dev/null
true
"""

Life = tuple[int, int]
"""A process: its pid and its start time in clock ticks since boot, which together never recur. (0, 0) is nobody."""

NOBODY: Life = (0, 0)


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
    dlv: Life
    keeper: Life
    since: int
    now: int
    state: str
    paused: bool


def check_room(root: str) -> None:
    """Raise LongSocketPathError if a session's socket below ``root`` would have too long a name."""
    path = f"{root}/sessions/{'0' * 2 * ID_BYTES}/dlv.sock"
    if len(path.encode()) > SOCKET_PATH_LIMIT:
        raise LongSocketPathError(path)


def sessions(store: str | None = None) -> Fact[tuple[Record, ...]]:
    """Ask for all sessions of this login on the target."""
    return guarded("sessions", store, _LIST, _parse)


def _parse(root: str, text: str) -> tuple[Record, ...]:
    lines = text.split("\n")
    now = int(lines[0].removeprefix("now "))
    alive = dict(filter(None, (_stat(line) for line in lines if line.startswith("stat "))))
    found = (line.removeprefix("session ") for line in lines if line.startswith("session "))
    return tuple(_record(line, root, now, alive) for line in found)


def _stat(line: str) -> tuple[Life, str] | None:
    """A process and its state, or None for one that has ended or cannot be read."""
    pid, fields = line.split(" ", 2)[1], line.rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in "ZX":
        return None
    return (int(pid), int(fields[19])), fields[0]


def _record(line: str, root: str, now: int, alive: dict[Life, str]) -> Record:
    """Read a session; a directory without a record, left by a keeper that was killed at once, is dead."""
    name, _, text = line.partition("\t")
    blank = {"pid": 0, "start": 0, "process": "?", "by": "?", "dlv": NOBODY, "keeper": NOBODY, "since": now}
    try:
        if not _ID.fullmatch(name):
            raise ValueError("not the name of a session")
        return _read(f"{root}/sessions/{name}", json.loads(text) if text else blank, now, alive)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise BadRecordError(inert(line)[:200]) from error


def _read(directory: str, data: dict[str, Any], now: int, alive: dict[Life, str]) -> Record:
    dlv, keeper = (_life(data[name]) for name in ("dlv", "keeper"))
    process = _life((data["pid"], data["start"]))
    return Record(
        id=directory.rpartition("/")[2],
        directory=directory,
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


def _life(pair: Any) -> Life:
    return int(pair[0]), int(pair[1])
