"""Who hears of a module's path, by which request, and whether that is a leak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from remotego.golang.patterns import first_match
from remotego.golang.profile import PUBLIC
from remotego.goproxy.asking import Ask, Role
from remotego.goproxy.origin import DIRECT
from remotego.goproxy.scenes import Question, Scene
from remotego.goproxy.webproxy import host_of, web_proxy

PUBLIC_SUMS = frozenset(("sum.golang.org", "sum.golang.google.cn"))

ORIGIN, WORLD, OTHER, FILES = "origin", "public", "other", "files"
"""Kinds of hearers: where the path itself points, a service for everybody, any other host, nobody at all."""

ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Hearer:
    """A host that may hear of a path: its ``kind``, ``when``, the ``roles`` and an example of a request.

    ``passes_to`` is who it asks in its turn, by what it was asked for. ``through`` is the HTTP proxy on the way.
    """

    host: str
    kind: str
    when: str
    roles: tuple[str, ...]
    example: str
    paths: tuple[str, ...]
    passes_to: str = ""
    through: str = ""

    @property
    def tells_everybody(self) -> bool:
        """Whether a service for everybody hears of a path by it."""
        return bool(self.paths) and (self.kind == WORLD or self.passes_to in PUBLIC_SUMS)


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Whether a path is ``private``, by which ``pattern`` of which setting; and who hears of it that should not.

    ``leaks`` are of services for everybody, ``doubts`` of hosts that nobody here knows anything about (``unknown``).
    ``origins`` are the hosts that hear of it because the path itself leads there.
    """

    private: bool
    pattern: str
    said_by: str
    leaks: tuple[str, ...]
    doubts: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Say what is known, and of whom it is not: a list of public services is never complete."""
        if self.leaks:
            return "it CAN leak"
        if self.unknown:
            hosts = " and ".join(self.unknown)
            return f"no service known to be public hears of it; whether {hosts} may is not known here"
        if self.origins:
            return f"nobody hears of it but {', '.join(self.origins)}, where the path itself leads"
        return "nobody hears of it"


def hearers(question: Question, scenes: Sequence[Scene], variables: Mapping[str, str]) -> tuple[Hearer, ...]:
    """List all hosts that hear of the path or a parent of it in any scene, in the order in which they come up."""
    sure = {_host(ask) for ask in scenes[0].asked} if scenes else set()
    grouped: dict[str, list[Ask]] = {}
    first: dict[str, str] = {}
    for scene in scenes:
        for ask in scene.asked:
            grouped.setdefault(_host(ask), []).append(ask)
            first.setdefault(_host(ask), scene.name)
    return tuple(
        _hearer(host, asks, ALWAYS if host in sure else f"when {first[host]}", question, variables)
        for host, asks in grouped.items()
    )


def _hearer(host: str, asks: Sequence[Ask], when: str, question: Question, variables: Mapping[str, str]) -> Hearer:
    telling = next((ask for ask in asks if ask.role is not Role.SUPPORTED), asks[0])
    lookups = [ask.url for ask in asks if ask.role is Role.LOOKUP and "/sumdb/" in ask.url]
    return Hearer(
        host=host,
        kind=_kind(host, asks, question.path),
        when=when,
        roles=tuple(dict.fromkeys(ask.role.value for ask in asks)),
        example=telling.url,
        paths=tuple(dict.fromkeys(ask.path for ask in asks if ask.role not in (Role.SUPPORTED, Role.TILE))),
        passes_to=lookups[0].partition("/sumdb/")[2].partition("/lookup/")[0] if lookups else "",
        through=web_proxy(telling.url, variables),
    )


def _host(ask: Ask) -> str:
    parts = urlsplit(ask.url)
    return parts.netloc.rpartition("@")[2] if parts.scheme != "file" else "file://"


def _kind(host: str, asks: Iterable[Ask], path: str) -> str:
    if host == "file://":
        return FILES
    if is_public(host):
        return WORLD
    if host == path.partition("/")[0] or all(ask.place == DIRECT for ask in asks):
        return ORIGIN
    return OTHER


def is_public(host: str) -> bool:
    """Tell whether a host is known to be a service for everybody."""
    return host.partition(":")[0] in PUBLIC | PUBLIC_SUMS


def secrecy(question: Question, heard: Sequence[Hearer], patterns: Mapping[str, str], *, given: bool) -> Secrecy:
    """Judge who hears of a path. ``patterns``: lists of private ones by who says so; ``given``: it is private."""
    found = ((first_match(text, question.path), said_by) for said_by, text in patterns.items())
    pattern, said_by = next(((one, who) for one, who in found if one), ("", "--private" if given else ""))
    telling = [one for one in heard if one.paths]
    leaks = [_told(one, one.host) for one in telling if one.kind == WORLD]
    leaks += [_told(one, f"{one.passes_to}, through {one.host},") for one in telling if _passes(one)]
    strangers = [(one, one.host) for one in telling if one.kind == OTHER]
    strangers += [(one, host_of(one.through)) for one in telling if one.through and one.example.startswith("http:")]
    return Secrecy(
        bool(pattern) or given,
        pattern,
        said_by,
        tuple(leaks),
        tuple(_told(one, host) for one, host in strangers),
        tuple(dict.fromkeys(host for _, host in strangers)),
        tuple(one.host for one in telling if one.kind == ORIGIN),
    )


def _passes(one: Hearer) -> bool:
    return one.kind != WORLD and one.tells_everybody


def _told(one: Hearer, who: str) -> str:
    paths = ", ".join(one.paths)
    return f"{who} hears of {paths} by {', '.join(one.roles)} ({one.when})"
