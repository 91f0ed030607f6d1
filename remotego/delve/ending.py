"""How sessions end, and what to do when one does not end as it should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from remotego.core.errors import HostError
from remotego.core.terminal import inert


@dataclass(frozen=True, slots=True)
class Ended:
    """``outcome`` is one of ``GOOD`` or ``BAD``, or "planned"; ``detail`` is dlv's own text or what was found.

    ``why`` the session ended; ``text`` what the process's code is like: "same" as its file, "restored", "differs",
    "unknown".
    """

    outcome: str
    detail: str = ""
    why: str = ""
    text: str = ""


class Trouble(NamedTuple):
    """What a bad outcome means, and what to do."""

    meaning: str
    remedy: str


GOOD: Mapping[str, str] = {
    "clean": "the process runs on",
    "rescued": "dlv did not answer or was killed; its breakpoints were taken out, and the process runs on",
    "exited": "the process had ended",
    "missing": "the process was not there",
    "failed": "dlv did not attach",
    "removed": "nothing of it was left",
}
"""Outcomes that leave nothing to do, in words."""

_RESTART = "breakpoints may be left in the process's code: restart the process when you can"

_STOP = "`remotego stop --host {host} --session {session}`"
"""Without its id, all sessions of the user would end."""

BAD: Mapping[str, Trouble] = {
    "differs": Trouble("the process runs, but its code is not that of its file: {detail}", _RESTART),
    "unknown": Trouble("the process runs, but its code could not be compared with its file: {detail}", _RESTART),
    "died": Trouble(
        "{detail}", "start the process again; nothing can save it from a SIGKILL of dlv while breakpoints are set"
    ),
    "stuck": Trouble(
        "dlv hangs and was left alive, as its breakpoints could not be taken out ({detail})",
        "do not kill dlv: breakpoints it has set would kill the process. Restart the process when you can, "
        f"then end the session with {_STOP}",
    ),
    "traced": Trouble(
        "another tracer holds the process: {detail}",
        f"end that one on the host, then end the session with {_STOP}",
    ),
    "stopped": Trouble("{detail}", "see who has stopped it, and continue it there with `kill -CONT`"),
    "silent": Trouble(
        "the host did not say how it ended{detail}",
        f"see what is left with `remotego sessions --host {{host}}` and end it with {_STOP}",
    ),
}
"""Outcomes that leave something to do. Those a guard does not say itself: "silent", and what it says of the code."""


_DOUBTS: Mapping[str, tuple[str, ...]] = {"clean": ("differs",), "rescued": ("differs", "unknown")}
"""What the code may be like after a good outcome that makes it a bad one. dlv's own detach is trusted unseen."""


@dataclass(eq=False)
class UncleanEndError(HostError):
    """A session ended, but not in the state it should leave behind."""

    host: str
    outcome: str
    meaning: str
    cure: str
    what = "{host}: the session did not end cleanly: {meaning}"
    remedy = "{cure}"


def parse_end(data: Mapping[str, Any]) -> Ended:
    """Read a guard's last word, as an event or as the note it leaves. Raises ValueError."""
    words = {name: data.get(name, "") for name in ("outcome", "detail", "why", "text")}
    if not words["outcome"] or not all(isinstance(word, str) for word in words.values()):
        raise ValueError(f"not an end: {inert(repr(data))[:200]}")
    return Ended(**{name: inert(word).strip() for name, word in words.items()})


def check_end(host: str, session: str, ended: Ended) -> None:
    """Raise UncleanEndError unless all is as it was before the session of this id."""
    outcome = ended.text if ended.text in _DOUBTS.get(ended.outcome, ()) else ended.outcome
    if outcome in GOOD:
        return
    trouble = BAD.get(outcome, BAD["silent"])
    meaning, cure = (text.format(host=host, session=session, detail=ended.detail) for text in trouble)
    raise UncleanEndError(host, outcome, meaning, cure)
