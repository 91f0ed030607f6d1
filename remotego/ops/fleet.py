"""The same work on several hosts, in parallel within a bound; one failing host stops no other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
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

    Only RemotegoErrors are outcomes; anything else is a bug and is raised. Raises NoHostError. An
    interruption (Ctrl-C) ends the waiting at once and lets no further host begin.
    """
    if not hosts:
        raise NoHostError
    names = list(dict.fromkeys(hosts))
    if len(names) == 1:
        return [_attempt(names[0], work)]
    outcomes: dict[str, Future[Outcome[R]]] = {name: Future() for name in names}
    waiting = deque(names)
    for _ in range(min(parallel, len(names))):
        # Daemons: the threads of a ThreadPoolExecutor would keep an interrupted program until the last is done.
        threading.Thread(target=_take_turns, args=(waiting, outcomes, work), name="host", daemon=True).start()
    try:
        return [outcome.result() for outcome in outcomes.values()]
    finally:
        waiting.clear()


def exit_code(outcomes: Sequence[Outcome[R]]) -> int:
    """0 when all went well, else the code of the first failure."""
    return next((outcome.error.exit_code for outcome in outcomes if outcome.error), 0)


def _take_turns(waiting: deque[str], outcomes: Mapping[str, Future[Outcome[R]]], work: Callable[[str], R]) -> None:
    """Take one host after another until none waits; what is popped here is popped nowhere else."""
    with suppress(IndexError):
        while True:
            _settle(outcomes[name := waiting.popleft()], name, work)


def _settle(outcome: Future[Outcome[R]], name: str, work: Callable[[str], R]) -> None:
    try:
        outcome.set_result(_attempt(name, work))
    except BaseException as bug:  # noqa: BLE001 - raised by whoever waits for the outcome
        outcome.set_exception(bug)


def _attempt(host: str, work: Callable[[str], R]) -> Outcome[R]:
    begun = monotonic()
    try:
        result, error = work(host), None
    except RemotegoError as failure:
        result, error = None, failure
    return Outcome(host, result, error, monotonic() - begun)
