"""Where a binary's own sources are in the workspace, found by comparing the ends of file names.

Every pair of directories that would explain a file is a candidate; the pair that explains most
files wins, and the rest is tried again with what is left. A pair that leaves most of the files below
it unexplained is another project's and is dropped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Search:
    """``by_name`` are the files here by their base names; ``tops`` are the directories not to leave upwards."""

    by_name: Mapping[str, Sequence[str]]
    here: frozenset[str]
    tops: frozenset[str]
    bare: bool

    def candidates(self, name: str) -> Iterator[Rule]:
        """Pair the longest part the two paths do not share; never all of the file system.

        All relative names together, "", are a directory only where ``bare``.
        """
        stops = ("/",) if self.bare and not name.startswith("/") else ("", "/")
        for path in self.by_name.get(basename(name), ()):
            local, binary = dirname(path), dirname(name)
            while local not in self.tops and basename(local) == basename(binary) and dirname(binary) not in stops:
                local, binary = dirname(local), dirname(binary)
            if binary not in stops:
                yield Rule(local, binary)


def place_sources(names: Sequence[str], workspace: Workspace, *, bare: bool = False) -> list[Rule]:
    """Map directories of the build to directories of the workspace, as absolute paths.

    ``bare``: relative names may be those of the workspace's root, as none are of the standard library.
    """
    search = _search(workspace, bare=bare)
    left = list(names)
    rules: list[Rule] = []
    for _ in range(_ROUNDS):
        best = _best(left, search)
        if best is None:
            break
        rules.append(_widened(best, workspace))
        left = [name for name in left if not is_below(name, rules[-1].binary)]
    return rules


def place_beside(names: Sequence[str], standard: Sequence[str], workspace: Workspace) -> list[Rule]:
    """Map relative names that are files of the workspace, where the standard library has relative names too.

    Each gets the uppermost directory without a file of the standard library, else a rule for itself.
    """
    taken = {directory for name in standard for directory in _above(name)}
    own = (name for name in names if name in workspace.files)
    places = {next((one for one in _above(name) if one not in taken), name) for name in own}
    return [Rule(f"{workspace.root}/{place}", place, is_file=place in names) for place in sorted(places)]


def _above(name: str) -> list[str]:
    """Give the directories a relative name lies in, the uppermost first."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _search(workspace: Workspace, *, bare: bool) -> _Search:
    here = frozenset((*(f"{workspace.root}/{file}" for file in workspace.files), *workspace.around))
    outside = {one.directory for one in workspace.modules if not is_below(one.directory, workspace.root)}
    by_name = defaultdict(list)
    for path in here:
        by_name[basename(path)].append(path)
    return _Search(by_name, here, frozenset((workspace.root, *outside)), bare)


def _best(names: Sequence[str], search: _Search) -> Rule | None:
    votes = Counter(rule for name in names for rule in search.candidates(name))
    likely = sorted(votes, key=lambda rule: (-votes[rule], -_likeness(rule), len(rule.local), rule))
    scores = {rule: _score(rule, names, search.here) for rule in likely[:_CANDIDATES]}
    fit = [rule for rule, (explained, below) in scores.items() if 2 * explained >= below > 0]
    return max(fit, key=lambda rule: scores[rule][0], default=None)


def _score(rule: Rule, names: Sequence[str], here: frozenset[str]) -> tuple[int, int]:
    """Count the files a rule explains, and all those below it."""
    below = [name for name in names if is_below(name, rule.binary)]
    rests = (name.removeprefix(rule.binary).removeprefix("/") for name in below)
    return sum(f"{rule.local}/{rest}" in here for rest in rests), len(below)


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
