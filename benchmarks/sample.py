"""One run of one command as a whole process: how long it took and what it cost."""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

TIMEOUT_S = 120.0
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


_USUAL_ENV = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
"""Python keeps its bytecode unless told not to (PYTHONDONTWRITEBYTECODE), which costs 63 compilations a run."""


class RunFailedError(Exception):
    """A command that is measured did not do its work; its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run. ``proof`` is a text it has to print, so that only work really done is measured."""

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    proof: str = ""
    directory: Path | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """``cpu_s``: user and system time of the process and all it started; ``said``: its standard output."""

    wall_s: float
    cpu_s: float
    said: str


def adopt_orphans() -> None:
    """Become the parent of orphans: ``ssh`` leaves the ssh to its jump host behind (prctl(2))."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def take(command: Command) -> Sample:
    """Run to the end. Raises RunFailedError for a bad exit code, a missing proof, or no end in time."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun = time.monotonic()
        process = subprocess.Popen(
            command.argv,
            env={**_USUAL_ENV, **command.env},
            cwd=command.directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            process_group=0,
        )
        wall_s, cpu_s = _reap(process, begun)
        said, complaint = _text(output), _text(errors)
    if process.returncode != 0 or command.proof not in said:
        words = " ".join(command.argv)
        raise RunFailedError(f"{words} (exit code {process.returncode}) printed:\n{said}{complaint}")
    return Sample(wall_s, cpu_s, said)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _reap(process: subprocess.Popen[bytes], begun: float) -> tuple[float, float]:
    """Wait for the process, which stops the clock, then for what it has left behind: its CPU counts."""
    pidfd = os.pidfd_open(process.pid)
    try:
        ended, _, _ = select.select([pidfd], [], [], TIMEOUT_S)
        wall_s = time.monotonic() - begun
    finally:
        os.close(pidfd)
    if not ended:
        os.killpg(process.pid, signal.SIGKILL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return wall_s, _cpu_s(usage) + _orphans_cpu_s(process.pid)


def _orphans_cpu_s(group: int) -> float:
    """Wait for adopted processes of a group; a ssh whose connection has gone ends at once."""
    total_s = 0.0
    while True:
        try:
            _, _, usage = os.wait4(-group, 0)
        except ChildProcessError:
            return total_s
        total_s += _cpu_s(usage)


def _cpu_s(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime
