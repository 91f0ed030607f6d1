"""Policies: tiers of remotego.toml or of flags as go's variables, each tried on private paths before it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from remotego.core.errors import UsageError
from remotego.core.redaction import BLOT
from remotego.core.settings import Settings
from remotego.core.tables import PROFILES, fault_in_table, secret_in
from remotego.golang.patterns import fitting
from remotego.golang.policy import (
    COMPANY,
    ORIGIN,
    MixedTiersError,
    NoPatternsError,
    NoTiersError,
    Tiers,
    reasons,
    too_deep,
    variables_of,
)
from remotego.golang.profile import ENDINGS, MIRRORS, PUBLIC, SUMDB, notes_on
from remotego.goproxy.commands import COMMANDS, LATEST
from remotego.goproxy.hearing import OTHER, hearers
from remotego.goproxy.rules import read_rules
from remotego.goproxy.scenes import SOME_VERSION, Question, scenes

_WRITES_SUMS = "-mod=mod"
"""With it go build asks for what go.sum lacks, too."""


@dataclass(eq=False)
class UnfitTierError(UsageError):
    """A word of a tier, an ending or a pattern that cannot stand there."""

    flag: str
    word: str
    reason: str
    what = "--{flag} {word!r} cannot stand there: {reason}"
    remedy = "give a URL of http, https or file for a tier, direct or off for the ending, company or origin for private"


@dataclass(frozen=True, slots=True)
class Flags:
    """What the user gives instead of tables: see Tiers. ``open_``: nothing is private."""

    company: Sequence[str]
    mirror: Sequence[str]
    public: Sequence[str]
    private: Sequence[str]
    ending: str | None
    private_from: str | None
    sumdb: str | None
    open_: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """A private ``pattern``, a ``path`` that it fits, and the outsiders that would hear of it: none.

    ``told`` is what they would hear, the path or a parent of it; ``insiders`` are the hosts that are to hear of it.
    """

    pattern: str
    path: str
    heard_by: tuple[str, ...]
    told: tuple[str, ...] = ()
    insiders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: go's ``variables`` and the reasons for them, what was ``tried``, and notes for people."""

    tiers: Tiers
    variables: Mapping[str, str]
    reasons: Mapping[str, str]
    tried: tuple[Tried, ...]
    notes: tuple[str, ...]


def make_policy(settings: Settings, flags: Flags) -> Policy:
    """Make a policy of flags, and of remotego.toml where they say nothing.

    Raises NoTiersError, NoPatternsError, MixedTiersError, UnfitTierError.
    """
    _check(flags)
    tiers = _tiers(flags, {name: settings.table(f"profile.{name}") for name in PROFILES})
    variables = variables_of(tiers)
    tried = tuple(_tried(pattern, tiers, variables) for pattern in tiers.private)
    return Policy(tiers, variables, reasons(tiers, variables), tried, (*notes_on(variables), *_notes(tiers)))


def _notes(tiers: Tiers) -> Iterator[str]:
    if not tiers.world:
        return
    yield "names that no private pattern fits may be told to the public tiers: make patterns as wide as your domains"
    yield from (f"`go get` asks the public tiers for the parents of {pattern}" for pattern in too_deep(tiers))


def _check(flags: Flags) -> None:
    for flag, words in (("company", flags.company), ("mirror", flags.mirror), ("public", flags.public)):
        for word in words:
            _check_tier(flag, word)
    for word in flags.private:
        if fault_in_table("profile.extranet.private", [word]):
            raise UnfitTierError("private", word, "a pattern such as *.corp.example was expected")
    choices = (("ending", flags.ending, ENDINGS), ("private-from", flags.private_from, (COMPANY, ORIGIN)))
    for flag, word, known in ((flag, word, known) for flag, word, known in choices if word is not None):
        if word not in known:
            raise UnfitTierError(flag, word, f"{' or '.join(known)} was expected")


def _check_tier(flag: str, word: str) -> None:
    if secret_in("profile.extranet.goproxy", word):
        raise UnfitTierError(flag, BLOT, "it has a user, a password or a query in it")
    if word in ENDINGS or fault_in_table("profile.extranet.goproxy", [word]):
        raise UnfitTierError(flag, word, "a URL without blanks, commas and bars was expected")


def _tiers(flags: Flags, tables: Mapping[str, Mapping[str, Sequence[str]]]) -> Tiers:
    by_flag = bool(flags.company or flags.mirror or flags.public or flags.ending)
    company, mirrors, public = (flags.company, flags.mirror, flags.public) if by_flag else _of_tables(tables)
    private = tuple(flags.private) or _all(tables, "private", PROFILES)
    world = (*mirrors, *public)
    if not (company or world or flags.ending):
        raise NoTiersError
    sumdb = flags.sumdb or next(iter(_texts(tables)), SUMDB)
    if (world or sumdb != "off") and not private and not flags.open_:
        raise NoPatternsError
    private_from = flags.private_from or (COMPANY if company and flags.ending != "direct" else ORIGIN)
    if company and world and private and flags.private_from is None:
        raise MixedTiersError(company[0], world[0])
    if not private and flags.private_from is None and world:
        private_from = ORIGIN
    listed = next((word for word in _all(tables, "goproxy", ("extranet",)) if word in ENDINGS), None)
    ending = flags.ending or ("off" if private_from == COMPANY else listed or "direct")
    return Tiers(tuple(company), tuple(mirrors), tuple(public), ending, private, private_from, sumdb)


def _of_tables(
    tables: Mapping[str, Mapping[str, Sequence[str]]],
) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """Sort the proxies of all profiles: what is not public stands in the tables of networks of our own."""
    own = [one for one in _all(tables, "goproxy", ("intranet", "mixed")) if one not in ENDINGS and not _is_public(one)]
    world = [one for one in _all(tables, "goproxy", ("mixed", "extranet")) if one not in (*ENDINGS, *own)]
    return own, [one for one in world if _host(one) in MIRRORS], [one for one in world if _host(one) not in MIRRORS]


def _all(tables: Mapping[str, Mapping[str, Sequence[str]]], key: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for name in names for word in tables.get(name, {}).get(key, ())))


def _texts(tables: Mapping[str, Mapping[str, Sequence[str]]]) -> list[str]:
    return [str(tables[name]["sumdb"]) for name in PROFILES if tables.get(name, {}).get("sumdb")]


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_public(url: str) -> bool:
    return _host(url) in PUBLIC


def _tried(pattern: str, tiers: Tiers, variables: Mapping[str, str]) -> Tried:
    """Have go's rules applied to a path that a pattern fits: every command, every scene there is.

    Whoever is neither one's own by the tiers nor where the path itself leads is an outsider, known or not.
    """
    path = _example(pattern)
    rules = read_rules({**variables, "GOFLAGS": _WRITES_SUMS})
    questions = [Question(command, path, SOME_VERSION if command == "build" else LATEST) for command in COMMANDS]
    heard = [
        one for question in questions for one in hearers(question, tuple(scenes(question, rules)), {}) if one.paths
    ]
    own = {_authority(url) for url in tiers.company}
    outside = [one for one in heard if one.tells_everybody or (one.kind == OTHER and one.host not in own)]
    return Tried(
        pattern,
        path,
        tuple(dict.fromkeys(one.host for one in outside)),
        tuple(dict.fromkeys(told for one in outside for told in one.paths)),
        tuple(dict.fromkeys(one.host for one in heard if one not in outside)),
    )


def _authority(url: str) -> str:
    return urlsplit(url).netloc


def _example(pattern: str) -> str:
    """Make a path of a module that a pattern fits. Raises UnfitTierError where it fits none."""
    path = fitting(pattern)
    if path is None:
        raise UnfitTierError("private", pattern, "no path fits it (`go help private`, path.Match)")
    return path if "." in path.partition("/")[0] and "/" in path else f"{path}/team/module"
