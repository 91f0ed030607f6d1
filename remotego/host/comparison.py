"""Comparison: in which contexts a variable is the same, and where it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remotego.host.contexts import WATCHED, Contexts

GO = "go"
"""What stands among the variables for the go command that PATH leads to."""

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Group:
    """The places that have one ``value``; None: the variable is not set there. Places are contexts and holders."""

    value: str | None
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """One variable in all places; one group where they agree."""

    name: str
    groups: tuple[Group, ...]

    @property
    def differs(self) -> bool:
        """Whether there is more than one value."""
        return len(self.groups) > 1

    @property
    def is_set(self) -> bool:
        """Whether any place has a value."""
        return any(group.value is not None for group in self.groups)


def compare(seen: Contexts) -> tuple[Spread, ...]:
    """Compare ``go`` and every watched variable. A context that could not be told at all has no part in it."""
    places: dict[str, Mapping[str, str | None]] = {
        one.name: {**one.variables, GO: one.go} for one in seen.contexts if one.variables
    }
    places |= {f"{one.what} {one.pid}": {**one.variables, GO: one.go} for one in seen.holders if one.variables}
    return tuple(_spread(name, places) for name in (GO, *WATCHED))


def differing(spreads: Sequence[Spread]) -> tuple[str, ...]:
    """Name what differs."""
    return tuple(one.name for one in spreads if one.differs)


def _spread(name: str, places: Mapping[str, Mapping[str, str | None]]) -> Spread:
    groups: dict[str | None, list[str]] = {}
    for place, variables in places.items():
        groups.setdefault(variables.get(name), []).append(place)
    return Spread(name, tuple(Group(value, tuple(names)) for value, names in groups.items()))


def shorten_paths(paths: Sequence[str]) -> tuple[str, ...]:
    """Give lists of directories with the runs that all of them share left out, as an ellipsis.

    Lists that differ by their order alone are given whole: there is nothing to leave out.
    """
    lists = [path.split(":") for path in paths]
    common = set(lists[0]).intersection(*lists[1:]) if lists else set()
    if all(set(one) == common for one in lists):
        return tuple(paths)
    return tuple(_shorten(one, common) for one in lists)


def _shorten(entries: Sequence[str], common: set[str]) -> str:
    shown: list[str] = []
    for entry in entries:
        piece = ELLIPSIS if entry in common else entry
        if piece != ELLIPSIS or shown[-1:] != [ELLIPSIS]:
            shown.append(piece)
    return ":".join(shown)
