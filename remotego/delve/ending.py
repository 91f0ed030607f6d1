"""How sessions end, and what to do when one does not end as it should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from remotego.core.errors import HostError


@dataclass(frozen=True, slots=True)
class Ended:
    """``outcome`` is one of ``GOOD`` or ``BAD``, or "planned"; ``detail`` is dlv's own text or a pid."""

    outcome: str
    detail: str = ""


class Trouble(NamedTuple):
    """What a bad outcome means, and what to do."""

    meaning: str
    remedy: str


GOOD: Mapping[str, str] = {
    "clean": "the process runs on",
    "exited": "the process had ended",
    "missing": "the process was not there",
    "failed": "dlv did not attach",
}
"""Outcomes that leave nothing to do, in words."""

_AGAIN = "then end the session with `remotego stop --host {host}`"

BAD: Mapping[str, Trouble] = {
    "watched": Trouble(
        "a client on the host itself still holds dlv, so it was not ended",
        f"close that client there (`dlv connect`), {_AGAIN}",
    ),
    "stuck": Trouble(
        "dlv (pid {detail}) does not react to SIGTERM; the process runs on under it",
        "do not kill dlv: breakpoints it has set would kill the process. Restart the process when you can, " + _AGAIN,
    ),
    "traced": Trouble("another tracer, pid {detail}, holds the process", f"end that one on the host, {_AGAIN}"),
    "crashed": Trouble(
        "dlv ended by itself with code {detail}",
        "breakpoints may be left in the process's code: restart the process when you can",
    ),
    "silent": Trouble(
        "the host did not say how it ended",
        "see what is left with `remotego sessions --host {host}` and end it with `remotego stop --host {host}`",
    ),
}
"""Outcomes that leave something to do. Those a keeper does not say itself: "silent"."""


@dataclass(eq=False)
class UncleanEndError(HostError):
    """A session ended, but not in the state it should leave behind."""

    host: str
    outcome: str
    meaning: str
    cure: str
    what = "{host}: the session did not end cleanly: {meaning}"
    remedy = "{cure}"


def check_end(host: str, ended: Ended) -> None:
    """Raise UncleanEndError unless all is as it was before the session."""
    if ended.outcome in GOOD:
        return
    trouble = BAD.get(ended.outcome, BAD["silent"])
    meaning, cure = (text.format(host=host, detail=ended.detail) for text in trouble)
    raise UncleanEndError(host, ended.outcome, meaning, cure)
