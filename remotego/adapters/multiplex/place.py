"""The private directory of the masters: their sockets, their processes, and the warden should we be killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

_LONGEST_BYTES = 50
"""Of the directory's own: the 104 bytes some systems allow for a socket have to hold ``/remotego-xxxxxxxx/99`` too,
and the 18 that ssh adds while it binds."""

_END_S = 3.0

_WARDEN = """pids=
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do
    case $(ps -o args= -p "$pid") in *"$1"*) kill "$pid";; esac
done
rm -rf -- "$1"
"""
"""Reads process numbers until we are gone; then ends those that are still masters of this directory."""

_ATTENDED = ("/bin/sh", "-c", 'trap "" HUP INT QUIT; exec "$@"', "ssh")
"""Ctrl-C is for us: a master that has our terminal must stay until we have cleaned up through it."""


class Place:
    """A directory that only we can enter, for as long as we live. Its sockets are numbered."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="remotego-", dir=_short_directory()))
        self._lock = threading.Lock()
        self._number = 0
        self._processes: list[subprocess.Popen[bytes]] = []
        self._is_closed = False
        self._warden = subprocess.Popen(
            ("/bin/sh", "-c", _WARDEN, "warden", str(self.directory)),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def socket(self) -> Path:
        """Give a path for one more socket."""
        with self._lock:
            self._number += 1
            return self.directory / str(self._number)

    def start(self, argv: Sequence[str], *, attended: bool) -> subprocess.Popen[bytes] | None:
        """Start a master, with our terminal if ``attended``; None when the place is closed already."""
        with self._lock:
            if self._is_closed:
                return None
            process = subprocess.Popen(
                (*_ATTENDED, *argv) if attended else argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=not attended,
            )
            self._processes.append(process)
            self._tell_warden(process.pid)
            return process

    def close(self) -> None:
        """End every master, also those still signing in, remove the directory, dismiss the warden."""
        with self._lock:
            self._is_closed = True
        for process in self._processes:
            end(process)
        self._warden.kill()
        self._warden.communicate()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _tell_warden(self, pid: int) -> None:
        assert self._warden.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # somebody has killed the warden: we still end it ourselves
            self._warden.stdin.write(f"{pid}\n".encode())
            self._warden.stdin.flush()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a master and what it has started. Safe to call twice."""
    if process.poll() is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(process, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_S)
            return


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a master that leads a process group with its ProxyCommand; one that shares ours, by itself."""
    with contextlib.suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)


def _short_directory() -> str:
    """Find a directory whose name leaves room for that of a socket."""
    candidates = (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp")  # noqa: S108  (mkdtemp's is ours)
    return next(each for each in candidates if os.access(each, os.W_OK) and len(os.fsencode(each)) <= _LONGEST_BYTES)
