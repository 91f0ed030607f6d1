"""Errand: a session held for an editor's background task, found and ended by its local port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from remotego.adapters.claims import (
    Claim,
    Claimed,
    PortHeldError,
    claim,
    claims_folder,
    comes_to_rest,
    end_task,
    find_claim,
    forget_claim,
    is_held,
    one_at_a_time,
)
from remotego.core.errors import UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.ops.choice import Choice
from remotego.ops.debug import Ready, Stop, Tell
from remotego.ops.holding import END_TIMEOUT_S
from remotego.ops.upkeep import UnknownSessionError, stop_sessions
from remotego.ops.vacancy import Vacancy

PATIENCE_S = END_TIMEOUT_S + 10.0
"""How long a task may take to end: its own wait for the guard's last word, and a little more."""

LEAVING_S = 1.0
"""How long an editor that has left may seem to be there still."""


Look = Callable[[], None]
"""Finds what a task shall debug, or raises."""


@dataclass(eq=False)
class FleetingPortError(UsageError):
    """A task without a port that stays the same."""

    what = "a task needs the port that launch.json names, and it is given as 0"
    remedy = "give a port, such as --local-port 23450, or let `gen-launch` choose one"


class Errand:
    """Watches over one session on behalf of a task: who uses it, and when nobody does any more."""

    def __init__(self, claimed: Claimed, stop: Stop) -> None:
        self._claimed, self._vacancy = claimed, Vacancy(stop)

    def telling(self, tell: Tell) -> Tell:
        """Pass events on, and note the session once it is up."""

        def hear(event: Any) -> None:
            if isinstance(event, Ready):
                self._claimed.note(session=event.session.id, up_s=monotonic())
                self._vacancy.begin()
            tell(event)

        return hear

    def watch(self, clients: int) -> None:
        """Hear how many editors are connected."""
        with suppress(OSError):
            self._claimed.note(clients=clients, **({"came": True} if clients else {}))
        self._vacancy.count(clients)

    def close(self) -> None:
        """Watch no longer."""
        self._vacancy.close()


@contextmanager
def errand(port: int, choice: Choice, look: Look, stop: Stop, folder: Path | None = None) -> Iterator[Errand]:
    """Hold the claim on a port while its session lasts.

    A task about the same ``choice`` whose editor has gone, such as that of a window which was left behind, is ended
    first, once ``look`` has found what is wanted. Raises FleetingPortError, PortHeldError, StuckTaskError, and what
    ``look`` raises.
    """
    folder = folder or claims_folder()
    if port == 0:
        raise FleetingPortError
    _clear(folder, port, choice, look)
    with claim(folder, port, choice.host, choice.mark) as mine:
        if isinstance(mine, Claim):
            raise PortHeldError(port, mine.pid, mine.host, _state(mine, choice))
        watching = Errand(mine, stop)
        try:
            yield watching
        finally:
            watching.close()


def _clear(folder: Path, port: int, choice: Choice, look: Look) -> None:
    """End the task that was left; one that is being released meanwhile is waited for."""
    with one_at_a_time(folder, port, PATIENCE_S):
        other = _left(folder, port, choice)
    if other is None:
        return
    look()
    with one_at_a_time(folder, port, PATIENCE_S):
        if other == _left(folder, port, choice):
            end_task(folder, port, other, PATIENCE_S)


def _left(folder: Path, port: int, choice: Choice) -> Claim | None:
    other = find_claim(folder, port)
    if other is None or not is_held(folder, port):
        return None
    return other if other.is_left(choice.host, choice.mark, now_s=monotonic()) else None


def _state(other: Claim, choice: Choice) -> str:
    if other.clients:
        return "is in use"
    return "waits for its editor" if other.is_for(choice.host, choice.mark) else "is about something else"


@dataclass(frozen=True, slots=True)
class Freed:
    """What came of a release on a ``host``, None if nobody held the port.

    ``status`` is "ended", "in use", "planned" or "nothing to do"; ``session`` is its id, if known.
    """

    host: str | None
    status: str
    session: str = ""


def release(
    network: Network,
    host: str | None,
    settings: Settings,
    progress: Progress,
    folder: Path | None = None,
    *,
    dry: bool,
) -> Freed:
    """End the session that the task on our port holds, and wait until the process is free.

    A task that lives ends it itself. One that was killed has left its session to the guard; then that session is
    ended from here. A port that leads to another ``host`` is somebody else's, and left alone; None takes whatever it
    leads to. One that an editor uses is left to it: where F5 is pressed again at once, VS Code takes the task that is
    still there, and only then what came before is released. Raises StuckTaskError, UncleanEndError, UnreachableError.
    """
    folder, port = folder or claims_folder(), settings.local_port
    with one_at_a_time(folder, port, PATIENCE_S):
        task = find_claim(folder, port)
        if task is None or host not in (None, task.host):
            return Freed(host, "nothing to do")
        if dry:
            return Freed(task.host, "planned", task.session)
        if is_held(folder, port):
            if not comes_to_rest(folder, port, LEAVING_S):
                return Freed(task.host, "in use", task.session)
            progress.step(task.host, "end the session")
            end_task(folder, port, task, PATIENCE_S)
        if find_claim(folder, port) is not None and task.session:
            with suppress(UnknownSessionError):
                stop_sessions(network, task.host, settings.of(task.host), progress, only=task.session, dry=False)
        forget_claim(folder, port)
        return Freed(task.host, "ended", task.session)
