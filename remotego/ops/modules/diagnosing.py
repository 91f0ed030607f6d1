"""Diagnosing: findings, each with the first edit that helps in a copy; and applying those edits to the workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import cache, partial
from pathlib import Path

from remotego.adapters.trees import differences
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.terminal import inert, one_line
from remotego.modgraph.edits import DropLines, Edit, GoStep, Proposal
from remotego.modgraph.finding import Finding, is_better
from remotego.modgraph.judges import judge
from remotego.modgraph.lines import bytes_of, lines_of, text_of, with_ends_of
from remotego.modgraph.observed import Observed
from remotego.ops.modules.ground import Ground, prepared
from remotego.ops.modules.observing import observe

HERE = "modules"
_TURNED = {"missing": "added", "added": "removed", "changed": "as in its module"}
"""What an edit does to a file of vendor that was so before."""

SHOWN = 20
"""Files of vendor that are named."""

Tried = tuple[tuple[Finding, ...] | None, tuple[str, ...]]
"""What is found after an edit, None where it cannot be made, and what it changes."""

Trial = Callable[[Edit, bool], Tried]

_OF_UPSTREAM = ("retracted", "deprecated", "excluded-version")
"""Kinds of which only sources of modules can tell whether they are gone."""

WATCHED = ("go.mod", "go.sum", "go.work", "go.work.sum", "vendor/modules.txt")


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """The workspace at ``root``, what was seen of it, and the findings."""

    root: Path
    seen: Observed
    findings: tuple[Finding, ...]
    go: str


def diagnose_modules(settings: Settings, progress: Progress, *, edits: bool = True) -> Diagnosed:
    """Look at the modules of a workspace; nothing of the user's is written, and go only ever works in copies.

    Without ``edits`` none is tried. Raises NoModuleError, NoGoForModulesError, VastWorkspaceError.
    """
    progress.step(HERE, "copy what go reads")
    with prepared(settings) as ground:
        progress.step(HERE, "ask go for the graph, the packages, the cache and the sources of modules")
        seen = observe(ground)
        found = judge(seen)
        if edits:
            trial = cache(partial(_try, ground, progress))  # findings of one cause have the same candidates
            found = tuple(_with_proposal(found, one, trial) for one in found)
        return Diagnosed(ground.root, seen, found, ground.version)


def _with_proposal(found: Sequence[Finding], one: Finding, trial: Trial) -> Finding:
    """Try the candidates in turn; where none helps, and another module is why, say so."""
    why: list[Finding] = []
    for edit in one.candidates:
        asks = one.kind in _OF_UPSTREAM
        after, diff = trial(edit, asks)
        known = [each for each in found if asks or each.kind not in ("retracted", "deprecated", "not-known")]
        if after is not None and is_better(known, after, one):
            return replace(one, proposal=Proposal(edit, diff))
        why += [each for each in after or () if each.kind == one.kind and each.identity != one.identity]
    if why:
        return replace(one, evidence=f"{one.evidence}; lowering it would not help: {why[0].evidence}")
    return one


def _try(ground: Ground, progress: Progress, edit: Edit, asks: bool) -> Tried:
    """Apply an edit to a copy of the copy and look again, with ``asks`` at sources too; None where it fails."""
    progress.step(HERE, f"try in a copy: {edit.written()[0]}")
    with ground.another() as other:
        texts = watched(other)
        if not all(apply(other, step) for step in edit.steps):
            return None, ()
        after = judge(observe(other, upstream=asks))
        changed = {name: text for name, text in watched(other).items() if texts.get(name, "") != text}
        diff = [line for name, text in changed.items() for line in diff_of(name, texts.get(name, ""), text)]
        vendor = differences(*(each.base / "vendor" for each in (other, ground)))
        diff += [f"vendor/{one_line(name)} ({_TURNED[what]})" for name, what in vendor if name != "modules.txt"][:SHOWN]
        return after, tuple(diff)


def apply(ground: Ground, step: GoStep | DropLines) -> bool:
    """Apply a step to the copy; tell whether go did it."""
    if isinstance(step, DropLines):
        file = ground.copied(step.file)
        file.write_bytes(bytes_of(step.dropped(text_of(file.read_bytes()))))
        return True
    before = watched(ground)
    free = " ".join(flag for flag in ground.go.settings["GOFLAGS"].split() if not flag.startswith("-mod="))
    done = ground.go.run(ground.copied(step.folder), *step.arguments, GOFLAGS=free).ok
    for name, text in watched(ground).items():
        if (kept := with_ends_of(before.get(name, ""), text)) != text:
            ground.copied(name).write_bytes(bytes_of(kept))
    return done


def watched(ground: Ground) -> dict[str, str]:
    """The files that an edit may change, by name."""
    found: dict[str, str] = {}
    for folder in dict.fromkeys((ground.root, *ground.folders)):
        for name in WATCHED:
            full = ground.name(folder / name)
            with suppress(OSError):
                found[full] = text_of(ground.copied(full).read_bytes())
    return found


def diff_of(name: str, before: str, after: str) -> list[str]:
    """Give the unified diff of a file."""
    lines = unified_diff(lines_of(before), lines_of(after), f"a/{name}", f"b/{name}", lineterm="")
    return [inert(line) for line in lines]
