"""Upkeep: what runs on a host, ending it, and taking back what was changed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from remotego.core.change import RemovePrivileged, RestoreScope, Reversal, UndoAs
from remotego.core.errors import MissingError, RefusedError
from remotego.core.progress import Progress
from remotego.core.proxychange import RemoveProxy
from remotego.core.settings import Settings
from remotego.core.transport import Network, Script, Transport
from remotego.delve.ending import Ended, check_end
from remotego.delve.guard import END, render_guard, render_return, write_takeover
from remotego.delve.records import Record, Sessions, last_word, sessions
from remotego.goproxy.installed import ProxyState, proxy
from remotego.host.faults import explain
from remotego.host.journal import Entry, check_undo, journal
from remotego.host.survey import Survey, survey
from remotego.ops import engine, root
from remotego.ops.agent import bring
from remotego.ops.consent import Consent
from remotego.ops.engine import ask
from remotego.ops.holding import Stop, grip
from remotego.ops.logins import Login, leads, logins
from remotego.ops.proxytokens import forget
from remotego.ops.withdrawal import withdraw

TAKEOVER_S = 10.0
"""The lease of a session that is taken over only to be ended."""


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


@dataclass(eq=False)
class UnknownSessionError(MissingError):
    """No session of this id is there."""

    host: str
    session: str
    what = "{host}: there is no session {session}"
    remedy = "see what there is with `remotego sessions --host {host}`"


@dataclass(eq=False)
class StrayJournalError(RefusedError):
    """A journal we were led to leads on to rights that are not its user's."""

    host: str
    user: str
    what = "{host}: the journal of {user} would have root or yet another user do something, which we never write there"
    remedy = "read the journal of {user} there; if it is their own, log in as {user} and undo it from there"


def find_sessions(network: Network, name: str, settings: Settings) -> Sessions:
    """List this login's sessions on a host, and those it has as other users."""
    with network.reach(name) as host:
        have, mine, entries = ask(host, survey(settings.store), sessions(settings.store), journal(settings.store))
        check_undo(entries, have.root)
        found = [mine, *(ask(host.as_user(lead.user), sessions(lead.store)) for lead in leads(entries))]
    return Sessions(
        tuple(record for one in found for record in one.records), tuple(end for one in found for end in one.endings)
    )


def stop_sessions(
    network: Network, name: str, settings: Settings, progress: Progress, *, only: str | None, dry: bool
) -> tuple[Stopped, ...]:
    """End the sessions on a host, or the one called ``only``, in the safe order; notes of earlier ends go too.

    Raises UncleanEndError when all were tried and one could not be ended, UnknownSessionError.
    """
    with network.reach(name) as host:
        ways = logins(host, settings)
        stopped = tuple(one for way in ways for one in _stop_those(way, progress, only=only, dry=dry))
    if only is not None and not stopped:
        raise UnknownSessionError(name, only)
    return stopped


def _stop_those(way: Login, progress: Progress, *, only: str | None, dry: bool) -> tuple[Stopped, ...]:
    host, settings = way.host, way.settings
    have, found = ask(host, survey(settings.store), sessions(settings.store))
    chosen = [session for session in found.records if only in (None, session.id)]
    stopped = _stop_all(host, have, chosen, settings, progress, dry=dry)
    if found.endings and only is None and not dry:
        host.run(Script(f"rm -f -- {shlex.quote(have.root)}/journal/*.ended"))
    return stopped


def undo(
    network: Network, name: str, settings: Settings, progress: Progress, consent: Consent | None = None, *, dry: bool
) -> Undone:
    """Take back everything journalled on a host; with nothing journalled there is nothing to do.

    Sessions are ended first; what is kept here of a proxy that ends goes last. ``consent`` is asked for a password
    where sudo wants one. Raises UncleanEndError, and takes nothing back, when a session could not be ended;
    RootWorkError when root could not do its part.
    """
    with network.reach(name) as host:
        have, stopped, entries = _end_all(host, settings, progress, dry=dry)
        check_undo(entries, have.root)
        others = [_undo_as(host, lead, settings, progress, dry=dry) for lead in leads(entries)]
        if entries and not dry:
            progress.step(name, f"take back {len(entries)} changes")
            acts = [act for entry in reversed(entries) for act in entry.undo]
            served = _served(host, acts, settings)
            root.take_back(host, acts, consent)
            engine.undo(host, withdraw(host, entries, have, progress), have, whole=True)
            if served is not None:
                forget(name, served)  # only now: clients here use it until it has ended
        return Undone(
            (*(one for other in others for one in other.stopped), *stopped),
            (*(one for other in others for one in other.entries), *reversed(entries)),
        )


def _served(host: Transport, acts: Sequence[Reversal], settings: Settings) -> ProxyState | None:
    """Say how the proxy is that is to end; None where there is none, or half of one that says nothing of itself."""
    if not any(isinstance(act, RemoveProxy) for act in acts):
        return None
    (said,) = engine.inquire(host, [proxy(settings.store)], timeout_s=engine.ASK_TIMEOUT_S)
    return said if isinstance(said, ProxyState) else None


def _undo_as(host: Transport, lead: UndoAs, settings: Settings, progress: Progress, *, dry: bool) -> Undone:
    """Take back what we did as another user; that user's journal leads no further. Raises StrayJournalError."""
    other = host.as_user(lead.user)
    have, stopped, entries = _end_all(other, replace(settings, store=lead.store), progress, dry=dry)
    if any(isinstance(act, UndoAs | RestoreScope | RemovePrivileged) for entry in entries for act in entry.undo):
        raise StrayJournalError(host.name, lead.user)
    if entries and not dry:
        engine.undo(other, entries, have, whole=True)
    return Undone(stopped, tuple(reversed(entries)))


def _end_all(
    host: Transport, settings: Settings, progress: Progress, *, dry: bool
) -> tuple[Survey, tuple[Stopped, ...], tuple[Entry, ...]]:
    """End the sessions of a login; give what its directory is like then, and its journal."""
    have, running, entries = ask(host, survey(settings.store), sessions(settings.store), journal(settings.store))
    stopped = _stop_all(host, have, running.records, settings, progress, dry=dry)
    if stopped and not dry:
        have, entries = ask(host, survey(settings.store), journal(settings.store))
    return have, stopped, entries


def _stop_all(
    host: Transport, have: Survey, found: Sequence[Record], settings: Settings, progress: Progress, *, dry: bool
) -> tuple[Stopped, ...]:
    """End sessions one by one; an agent is brought for it only where one has to be talked to."""
    if dry or not found:
        return tuple(Stopped(session, Ended("planned")) for session in found)
    lives = any(session.state != "dead" or session.pid for session in found)
    agent = bring(host, have, settings, progress).path if lives else ""
    stopped = tuple(_stop(host, agent, session, progress) for session in found)
    for one in stopped:
        check_end(host.name, one.session.id, one.ended)
    return stopped


def _stop(host: Transport, agent: str, session: Record, progress: Progress) -> Stopped:
    progress.step(host.name, f"end session {session.id}")
    if session.state == "dead" and not session.pid:
        return Stopped(session, _remove(host, session))
    orphan = session.state in ("orphaned", "dead")
    script = render_guard(agent) if orphan else render_return(agent, session.directory)
    order = write_takeover(session) + END if orphan else END
    held = grip(host, script, order, Stop(), TAKEOVER_S)
    try:
        ended = held.await_end()
    finally:
        held.close()
    return Stopped(session, _find_end(host, session) if ended.outcome == "closed" else ended)


def _find_end(host: Transport, session: Record) -> Ended:
    """Say how a session has ended that was not there any more when we wanted to talk to its guard."""
    root = session.directory.removesuffix(f"/sessions/{session.id}")
    noted, rest = ask(host, last_word(session.id, root), sessions(root))
    if noted is not None:
        return noted
    return Ended("silent") if any(one.id == session.id for one in rest.records) else Ended("removed")


def _remove(host: Transport, session: Record) -> Ended:
    """Remove the files of a session of which nothing lives. Raises HostError."""
    answer = host.run(Script(f"rm -rf -- {shlex.quote(session.directory)}"))
    if answer.exit_code != 0:
        raise explain(answer.stderr, session.directory)
    return Ended("removed")
