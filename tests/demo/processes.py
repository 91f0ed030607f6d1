"""Processes of this machine as /proc shows them (proc(5))."""

import ctypes
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
"""prctl(2), linux/prctl.h."""


@dataclass(frozen=True, slots=True)
class Process:
    """A running process and what it was started as."""

    pid: int
    parent: int
    command: str


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, as init is on a real machine."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def descendants(ancestor: int) -> list[Process]:
    """Children of ``ancestor``, their children and so on; zombies are no longer running and left out."""
    by_parent: dict[int, list[Process]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (process := _read(entry)):
            by_parent.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [ancestor]
    while waiting:
        children = by_parent.pop(waiting.pop(), [])
        found += children
        waiting += [child.pid for child in children]
    return found


def end_descendants(limit_s: float = 5.0) -> None:
    """Kill everything below this process, also what only then becomes our child."""
    deadline = time.monotonic() + limit_s
    while (left := descendants(os.getpid())) and time.monotonic() < deadline:
        for process in left:
            _kill(process.pid)
        reap()
        time.sleep(0.01)


def reap() -> dict[int, int]:
    """Exit codes of the children that have ended since the last call, by pid."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = os.waitstatus_to_exitcode(status)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _read(entry: Path) -> Process | None:
    try:
        state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        words = (entry / "cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return None
    command = b" ".join(words).decode(errors="replace").strip()
    return None if state == "Z" else Process(int(entry.name), int(parent), command)
