"""Processes on a target, from /proc and plain sh alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from remotego.core.fact import Fact
from remotego.core.terminal import inert

_SCRIPT = """\
printf 'yama '; cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo absent
read_stat() { stat=; while read -r part; do stat="$stat $part"; done < "$1/stat"; }
read_status() {
  uid= tracer=
  while read -r key value _; do
    case $key in TracerPid:) tracer=$value ;; Uid:) uid=$value; break ;; esac
  done < "$1/status"
}
for dir in /proc/[0-9]*; do
  read_stat "$dir" && [ "$stat" ] && read_status "$dir"
  [ -z "$stat" ] || printf 'stat %s %s%s\\n' "$uid" "${tracer:-0}" "$stat"
done 2>/dev/null
ls -ld /proc/[0-9]*/exe 2>/dev/null | sed -n 's/^[^/]* \\/proc\\/\\([0-9]*\\)\\/exe -> /exe \\1 /p'
"""
"""Names of processes and of their executables may have newlines in them: neither makes a line of its own."""

_STAT = re.compile(r"stat (\d*) (\d+) (\d+) \((.*)\) (\S)(?: \S+){18} (\d+)")


@dataclass(frozen=True, slots=True)
class Process:
    """``start`` is its start time in clock ticks since boot (proc(5)): pid and start together never recur.

    ``uid`` is None when it was gone before it could be read; ``exe`` None when this login may not
    read the link.
    """

    pid: int
    start: int
    name: str
    state: str
    uid: int | None
    tracer: int
    exe: str | None

    @property
    def label(self) -> str:
        """Its name for people: the executable's file name, else the kernel's 15 characters."""
        return self.exe.rsplit("/", 1)[-1].removesuffix(" (deleted)") if self.exe else self.name


@dataclass(frozen=True, slots=True)
class ProcessTable:
    """All processes, and the level of Yama (None where the kernel has no Yama)."""

    processes: tuple[Process, ...]
    yama: int | None


def processes() -> Fact[ProcessTable]:
    """Ask for all processes."""
    return Fact("processes", _SCRIPT, _parse)


def _parse(text: str) -> ProcessTable:
    lines = text.split("\n")
    level = lines[0].removeprefix("yama ")
    exes = _executables(line for line in lines if line.startswith("exe "))
    rows = [found for line in lines if (found := _STAT.match(line))]
    return ProcessTable(
        processes=tuple(_process(row, exes) for row in rows),
        yama=None if level == "absent" else int(level),
    )


def _executables(lines: Iterable[str]) -> dict[str, str]:
    """Executables by pid. A pid that comes twice is dropped: one of the two is a file name with a newline in it."""
    pairs = [line[4:].partition(" ")[::2] for line in lines]
    times = Counter(pid for pid, _ in pairs)
    return {pid: exe for pid, exe in pairs if times[pid] == 1 and exe}


def _process(row: re.Match[str], exes: dict[str, str]) -> Process:
    uid, tracer, pid, name, state, start = row.groups()
    return Process(
        pid=int(pid),
        start=int(start),
        name=inert(name),
        state=state,
        uid=int(uid) if uid else None,
        tracer=int(tracer),
        exe=inert(exes[pid]) if pid in exes else None,
    )
