"""Attended: a session's script with root's part around it, and what is heard of that before and after the session."""

from __future__ import annotations

from dataclasses import dataclass, field

from remotego.core.transport import Exchange, Script
from remotego.host.rootwork import RootLeftError, RootWork
from remotego.ops import root
from remotego.ops.holding import Grip


@dataclass(frozen=True, slots=True)
class Attended:
    """A session's script with root's part around it, where there is one."""

    host: str
    script: Script
    work: RootWork | None = None
    secret: str | None = field(default=None, repr=False)

    def first(self, exchange: Exchange) -> None:
        """Wait for root's part: what is sent next is the session's. Raises RootWorkError."""
        if self.work is not None:
            root.begin(self.host, exchange, self.secret)

    def last(self, grip: Grip) -> None:
        """Wait until root has taken its part back, as long as it can be heard. Raises RootLeftError."""
        if self.work is None:
            return
        if not grip.silent.wait(root.ANSWER_S):
            raise RootLeftError(self.host, "it has not ended yet")
        root.finish(self.host, grip.exchange)
