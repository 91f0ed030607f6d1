"""Choice: what a session shall be about, told apart from others, and looked for before anything is done for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.ops.debug import Goal
from remotego.ops.debuggee import find, wanted
from remotego.ops.goals import Launch, OpenCore, locate


@dataclass(frozen=True, slots=True)
class Choice:
    """On a ``host`` the process that the ``settings`` name, another ``goal``, or a ``session`` that is there."""

    host: str
    settings: Settings
    goal: Goal | None = None
    session: str | None = None

    @property
    def mark(self) -> str:
        """A mark that others have who mean the same; it does not show what that is, as --env may be in it.

        "" for a session that is there: to end the task that holds it, so as to have it, would end it.
        """
        if self.session is not None:
            return ""
        return hashlib.sha256(repr(self.goal or wanted(self.settings)).encode()).hexdigest()

    def look(self, network: Network, progress: Progress) -> None:
        """Find it, as far as it can be there yet. Raises what connecting and finding raise."""
        progress.step(self.host, "connect")
        with network.reach(self.host) as host:
            match self.goal:
                case None:
                    find(host, self.settings, progress)
                case Launch() | OpenCore():
                    locate(host, self.goal, self.settings)
