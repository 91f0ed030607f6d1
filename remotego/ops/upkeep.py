"""Upkeep: what runs on a host, ending it, and taking back what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.terminal import inert
from remotego.core.transport import Network, Transport
from remotego.delve.ending import Ended, check_end
from remotego.delve.keeper import parse_event, render_ender
from remotego.delve.session import Record, sessions
from remotego.host.faults import UnexplainedError
from remotego.host.journal import Entry, journal
from remotego.host.survey import survey
from remotego.ops import engine
from remotego.ops.engine import ask

STOP_TIMEOUT_S = 90.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """A session and how its end went."""

    session: Record
    ended: Ended


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: sessions first, then changes, newest first."""

    stopped: tuple[Stopped, ...]
    entries: tuple[Entry, ...]


def find_sessions(network: Network, name: str, settings: Settings) -> tuple[Record, ...]:
    """List this login's sessions on a host."""
    with network.reach(name) as host:
        return ask(host, sessions(settings.store))


def stop_sessions(
    network: Network, name: str, settings: Settings, progress: Progress, *, only: str | None, dry: bool
) -> tuple[Stopped, ...]:
    """End the sessions on a host, or the one called ``only``, in the safe order.

    Raises UncleanEndError when all were tried and one could not be ended.
    """
    with network.reach(name) as host:
        found = ask(host, sessions(settings.store))
        chosen = [session for session in found if only in (None, session.id)]
        return _stop_all(host, chosen, progress, dry=dry)


def undo(network: Network, name: str, settings: Settings, progress: Progress, *, dry: bool) -> Undone:
    """Take back everything journalled on a host; with nothing journalled there is nothing to do.

    Sessions are ended first. Raises UncleanEndError, and takes nothing back, when one could not be.
    """
    with network.reach(name) as host:
        running, entries = ask(host, sessions(settings.store), journal(settings.store))
        stopped = _stop_all(host, running, progress, dry=dry)
        if entries and not dry:
            progress.step(name, f"take back {len(entries)} changes")
            engine.undo(host, entries, ask(host, survey(settings.store)))
        return Undone(stopped, tuple(reversed(entries)))


def _stop_all(host: Transport, found: Sequence[Record], progress: Progress, *, dry: bool) -> tuple[Stopped, ...]:
    stopped = tuple(_stop(host, session, progress, dry=dry) for session in found)
    for one in stopped if not dry else ():
        check_end(host.name, one.ended)
    return stopped


def _stop(host: Transport, session: Record, progress: Progress, *, dry: bool) -> Stopped:
    if dry:
        return Stopped(session, Ended("planned"))
    progress.step(host.name, f"end session {session.id}")
    answer = host.run(render_ender(session), timeout_s=STOP_TIMEOUT_S)
    lines = answer.stdout.splitlines()
    event = parse_event(lines[-1]) if lines else None
    if not isinstance(event, Ended):
        raise UnexplainedError(session.directory, inert(answer.stderr)[-500:])
    return Stopped(session, event)
