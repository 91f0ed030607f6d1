"""What Delve does with substitutePath, and an order of rules that means the same both ways.

Source: SubstitutePath in Delve's pkg/locspec/locations.go and setLaunchAttachArgs in service/dap.
From editor to binary the rules are read as written; back, each is turned round, in the same order.
Only forward slashes here: with a Windows path anywhere Delve compares without regard to case (``windows``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """``local`` is a directory as the editor names it (``from``), ``binary`` as the executable does (``to``).

    An empty ``binary`` stands for every relative name. ``is_file``: both are one file, not a directory.
    """

    local: str
    binary: str
    is_file: bool = False


class Direction:
    """Rules read one way, found by the directories a path lies in: thousands of paths meet hundreds of rules."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Take ``pairs`` of from and to, in their order."""
        self._pairs = pairs
        self._first: dict[str, int] = {}
        for place, (old, _) in enumerate(pairs):
            self._first.setdefault(old, place)

    def decides(self, path: str) -> int | None:
        """Give the place of the rule that decides; None where none does."""
        places = (self._first.get(one) for one in (path, *directories(path)))
        return min((place for place in places if place is not None), default=None)

    def of(self, path: str) -> str:
        """Translate a path; one that no rule takes stays as it is."""
        place = self.decides(path)
        return path if place is None else _moved(path, *self._pairs[place])


def there(rules: Sequence[Rule]) -> Direction:
    """Read rules from the editor's paths to the binary's names."""
    return Direction([(rule.local, rule.binary) for rule in rules])


def back(rules: Sequence[Rule]) -> Direction:
    """Read rules from the binary's names to the editor's paths."""
    return Direction([(rule.binary, rule.local) for rule in rules])


def to_binary(path: str, rules: Sequence[Rule]) -> str:
    """Translate an editor's path into the binary's name for that file."""
    return there(rules).of(path)


def to_local(path: str, rules: Sequence[Rule]) -> str:
    """Translate a file name in the binary into the editor's path."""
    return back(rules).of(path)


def is_below(path: str, directory: str) -> bool:
    """Tell whether Delve takes ``directory`` for a prefix of ``path``; a directory is below itself."""
    if directory == "":
        return not path.startswith("/")
    if path == directory:
        return True
    return path.startswith(directory) and (directory.endswith("/") or path[len(directory)] == "/")


def directories(path: str) -> Iterator[str]:
    """Give all other paths that Delve takes for a prefix of this one, with and without a slash at the end."""
    if not path.startswith("/") and path:
        yield ""
    slash = path.find("/")
    while slash >= 0:
        yield from (one for one in (path[:slash], path[: slash + 1]) if one and one != path)
        slash = path.find("/", slash + 1)


def ordered(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Put the more specific before the less, on both sides; otherwise keep the order given.

    Where the two sides contradict each other the editor's side decides: breakpoints go that way.
    """
    kept = tuple(dict.fromkeys(rules))
    both = _after(kept, [rule.local for rule in kept]), _after(kept, [rule.binary for rule in kept])
    return _sorted(kept, *both) or _sorted(kept, both[0]) or kept


_Graph = list[set[int]]
"""For each rule, by its place, those that have to come after it."""


def _after(rules: Sequence[Rule], paths: Sequence[str]) -> _Graph:
    """Put each path before those of the directories it lies in."""
    known: dict[str, set[int]] = {}
    for place, path in enumerate(paths):
        known.setdefault(path, set()).add(place)
    return [{place for one in directories(paths[at]) for place in known.get(one, ())} for at in range(len(rules))]


def _sorted(rules: Sequence[Rule], *graphs: _Graph) -> tuple[Rule, ...]:
    """Take the first rule again and again that no other one has to precede; () where they go round in a circle."""
    after = [set().union(*sides) for sides in zip(*graphs, strict=True)]
    waits = Counter(place for places in after for place in places)
    free = [place for place in range(len(rules)) if not waits[place]]
    result: list[Rule] = []
    while free:
        place = heappop(free)
        result.append(rules[place])
        for later in after[place]:
            waits[later] -= 1
            if not waits[later]:
                heappush(free, later)
    return tuple(result) if len(result) == len(rules) else ()


def _moved(path: str, old: str, new: str) -> str:
    if path == old:
        return new
    rest = path[len(old) :].removeprefix("/")
    return f"{new.removesuffix('/')}/{rest}" if new else rest
