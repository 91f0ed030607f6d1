"""Contests: commands measured in turn, so that whatever else the machine does hits them alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import assert_never

from benchmarks.proxy import Proxy
from benchmarks.sample import Command, Sample, take


@dataclass(frozen=True, slots=True)
class Contender:
    """A command by its name in the table; ``prepare`` runs before each of its runs, unmeasured."""

    name: str
    command: Command
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class WallRatio:
    """The first contender's wall time may be at most this many times the second's."""

    at_most: float


@dataclass(frozen=True, slots=True)
class CpuSeconds:
    """The first contender may use at most so much CPU time."""

    at_most: float


@dataclass(frozen=True, slots=True)
class WallAbove:
    """The first contender may take at most so many seconds more than the second."""

    at_most: float


@dataclass(frozen=True, slots=True)
class WallDifference:
    """What the first contender takes more than the second may be at most this many times the third's wall time."""

    at_most: float


Bound = WallRatio | WallAbove | WallDifference | CpuSeconds


@dataclass(frozen=True, slots=True)
class Contest:
    """What is compared. The first contender is ours, the second the one to be measured by.

    What goes through ``proxy`` is counted too.
    """

    title: str
    contenders: Sequence[Contender]
    bound: Bound
    proxy: Proxy | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A contest with the samples of each contender, in the order they were taken.

    ``talks`` has for each contender the round trips of every connection one run of it made.
    """

    contest: Contest
    samples: Sequence[Sequence[Sample]]
    talks: Sequence[Sequence[int]]

    @property
    def held(self) -> bool:
        """Whether the bound holds."""
        return self.figure <= self.contest.bound.at_most

    @property
    def figure(self) -> float:
        """What the bound is about."""
        match self.contest.bound:
            case WallRatio():
                return self.ratio(0)
            case WallAbove():
                return median(self._above)
            case WallDifference():
                third = self.samples[2]
                return median(above / sample.wall_s for above, sample in zip(self._above, third, strict=True))
            case CpuSeconds():
                return median(sample.cpu_s for sample in self.samples[0])
            case bound:
                assert_never(bound)

    @property
    def _above(self) -> list[float]:
        return [own.wall_s - other.wall_s for own, other in zip(self.samples[0], self.samples[1], strict=True)]

    def ratio(self, index: int) -> float:
        """Median over the rounds of a contender's wall time by the second's in the same round."""
        theirs = self.samples[1] if len(self.samples) > 1 else self.samples[0]
        pairs = zip(self.samples[index], theirs, strict=True)
        return median(own.wall_s / other.wall_s for own, other in pairs)


def hold(contest: Contest, rounds: int) -> Result:
    """Run every contender once unmeasured, then all in turn, ``rounds`` times. Raises RunFailedError."""
    talks = [_talks(contest, contender) for contender in contest.contenders]
    turns = [[_run(contender) for contender in contest.contenders] for _ in range(rounds)]
    return Result(contest, [list(samples) for samples in zip(*turns, strict=True)], talks)


def _talks(contest: Contest, contender: Contender) -> list[int]:
    """Run a contender and count its connections, once those made before are out of the way."""
    if contest.proxy is None:
        _run(contender)
        return []
    contest.proxy.talks()
    _run(contender)
    return contest.proxy.talks()


def _run(contender: Contender) -> Sample:
    contender.prepare()
    return take(contender.command)
