"""Claims: which task of an editor holds which local port on this machine, so that another command finds and ends it.

A claim is a locked file for each port, in the user's own state directory. The lock tells that its task lives, which a
process number alone cannot. What is written in it outlives a task that was killed.
"""

from __future__ import annotations

import json
import os
import select
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from remotego.core.errors import RefusedError, UsageError

POLL_S = 0.02
EXIT_S = 0.3
EXIT_LIMIT_S = 10.0
WRITE_LIMIT_S = 5.0

UNUSED_S = 30.0
"""How long a task that is up may wait for its editor before it counts as left: one comes within seconds, unless it
asks its user something first, or other members of a compound are not ready yet."""


@dataclass(eq=False)
class PortHeldError(UsageError):
    """Another task has the port, and its editor is there or may yet come, or it is about something else."""

    port: int
    pid: int
    host: str
    state: str
    what = "port {port} is held by another task of remotego, process {pid}, which leads to {host} and {state}"
    remedy = (
        "end the debug session that uses it, or with no editor there run `remotego release --local-port {port}`; "
        "or give this configuration another --local-port"
    )


@dataclass(eq=False)
class StuckTaskError(RefusedError):
    """A task that was asked to end does not."""

    pid: int
    what = "the task that holds the session, process {pid}, does not end"
    remedy = "look into its terminal, or end it there with Ctrl-C; the guard on the host frees the process in any case"


@dataclass(eq=False)
class ForeignFolderError(RefusedError):
    """Somebody else could write claims, and have us end processes that are none of our tasks."""

    folder: str
    what = "{folder} is not used: it is not yours alone"
    remedy = "make it your own and writable by nobody else, or set XDG_STATE_HOME to a directory of yours"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a task holds: its own ``pid``, the ``host`` and ``session`` it leads to ("" before it is up).

    ``clients`` are the editors connected to it, and ``came`` says that one has been. ``choice`` is a mark of what is
    debugged, "" where nobody else can mean the same. ``up_s`` is when it came up, on the clock that all processes
    share (time.monotonic).
    """

    pid: int
    host: str
    session: str = ""
    clients: int = 0
    choice: str = ""
    came: bool = False
    up_s: float = 0.0

    def is_for(self, host: str, choice: str) -> bool:
        """Tell whether it debugs what this choice means."""
        return bool(choice) and (self.host, self.choice) == (host, choice)

    def is_left(self, host: str, choice: str, *, now_s: float) -> bool:
        """Tell whether whoever asks for the same may have its port: its editor has gone, or never came."""
        unused = self.came or now_s - self.up_s > UNUSED_S
        return self.is_for(host, choice) and bool(self.session) and not self.clients and unused


class Claimed:
    """Our own claim, while we hold it."""

    def __init__(self, file: Path, claim: Claim) -> None:
        self._file, self._claim = file, claim
        self._lock = threading.Lock()
        self.note()

    def note(self, **news: Any) -> None:
        """Write down what has changed. May be called from several threads."""
        with self._lock:
            self._claim = replace(self._claim, **news)
            _write(self._file, json.dumps(asdict(self._claim)))


@contextmanager
def claim(folder: Path, port: int, host: str, choice: str = "") -> Iterator[Claimed | Claim]:
    """Hold the claim on a port for as long as the block lasts; or say who has it."""
    from filelock import FileLock, Timeout

    make_own(folder)
    lock = FileLock(_lock(folder, port), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield _await_note(folder, port)
        return
    file = _file(folder, port)
    try:
        yield Claimed(file, Claim(os.getpid(), host, choice=choice))
    finally:
        file.unlink(missing_ok=True)
        lock.release()


@contextmanager
def one_at_a_time(folder: Path, port: int, timeout_s: float) -> Iterator[None]:
    """Let only one command end the task of a port: who asks a task twice is not kept waiting by it.

    Raises StuckTaskError where another command is still at it after ``timeout_s``.
    """
    from filelock import FileLock, Timeout

    make_own(folder)
    lock = FileLock(folder / f"{port}.release.lock", timeout=timeout_s)
    try:
        lock.acquire()
    except Timeout as error:
        held = find_claim(folder, port)
        raise StuckTaskError(held.pid if held else 0) from error
    try:
        yield
    finally:
        lock.release()


def find_claim(folder: Path, port: int) -> Claim | None:
    """Read what is written in a port's claim; None where there is none."""
    try:
        return Claim(**json.loads(_file(folder, port).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _await_note(folder: Path, port: int) -> Claim:
    """Read a claim that is held, and may have been for so short a time that nothing is written yet."""
    end_s = time.monotonic() + WRITE_LIMIT_S
    while (found := find_claim(folder, port)) is None and time.monotonic() < end_s:
        time.sleep(POLL_S)  # the lock is taken before the file is written, and no event tells of the file
    return found or Claim(0, "?")


def is_held(folder: Path, port: int) -> bool:
    """Tell whether the task of a port lives."""
    from filelock import FileLock, Timeout

    if not _lock(folder, port).exists():
        return False
    try:
        with FileLock(_lock(folder, port), timeout=0):
            return False
    except Timeout:
        return True


def comes_to_rest(folder: Path, port: int, limit_s: float) -> bool:
    """Tell whether no editor is connected to the task of a port, or none soon."""
    end_s = time.monotonic() + limit_s
    while (found := find_claim(folder, port)) is not None and found.clients:
        if time.monotonic() > end_s:
            return False
        time.sleep(POLL_S)  # the task notes its editors in a file, and no event tells of it
    return True


def end_task(folder: Path, port: int, task: Claim, timeout_s: float) -> None:
    """Ask a living task to end, and wait until it has, its process included. Raises StuckTaskError.

    An editor that starts the task again while its process is still there would take it for running.
    """
    from filelock import FileLock, Timeout

    with _watched(task.pid) as await_exit:
        with suppress(ProcessLookupError):
            os.kill(task.pid, signal.SIGTERM)
        try:
            with FileLock(_lock(folder, port), timeout=timeout_s, poll_interval=POLL_S):
                pass
        except Timeout as error:
            raise StuckTaskError(task.pid) from error
        await_exit()


@contextmanager
def _watched(pid: int) -> Iterator[Callable[[], None]]:
    """Watch a process; what is given waits until it has exited, and on systems without pidfd a moment only."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        # Signal 0 would ask everywhere but on Windows, where it is Ctrl-C. Its lock is free by then: it is exiting.
        yield lambda: time.sleep(EXIT_S)
        return

    def await_exit() -> None:
        select.select([descriptor], [], [], EXIT_LIMIT_S)

    try:
        yield await_exit
    finally:
        os.close(descriptor)


def forget_claim(folder: Path, port: int) -> None:
    """Remove what a dead task has left."""
    _file(folder, port).unlink(missing_ok=True)


def last_problem(folder: Path, port: int) -> str | None:
    """Name the file in which the last problem of a port's task was shown."""
    with suppress(OSError):
        return (folder / f"{port}.problem").read_text(encoding="utf-8") or None
    return None


def note_problem(folder: Path, port: int, file: str | None) -> None:
    """Remember that file, or forget it; that this cannot be done is no reason to fail."""
    with suppress(OSError):
        if file is None:
            (folder / f"{port}.problem").unlink(missing_ok=True)
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder / f"{port}.problem", file)


def claims_folder() -> Path:
    """Place of the claims, by the rules of the platform."""
    import platformdirs

    return platformdirs.user_state_path("remotego") / "tasks"


def make_own(folder: Path) -> None:
    """Have the folder, ours alone. Raises ForeignFolderError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        status = folder.lstat()
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or folder.is_symlink():
            raise ForeignFolderError(str(folder))


def _file(folder: Path, port: int) -> Path:
    return folder / f"{port}.json"


def _lock(folder: Path, port: int) -> Path:
    return folder / f"{port}.lock"


def _write(file: Path, text: str) -> None:
    """Put the whole text in its place at once: others read it at any time."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
