"""The same work on several hosts, in parallel within a bound; one failing host stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from remotego.core.errors import RemotegoError, UsageError

R = TypeVar("R")


@dataclass(eq=False)
class NoHostError(UsageError):
    """The user named no host."""

    what = "no host named"
    remedy = "give --host NAME (a Host of your ssh_config or user@host[:port]), or set hosts in remotego.toml"


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What came of one host: a ``result`` or an ``error``, and the ``seconds`` it took."""

    host: str
    result: R | None
    error: RemotegoError | None
    seconds: float


def each(hosts: Sequence[str], work: Callable[[str], R], *, parallel: int) -> list[Outcome[R]]:
    """Do ``work`` for every host, at most ``parallel`` at once; outcomes stand in the order of ``hosts``.

    Only RemotegoErrors are outcomes; anything else is a bug and is raised. Raises NoHostError.
    """
    if not hosts:
        raise NoHostError
    names = list(dict.fromkeys(hosts))
    if len(names) == 1:
        return [_attempt(names[0], work)]
    with ThreadPoolExecutor(max_workers=min(parallel, len(names))) as pool:
        return list(pool.map(lambda name: _attempt(name, work), names))


def exit_code(outcomes: Sequence[Outcome[R]]) -> int:
    """0 when all went well, else the code of the first failure."""
    return next((outcome.error.exit_code for outcome in outcomes if outcome.error), 0)


def _attempt(host: str, work: Callable[[str], R]) -> Outcome[R]:
    begun = monotonic()
    try:
        result, error = work(host), None
    except RemotegoError as failure:
        result, error = None, failure
    return Outcome(host, result, error, monotonic() - begun)
