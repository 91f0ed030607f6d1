"""Run a program of the controller and say clearly when it fails."""

import os
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.lab.failure import LabError

TAIL_LINES = 25


def run(
    *argv: str | Path,
    timeout_s: float = 120,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
) -> str:
    """Standard output of ``argv``, with ``env`` added to this process's environment.

    Raises LabError with the end of its output when it fails or takes longer than ``timeout_s``.
    """
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words, input=stdin, capture_output=True, timeout=timeout_s, env=os.environ | (env or {}), cwd=cwd
        )
    except subprocess.TimeoutExpired as slow:
        raise LabError(f"`{' '.join(words)}` took more than {timeout_s:.0f} s", "see what holds it up") from slow
    except FileNotFoundError as missing:
        raise LabError(f"{words[0]} is not installed", f"install the package that has {words[0]}") from missing
    if done.returncode:
        raise LabError(f"`{' '.join(words)}` ended with {done.returncode}", _tail(done.stdout + done.stderr))
    return done.stdout.decode(errors="replace")


def _tail(output: bytes) -> str:
    lines = output.decode(errors="replace").splitlines()
    return "\n    ".join(["its output ends:", *lines[-TAIL_LINES:]])


def start_time(pid: int) -> str | None:
    """Kernel clock ticks at which ``pid`` began, which tells it from a later process of the same number.

    None when there is no such process, or only its zombie (proc(5), /proc/pid/stat, fields 3 and 22).
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def await_end(pid: int, timeout_s: float) -> bool:
    """Whether ``pid`` ends within ``timeout_s``; also true when it has gone already."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], timeout_s)[0])
    finally:
        os.close(handle)
