"""All that can be said beforehand of one command of go: requests, ways on, who hears, what each setting does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remotego.golang.goproxy import DIRECT, OFF
from remotego.goproxy.asking import Ask, Outcome, Reply
from remotego.goproxy.effects import effects
from remotego.goproxy.hearing import Hearer, Secrecy, hearers, secrecy
from remotego.goproxy.rules import BYPASS, Rules
from remotego.goproxy.scenes import Question, Scene, changed, everything, play, scenes

NOBODY = "nobody: go ends with an error"
GOES_ON = "go goes on without it"


@dataclass(frozen=True, slots=True)
class Place:
    """A place of GOPROXY as go goes through it: its ``url``, and when the next one is asked."""

    url: str
    next_when: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A request where all goes well, and who is asked next where it does not: after 404 or 410, after all else."""

    ask: Ask
    absent: str
    failed: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What go will do with a question under its rules."""

    question: Question
    places: tuple[Place, ...]
    steps: tuple[Step, ...]
    scenes: tuple[Scene, ...]
    heard: tuple[Hearer, ...]
    secrecy: Secrecy
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What else counts: go's ``values``, the environment's HTTP proxies, machines in .netrc (None: not known).

    ``patterns`` are lists of private patterns by who says so; ``private``: the user says that the path is.
    """

    values: Mapping[str, str]
    variables: Mapping[str, str]
    machines: frozenset[str] | None
    patterns: Mapping[str, str]
    private: bool = False


def explain(question: Question, rules: Rules, around: Around) -> Explanation:
    """Explain a question."""
    played = tuple(scenes(question, rules)) if not rules.fault else ()
    heard = hearers(question, played, around.variables)
    return Explanation(
        question,
        _places(rules),
        _steps(question, rules, played[0]) if played else (),
        played,
        heard,
        secrecy(question, heard, around.patterns, given=around.private),
        tuple(effects(question, rules, around.values, heard, around.machines)),
    )


def _places(rules: Rules) -> tuple[Place, ...]:
    return tuple(_place(rules, number) for number in range(len(rules.places)))


def _place(rules: Rules, number: int) -> Place:
    place = rules.places[number]
    if place.url == BYPASS:
        return Place("the origin, by GONOPROXY", "404, 410", f"only for {rules.gonoproxy}")
    if place.url in (DIRECT, OFF):
        return Place(place.url, "never", "the end of the list" if place.url == DIRECT else "fails at once")
    last = number == len(rules.places) - 1
    return Place(place.url, "never" if last else "any failure" if place.whatever else "404, 410")


def _steps(question: Question, rules: Rules, scene: Scene) -> tuple[Step, ...]:
    """Take each request of a scene and see what follows another answer to it alone."""
    return tuple(
        Step(
            ask,
            _follows(question, rules, scene, number, Reply(404)),
            _follows(question, rules, scene, number, Reply(500)),
        )
        for number, ask in enumerate(scene.asked)
    )


def _follows(question: Question, rules: Rules, scene: Scene, number: int, reply: Reply) -> str:
    ask = scene.asked[number]
    other = play(question, rules, changed(everything(question), (ask.place, ask.url), reply))
    known = {one.url for one in scene.asked}
    fresh = next((one for one in other.asked if one.url not in known), None)
    if fresh is not None and fresh.by == "go" and fresh.role is not ask.role and fresh.place == ask.place:
        return f"the same, for {fresh.role.value}"
    if fresh is not None:
        return fresh.place if fresh.place != "sumdb" else fresh.url.partition("/lookup/")[0]
    return GOES_ON if other.outcome is Outcome.DONE else NOBODY
