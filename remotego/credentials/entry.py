"""Entries: which place is answered from which source. They are references: nothing secret stands in remotego.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remotego.core.errors import UsageError
from remotego.credentials.place import Place, parse_prefix

AUTO = "auto"
KINDS = ("git", "gh", "netrc")
"""Sources that ``auto`` tries, in this order. A keyring's service has a name of its own, so it has to be named."""

TABLE = "auth"
_SOURCE = re.compile(r"(auto|git|gh|netrc|keyring)(?::([^\s:][^\n]*))?")
_TAKES_NAME = ("keyring",)
SCHEMES = ("basic", "bearer")


@dataclass(eq=False)
class UnfitEntryError(UsageError):
    """A table [auth.NAME] that does not say what it should."""

    name: str
    reason: str
    what = "[auth.{name}] {reason}"
    remedy = 'say url = "https://git.example.com/team", and source = "auto", "git", "gh", "netrc" or "keyring:SERVICE"'


@dataclass(eq=False)
class NothingAllowedError(UsageError):
    """No place to answer for."""

    what = "no URL is allowed, so there is nothing to answer"
    remedy = "give --allow https://git.example.com/team, or a table [auth.NAME] with its url in remotego.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a credential comes from: its kind, and what it is called there."""

    kind: str
    name: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is tried, in this order."""
        return KINDS if self.kind == AUTO else (self.kind,)

    def __str__(self) -> str:
        """Write it as in remotego.toml."""
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Entry:
    """``prefix`` is answered from ``source``; ``user`` "" stands for whoever is found. ``scheme`` is what go sends.

    With ``exact`` nothing below the prefix counts.
    """

    name: str
    prefix: Place
    source: Source = Source(AUTO)
    user: str = ""
    scheme: str = SCHEMES[0]
    exact: bool = False

    def covers(self, place: Place) -> bool:
        """Tell whether it is for a place."""
        return place in self.prefix.spellings if self.exact else self.prefix.covers(place)


def parse_source(text: str) -> Source | None:
    """Read a source; None for what is none."""
    found = _SOURCE.fullmatch(text)
    if found is None or (found[2] is not None) != (found[1] in _TAKES_NAME):
        return None
    return Source(found[1], found[2] or "")


def entries_of(table: Mapping[str, Any], allowed: Sequence[str], source: str | None) -> tuple[Entry, ...]:
    """Give the entries of remotego.toml's tables and of flags; ``table`` has keys such as ``corp.url``.

    Flags stand for themselves: with any, the tables count for the same places only, as references to their sources.
    Raises UnfitEntryError, UnfitUrlError, NothingAllowedError.
    """
    names = dict.fromkeys(key.rpartition(".")[0] for key in table)
    known = tuple(
        _entry(name, {key: table[f"{name}.{key}"] for key in _KEYS if f"{name}.{key}" in table}) for name in names
    )
    chosen = tuple(_allowed(url, known, source) for url in allowed) or known
    if not chosen:
        raise NothingAllowedError
    return chosen


_KEYS = ("url", "source", "user", "scheme")


def _entry(name: str, said: Mapping[str, str]) -> Entry:
    if "url" not in said:
        raise UnfitEntryError(name, "has no url")
    source = parse_source(said.get("source", AUTO))
    if source is None:
        raise UnfitEntryError(name, f"has the source {said['source']!r}, which is none")
    return Entry(name, parse_prefix(said["url"]), source, said.get("user", ""), said.get("scheme", SCHEMES[0]))


def _allowed(url: str, known: Iterable[Entry], source: str | None) -> Entry:
    prefix = parse_prefix(url)
    above = best(known, prefix)
    parsed = parse_source(source) if source else above.source if above else Source(AUTO)
    if parsed is None:
        raise UnfitEntryError(url, f"--source {source!r} is none")
    return Entry(url, prefix, parsed, above.user if above else "", above.scheme if above else SCHEMES[0])


def best(entries: Iterable[Entry], place: Place) -> Entry | None:
    """Find the entry for a place: the one with the longest prefix."""
    found = [entry for entry in entries if entry.covers(place)]
    return max(found, key=lambda entry: len(entry.prefix.segments), default=None)


def implied(places: Sequence[Place], source: str | None, *, exact: bool) -> tuple[Entry, ...]:
    """Give entries for what a target's own name says, where nothing else does; ``exact``: and nothing below it."""
    return tuple(replace(_allowed(str(one), (), source), exact=exact) for one in places)


def needed(entries: Iterable[Entry], places: Sequence[Place], proxies: Sequence[Place]) -> tuple[Entry, ...]:
    """Leave out entries that have nothing to do with a target's ``places``, nor with the proxies that it comes by."""
    wanted = [spelling for place in places for spelling in place.spellings]

    def is_for_a_proxy(entry: Entry) -> bool:
        return any(entry.covers(proxy) or proxy.covers(entry.prefix) for proxy in proxies)

    return tuple(one for one in entries if any(map(one.covers, wanted)) or is_for_a_proxy(one))
