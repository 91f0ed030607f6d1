"""Scenes: worlds in which one thing is so, and what go does there. All that is explained is read off these runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from remotego.golang.goproxy import DIRECT, OFF
from remotego.goproxy.asking import Ask, GoImport, Outcome, Reply, Role, World
from remotego.goproxy.commands import LATEST, candidates, requests
from remotego.goproxy.rules import BYPASS, Rules

SOME_VERSION = "v1.2.3"
"""What stands for the newest version where none is given."""

_SUMS = (Role.SUPPORTED, Role.LOOKUP, Role.TILE)


@dataclass(frozen=True, slots=True)
class Question:
    """What go is asked to do: a ``command``, the path and the version."""

    command: str
    path: str
    version: str = LATEST

    @property
    def module(self) -> str:
        """The module that has the path: the path itself, as far as anybody can know beforehand."""
        return self.path

    @property
    def chosen(self) -> str:
        """The version that go ends up with."""
        return SOME_VERSION if self.version == LATEST else self.version


@dataclass(frozen=True, slots=True)
class Scene:
    """A world in one sentence, the requests go sends there, and how its command ends."""

    name: str
    asked: tuple[Ask, ...]
    outcome: Outcome


def everything(question: Question) -> World:
    """Make a world in which everybody has the module, and nobody one for a parent of its path."""

    def reply(ask: Ask) -> Reply:
        if ask.role in _SUMS:
            return Reply()
        if ask.path != question.module:
            return Reply(404)
        if ask.role is Role.IMPORT:
            return Reply(tag=GoImport(question.module, "git", f"https://{question.module}"))
        return Reply(version=question.chosen)

    return reply


def play(question: Question, rules: Rules, world: World, name: str = "") -> Scene:
    """See what go does in a world."""
    asked, outcome = requests(question.command, question.path, question.version, rules, world)
    return Scene(name, asked, outcome)


def changed(world: World, fits: object, reply: Reply) -> World:
    """Make a world in which requests to a place, or of a place and a URL, get another reply."""

    def other(ask: Ask) -> Reply:
        return reply if fits in (ask.place, (ask.place, ask.url)) else world(ask)

    return other


def scenes(question: Question, rules: Rules) -> Iterator[Scene]:
    """Play the scenes that tell places apart: who has it first, nobody has it, one of them fails."""
    world = everything(question)
    places = [one.url for one in rules.places if one.url not in (BYPASS, OFF)]
    yield play(question, rules, world, "the first has it")
    gone = world
    for before, place in pairwise(places):
        gone = changed(gone, before, Reply(404))
        yield play(question, rules, gone, f"only {place} has it, those before it answer 404 or 410")
    if places:
        yield play(question, rules, changed(gone, places[-1], Reply(404)), "nobody has it: all answer 404 or 410")
    for place in places:
        if place != DIRECT:
            failing = changed(world, place, Reply(500))
            yield play(question, rules, failing, f"{place} fails: any other status, no answer, a login page")
    yield from _sum_scenes(question, rules, world)


def _sum_scenes(question: Question, rules: Rules, world: World) -> Iterator[Scene]:
    """Play what becomes of the checksum database where no proxy stands in for it."""
    if rules.sumdb is None or rules.sumdb.url or not rules.is_looked_up(question.module):
        return
    roles = {Role.SUPPORTED: 404}
    bare: World = lambda ask: Reply(roles[ask.role]) if ask.role in roles else world(ask)  # noqa: E731 - a world in a line
    yield play(question, rules, bare, "no proxy stands in for the checksum database (404 on supported)")
    broken: World = lambda ask: Reply(500) if ask.role is Role.SUPPORTED else world(ask)  # noqa: E731 - likewise
    yield play(question, rules, broken, "every proxy fails when asked for the checksum database")


def parents(question: Question) -> tuple[str, ...]:
    """List the shorter paths that go asks for beside the one given: only `go get` does."""
    return candidates(question.path)[1:] if question.command == "get" else ()
