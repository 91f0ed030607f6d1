"""Sessions: one dlv on a target, under a guard, as it is planned."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.delve.aim import Aim

SOCKET_PATH_LIMIT = 107
"""sun_path is 108 bytes with its closing NUL (unix(7))."""

ID_BYTES = 4
"""A session's id is that many random bytes in hexadecimal."""


@dataclass(eq=False)
class LongSocketPathError(UsageError):
    """The session's socket would have a longer path than the kernel can take."""

    path: str
    what = "{path} is too long for a unix socket"
    remedy = "name a shorter directory on the target with --store"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a session is held by: it outlives its controller's last sign of life by ``lease_s`` seconds.

    ``hold`` keeps a process paused when the client that paused it goes; ``max_pause_s`` lets it run on after so long
    (0: never); ``keep`` makes the session outlive its controller.
    """

    lease_s: float = 10.0
    max_pause_s: float = 0.0
    hold: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A session to start: ``id`` is unique on the target, ``dlv`` a path in its store."""

    id: str
    root: str
    dlv: str
    aim: Aim
    by: str
    terms: Terms = Terms()

    @property
    def directory(self) -> str:
        """Where the session lives on the target; mode 0700, gone with it."""
        return f"{self.root}/sessions/{self.id}"

    @property
    def note(self) -> str:
        """Where its guard leaves its last word for whoever asks later."""
        return f"{self.root}/journal/{self.id}.ended"


def check_room(root: str) -> None:
    """Raise LongSocketPathError if a session's socket below ``root`` would have too long a name."""
    path = f"{root}/sessions/{'0' * 2 * ID_BYTES}/control.sock"
    if len(path.encode()) > SOCKET_PATH_LIMIT:
        raise LongSocketPathError(path)
