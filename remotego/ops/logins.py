"""Logins: the ways to everything of ours on a host, as this login and as the users whose sessions we have begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from remotego.core.change import UndoAs
from remotego.core.settings import Settings
from remotego.core.transport import Transport
from remotego.host.journal import Entry, check_undo, journal
from remotego.host.survey import survey
from remotego.ops.engine import ask


@dataclass(frozen=True, slots=True)
class Login:
    """A way in, the settings that hold there, and whose it is: None for this login's own."""

    host: Transport
    settings: Settings
    user: str | None = None


def logins(host: Transport, settings: Settings) -> list[Login]:
    """Give the ways to our sessions: our own first, then those that our journal leads to. Raises ForeignPathError."""
    have, entries = ask(host, survey(settings.store), journal(settings.store))
    check_undo(entries, have.root)
    others = [Login(host.as_user(lead.user), replace(settings, store=lead.store), lead.user) for lead in leads(entries)]
    return [Login(host, settings), *others]


def leads(entries: Sequence[Entry]) -> tuple[UndoAs, ...]:
    """What of a journal leads to other users, each once."""
    return tuple(dict.fromkeys(act for entry in entries for act in entry.undo if isinstance(act, UndoAs)))
