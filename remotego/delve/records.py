"""Sessions as they are found on a target: those that run, and notes of those that have ended unheard."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remotego.core.errors import HostError
from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.delve.ending import Ended, parse_end
from remotego.host.root import guarded

_ID = re.compile(r"[0-9a-f]+")

_LIST = """\
echo "now $(date +%s)"
for dir in "$root"/sessions/*/; do
  dir=${dir%/}
  [ -d "$dir" ] && ! [ -h "$dir" ] && printf 'session %s\\t%s\\n' "${dir##*/}" "$(cat "$dir/session.json" 2>/dev/null)"
done
for file in "$root"/journal/*.ended; do
  [ -f "$file" ] && printf 'ending %s\\t%s\\n' "${file##*/}" "$(cat "$file")"
done
for file in /proc/[0-9]*/stat; do
  stat=
  while read -r part; do stat="$stat $part"; done < "$file"
  [ -z "$stat" ] || printf 'stat%s\\n' "$stat"
done 2>/dev/null
true
"""

_NOTE = """\
[ -f "$root/journal/{session}.ended" ] || exit 0
cat "$root/journal/{session}.ended"
"""

Life = tuple[int, int]
"""A process: its pid and its start time in clock ticks since boot, which together never recur. (0, 0) is nobody."""

NOBODY: Life = (0, 0)


@dataclass(eq=False)
class BadRecordError(HostError):
    """A session's record cannot be read."""

    record: str
    what = "a session record on the target cannot be read: {record}"
    remedy = "use the newer remotego that wrote it, or end that dlv there with `kill -TERM`"


@dataclass(frozen=True, slots=True)
class Record:
    """A session found on a target.

    ``since`` and ``now`` are seconds on the target's clock. ``state``: "held" while somebody's
    controller has it; "waiting" when that has gone, for as long as the lease lasts; "kept" when it was asked
    to stay; "orphaned" when only dlv is left, "dead" when only files are.
    ``paused`` when the process stands still. ``port`` is dlv's on the target's loopback, None where it has a socket.
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
    kind: str = "attach"
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A session that has ended when nobody was there to hear of it: the note its guard left, ``at`` that second."""

    id: str
    process: str
    pid: int
    by: str
    at: int
    now: int
    ended: Ended


@dataclass(frozen=True, slots=True)
class Sessions:
    """All sessions of a login on a target, those that run and those that have ended unheard."""

    records: tuple[Record, ...] = ()
    endings: tuple[Ending, ...] = ()


def sessions(store: str | None = None) -> Fact[Sessions]:
    """Ask for all sessions of this login on the target."""
    return guarded("sessions", store, _LIST, _parse)


def last_word(session: str, root: str) -> Fact[Ended | None]:
    """Ask for the note that a session's guard has left; None where there is none."""
    return guarded("last word", root, _NOTE.format(session=session), lambda _, text: _note(text))


def _note(text: str) -> Ended | None:
    if not text.strip():
        return None
    match json.loads(text):
        case {"end": dict() as end}:
            return parse_end(end)
        case _:
            raise ValueError("the note has no end")


def _parse(root: str, text: str) -> Sessions:
    lines = text.split("\n")
    now = int(lines[0].removeprefix("now "))
    alive = dict(filter(None, (_stat(line) for line in lines if line.startswith("stat "))))
    found = (line.removeprefix("session ") for line in lines if line.startswith("session "))
    ended = (line.removeprefix("ending ") for line in lines if line.startswith("ending "))
    records = tuple(_record(line, root, now, alive) for line in found)
    return Sessions(records, tuple(sorted((_ending(line, now) for line in ended), key=lambda one: one.at)))


def _ending(line: str, now: int) -> Ending:
    name, _, text = line.partition("\t")
    try:
        data = json.loads(text)
        return Ending(
            id=inert(str(data["id"])),
            process=inert(str(data["process"])),
            pid=int(data["pid"]),
            by=inert(str(data["by"])),
            at=int(data["end"]["at"]),
            now=now,
            ended=parse_end(data["end"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise BadRecordError(inert(name)[:200]) from error


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
        state=_state(data) if keeper in alive else "orphaned" if dlv in alive else "dead",
        paused=alive.get(process) in ("t", "T"),
        kind=_kind(data),
        port=int(data.get("port") or 0) or None,
    )


def _kind(data: Mapping[str, Any]) -> str:
    kind = data.get("kind", "attach")
    if kind not in ("attach", "exec", "core"):
        raise ValueError(f"what is {inert(repr(kind))[:50]}?")
    return str(kind)


def _state(data: Mapping[str, Any]) -> str:
    """What a session with a living guard is."""
    if int(data.get("holders", 1)):
        return "held"
    return "kept" if data.get("keep") else "waiting"


def _life(pair: Any) -> Life:
    return int(pair[0]), int(pair[1])
