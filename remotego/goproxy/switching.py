"""Switching: which of several proxies serves commands that begin from now on, and when that changes.

Left is a proxy after LEAVE_AFTER failures in a row, and at once when a probe finds wrong content; another takes its
place for being of a better rank (one's own come before public ones) or BETTER faster, after RETURN_AFTER successes in a
row and not before the present one has served for DWELL_S. A proxy that has been left rests behind a breaker, longer
each time. Only probes speak for a proxy and measure it: they ask everybody for the same. Commands can but speak against
it. Times are seconds of any clock that only goes forward; chance comes in as numbers from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

LEAVE_AFTER = 3
RETURN_AFTER = 5
BETTER = 0.3
DWELL_S = 60.0
WEIGHT = 0.3
"""Of a new measurement in the moving average."""

PROBE_S = 30.0
JITTER = 0.2
REST_S = 10.0
MOST_REST_S = 300.0

_NO_ANSWER = 0
_FAILED = (_NO_ANSWER, 429, 502, 503, 504)
"""What says that a proxy, or the way to it, is not up to its work."""

_SERVED = (200, 404, 410)
"""Answers of a proxy that works. All others may be about who asks, or for what: they say nothing of it."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A proxy; ``ours``: one's own, which may be asked for private modules."""

    url: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a proxy has done: ``latency_s`` is a moving average (None: no success yet), the counts are in a row.

    ``successes`` and ``failures`` are of probes, ``refusals`` of commands that got no answer; ``unfit``: a probe has
    found wrong content, and none right content since. It is not asked before ``rests_until_s``; ``trips`` counts how
    often it had to rest since it last did well.
    """

    latency_s: float | None = None
    failures: int = 0
    refusals: int = 0
    successes: int = 0
    unfit: bool = False
    rests_until_s: float = 0.0
    trips: int = 0

    @property
    def is_out(self) -> bool:
        """Whether nobody is to be served by it any more."""
        return self.unfit or self.failures + self.refusals >= LEAVE_AFTER


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe has found: all in order, or not; ``unfit``: it was answered, and with wrong content."""

    url: str
    ok: bool
    latency_s: float
    at_s: float
    unfit: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """How a command fared with a proxy: it was answered, or not."""

    url: str
    ok: bool
    at_s: float


@dataclass(frozen=True, slots=True)
class Switch:
    """Who serves: the URL of one of ``upstreams``, None for nobody, and ``since_s``. ``moved``: the network has
    changed since, and the one who serves has not proven itself anew.
    """

    upstreams: tuple[Upstream, ...]
    standings: Mapping[str, Standing] = field(default_factory=dict)
    current: str | None = None
    since_s: float = 0.0
    moved: bool = False

    def of(self, url: str) -> Standing:
        """Give the standing of a proxy."""
        return self.standings.get(url, Standing())


def heard(url: str, status: int, at_s: float) -> Served | None:
    """Read what an answer to a command says of the proxy: 0 is no answer, None that it says nothing."""
    return Served(url, status in _SERVED, at_s) if status in (*_SERVED, *_FAILED) else None


def observe(switch: Switch, word: Seen | Served, draw: float = 0.5) -> Switch:
    """Take what was learnt of a proxy into account. ``draw`` spreads how long it rests."""
    after = _after(switch.of(word.url), word, draw)
    settled = word.url == switch.current and after.successes >= RETURN_AFTER
    return replace(switch, standings={**switch.standings, word.url: after}, moved=switch.moved and not settled)


def _after(before: Standing, word: Seen | Served, draw: float) -> Standing:
    match word:
        case Seen(ok=True):
            return _succeeded(before, word)
        case Seen():
            worse = replace(before, failures=before.failures + 1, successes=0, unfit=before.unfit or word.unfit)
        case Served(ok=True):
            return replace(before, refusals=0)
        case Served():
            worse = replace(before, refusals=before.refusals + 1, successes=0)
        case _:
            assert_never(word)
    return _rested(worse, word.at_s, draw)


def move(switch: Switch, at_s: float) -> Switch:
    """The network has changed: nobody rests any more, and one failure more is enough to be left."""
    fresh = {
        one.url: replace(
            switch.of(one.url), failures=LEAVE_AFTER - 1, refusals=0, successes=0, rests_until_s=at_s, trips=0
        )
        for one in switch.upstreams
    }
    return replace(switch, standings=fresh, moved=True)


def decide(switch: Switch, at_s: float) -> Switch:
    """Choose who serves from now on; the same Switch where nothing changes."""
    current = next((one for one in switch.upstreams if one.url == switch.current), None)
    if current is None or switch.of(current.url).is_out:
        chosen = _best(switch, [one for one in switch.upstreams if _answers(switch, one, at_s)])
    else:
        chosen = _better(switch, current, at_s)
    url = chosen.url if chosen else None
    return switch if url == switch.current else replace(switch, current=url, since_s=at_s, moved=False)


def next_probe_s(switch: Switch, url: str, at_s: float, draw: float) -> float:
    """Give when to ask a proxy next: at the end of its rest, or about PROBE_S from now."""
    regular_s = at_s + PROBE_S * (1 + JITTER * (2 * draw - 1))
    rests_until_s = switch.of(url).rests_until_s
    return rests_until_s if rests_until_s > at_s else regular_s


def _succeeded(before: Standing, seen: Seen) -> Standing:
    old_s = before.latency_s
    latency_s = seen.latency_s if old_s is None else old_s + WEIGHT * (seen.latency_s - old_s)
    successes = before.successes + 1
    trips = 0 if successes >= RETURN_AFTER else before.trips
    return Standing(latency_s, successes=successes, rests_until_s=seen.at_s, trips=trips)


def _rested(after: Standing, at_s: float, draw: float) -> Standing:
    if not after.is_out or after.rests_until_s > at_s:
        return after
    rest_s = min(REST_S * 2**after.trips, MOST_REST_S) * (1 + JITTER * draw)
    return replace(after, rests_until_s=at_s + rest_s, trips=min(after.trips + 1, 16))


def _answers(switch: Switch, one: Upstream, at_s: float) -> bool:
    """Tell whether a proxy's last word was a good one, and it does not rest."""
    standing = switch.of(one.url)
    return standing.successes > 0 and standing.rests_until_s <= at_s


def _better(switch: Switch, current: Upstream, at_s: float) -> Upstream:
    """Give who is better than one that works, or that one itself."""
    if not switch.moved and at_s - switch.since_s < DWELL_S:
        return current
    needed = 1 if switch.moved else RETURN_AFTER
    ready = [one for one in switch.upstreams if _answers(switch, one, at_s) and switch.of(one.url).successes >= needed]
    better = [one for one in ready if _is_better(switch, one, current)]
    return _best(switch, better) or current


def _is_better(switch: Switch, one: Upstream, current: Upstream) -> bool:
    if one.ours != current.ours:
        return one.ours
    now_s = switch.of(current.url).latency_s
    return now_s is not None and _latency(switch, one) <= now_s * (1 - BETTER)


def _best(switch: Switch, among: Sequence[Upstream]) -> Upstream | None:
    return min(among, key=lambda one: (not one.ours, _latency(switch, one)), default=None)


def _latency(switch: Switch, one: Upstream) -> float:
    latency_s = switch.of(one.url).latency_s
    return float("inf") if latency_s is None else latency_s
