"""The judge: whether a question is answered. Pure: the time is told, the secret comes later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from remotego.credentials.entry import Entry, best
from remotego.credentials.place import UnfitUrlError, parse_place
from remotego.credentials.protocol import Question

BURST = 200
"""So many answers at once: a `go mod download` of a large private graph asks for each module by several processes."""

PER_SECOND = 5.0


@dataclass(frozen=True, slots=True)
class Granted:
    """The question may be answered from an entry."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not; ``code`` is for machines, ``why`` for whoever runs git or go there."""

    code: str
    why: str


@dataclass(slots=True)
class Bucket:
    """How many more answers may be given: ``left``, as of ``at_s``."""

    left: float = BURST
    at_s: float = 0.0

    def take(self, now_s: float) -> bool:
        """Take one; False when there is none."""
        self.left = min(BURST, self.left + max(0.0, now_s - self.at_s) * PER_SECOND)
        self.at_s = now_s
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass(slots=True)
class Judge:
    """Decides by an allow-list, until ``expires_s``, a time of the same clock as ``now_s``."""

    entries: Sequence[Entry]
    expires_s: float
    bucket: Bucket = field(default_factory=Bucket)

    def decide(self, question: Question, now_s: float) -> Granted | Refused:
        """Say whether a question may be answered."""
        if now_s >= self.expires_s:
            return Refused("expired", "the time of this connection is up (remotego auth.connect --for)")
        try:
            place = parse_place(question.url)
        except UnfitUrlError as error:
            return Refused("unfit-url", str(error))
        entry = best(self.entries, place)
        if entry is None:
            return Refused("not-allowed", f"{place} is not allowed (remotego auth.connect --allow)")
        if not self.bucket.take(now_s):
            return Refused("too-many", f"more than {PER_SECOND:.0f} a second have been answered for a while")
        return Granted(entry)
