"""What Delve does with substitutePath, and an order of rules that means the same both ways.

Source: SubstitutePath in Delve's pkg/locspec/locations.go and setLaunchAttachArgs in service/dap.
From editor to binary the rules are read as written; back, each is turned round, in the same order.
Only forward slashes here: with a Windows path anywhere Delve compares without regard to case.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """``local`` is a directory as the editor names it (``from``), ``binary`` as the executable does (``to``).

    An empty ``binary`` stands for every relative name.
    """

    local: str
    binary: str


def to_binary(path: str, rules: Sequence[Rule]) -> str:
    """Translate an editor's path into the binary's name for that file."""
    return _substitute(path, [(rule.local, rule.binary) for rule in rules])


def to_local(path: str, rules: Sequence[Rule]) -> str:
    """Translate a file name in the binary into the editor's path."""
    return _substitute(path, [(rule.binary, rule.local) for rule in rules])


def is_below(path: str, directory: str) -> bool:
    """Tell whether Delve takes ``directory`` for a prefix of ``path``; a directory is below itself."""
    if directory == "":
        return not path.startswith("/")
    if path == directory:
        return True
    return path.startswith(directory) and (directory.endswith("/") or path[len(directory)] == "/")


def ordered(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Put the more specific before the less, on both sides; otherwise keep the order given.

    Where the two sides contradict each other the editor's side decides: breakpoints go that way.
    """
    kept = tuple(dict.fromkeys(rules))
    for sides in (("local", "binary"), ("local",)):
        graph = {rule: [other for other in kept if _precedes(other, rule, sides)] for rule in kept}
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError:
            continue
    return kept


def _precedes(one: Rule, other: Rule, sides: Sequence[str]) -> bool:
    pairs = [(str(getattr(one, side)), str(getattr(other, side))) for side in sides]
    return any(inner != outer and is_below(inner, outer) for inner, outer in pairs)


def _substitute(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    for old, new in pairs:
        if path == old:
            return new
        if is_below(path, old):
            rest = path[len(old) :].removeprefix("/")
            return f"{new.removesuffix('/')}/{rest}" if new else rest
    return path
