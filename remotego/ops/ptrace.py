"""Ptrace: what decides whether a process of a host can be debugged, and what each policy would do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remotego.core.errors import RefusedError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.host.inventory import Running, take_inventory
from remotego.host.processes import processes
from remotego.host.ptrace import State
from remotego.host.ptrace_plan import PtracePlan, choose, plan
from remotego.host.selection import NoProcessError, select
from remotego.host.tracing import tracing
from remotego.host.verdict import POLICIES, Verdict, judge
from remotego.ops.debuggee import find, wanted
from remotego.ops.engine import ask

NOBODY = -1
"""The inventory of plain sh is only looked through for the process here; the verdict is not its."""


@dataclass(frozen=True, slots=True)
class Option:
    """A policy's verdict, and what it would do where it may work."""

    verdict: Verdict
    plan: PtracePlan | None


@dataclass(frozen=True, slots=True)
class Explained:
    """The state of a process, every policy as an Option, and the one that ``auto`` takes; None where none works."""

    process: Running
    state: State
    options: tuple[Option, ...]
    auto: str | None


def explain(network: Network, name: str, settings: Settings, progress: Progress) -> Explained:
    """Judge all policies for a process in one round trip.

    Nothing is changed, but for the agent that has to be there to find a process by port or unit. Raises what
    ``select`` raises.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        process, state = _look(host, settings, progress)
    options = tuple(_option(policy, state, host=name, process=process.title) for policy in POLICIES)
    return Explained(process, state, options, _auto(state, host=name, process=process.title))


def state_of(host: Transport, process: Running, *, thorough: bool) -> State:
    """Ask what decides for a process. ``thorough`` asks sudo even where nobody needs it. Raises NoProcessError."""
    return _state(host, process, ask(host, tracing(process=None, pid=process.pid, thorough=thorough)))


def _look(host: Transport, settings: Settings, progress: Progress) -> tuple[Running, State]:
    """Find the process and ask for its state; one that has renamed itself is asked for once more, by number."""
    named = wanted(settings)
    if named.needs_agent:
        _, process = find(host, settings, progress)
        return process, state_of(host, process, thorough=True)
    question = tracing(process=named.name, pid=named.pid, thorough=True)
    table, states = ask(host, processes(), question)
    process = select(take_inventory(table, uid=NOBODY, everything=True), named, host=host.name)
    return process, states[process.pid] if process.pid in states else state_of(host, process, thorough=True)


def _state(host: Transport, process: Running, states: Mapping[int, State]) -> State:
    if process.pid not in states:
        raise NoProcessError(host.name, f"pid {process.pid}", "")
    return states[process.pid]


def _option(policy: str, state: State, *, host: str, process: str) -> Option:
    verdict = judge(policy, state, host=host, process=process)
    may = verdict.can is not False
    return Option(verdict, plan(policy, state, asks_password=verdict.can is None) if may else None)


def _auto(state: State, *, host: str, process: str) -> str | None:
    try:
        return choose("auto", state, host=host, process=process).policy
    except RefusedError:
        return None
