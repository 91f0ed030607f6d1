"""Where a binary's own sources are in the workspace, found by comparing the ends of file names.

Every pair of directories that would explain a file is a candidate; the pair that explains most
files wins, and the rest is tried again with what is left. A pair that leaves most of the files below
it unexplained is another project's and is dropped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from remotego.delve.substitution import Rule, is_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from remotego.core.workspace import Workspace

_CANDIDATES = 64
"""Pairs weighed exactly in each round: the ones most files vote for."""

_ROUNDS = 16
"""Directories of the build told apart at most; a repository of more modules has their paths in go.mod."""


def place_sources(names: Sequence[str], workspace: Workspace) -> list[Rule]:
    """Map directories of the build to directories of the workspace, as absolute paths."""
    here = frozenset(f"{workspace.root}/{file}" for file in workspace.files)
    left = [name for name in names if "/vendor/" not in name]
    rules: list[Rule] = []
    for _ in range(_ROUNDS):
        best = _best(left, here, workspace.root)
        if best is None:
            break
        rules.append(_widened(best, workspace))
        left = [name for name in left if not is_below(name, rules[-1].binary)]
    return rules


def _best(names: Sequence[str], here: frozenset[str], root: str) -> Rule | None:
    by_name = defaultdict(list)
    for path in here:
        by_name[basename(path)].append(path)
    votes = Counter(rule for name in names for rule in _candidates(name, by_name, root))
    likely = sorted(votes, key=lambda rule: (-votes[rule], -_likeness(rule), len(rule.local), rule))
    scores = {rule: _score(rule, names, here) for rule in likely[:_CANDIDATES]}
    fit = [rule for rule, (explained, below) in scores.items() if 2 * explained >= below > 0]
    return max(fit, key=lambda rule: scores[rule][0], default=None)


def _candidates(name: str, by_name: Mapping[str, Sequence[str]], root: str) -> Iterator[Rule]:
    """Pair the longest part the two paths do not share; never all of the file system."""
    for path in by_name.get(basename(name), ()):
        local, binary = dirname(path), dirname(name)
        while local != root and basename(local) == basename(binary) and dirname(binary) not in ("", "/"):
            local, binary = dirname(local), dirname(binary)
        if binary not in ("", "/"):
            yield Rule(local, binary)


def _score(rule: Rule, names: Sequence[str], here: frozenset[str]) -> tuple[int, int]:
    """Count the files a rule explains, and all those below it."""
    below = [name for name in names if is_below(name, rule.binary)]
    return sum(rule.local + name[len(rule.binary) :] in here for name in below), len(below)


def _likeness(rule: Rule) -> int:
    """Tell, between rules that explain as much, whether the directories are called alike."""
    return int(basename(rule.local) == basename(rule.binary))


def _widened(rule: Rule, workspace: Workspace) -> Rule:
    """Lift a rule to the directory of its module: a module is one unbroken tree wherever it is built."""
    around = [module.directory for module in workspace.modules if is_below(rule.local, module.directory)]
    if not around:
        return rule
    inside = rule.local.removeprefix(max(around, key=len))
    if not inside or not rule.binary.endswith(inside) or rule.binary == inside:
        return rule
    return Rule(max(around, key=len), rule.binary.removesuffix(inside))
