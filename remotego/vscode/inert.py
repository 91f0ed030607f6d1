"""Inert recipes in the editor files of a workspace: where they stand, why they do nothing, what to do instead.

Pure, over parsed documents; ``recipes`` has the table of what is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remotego.vscode.jsonc import Document, Node, line_and_column
from remotego.vscode.recipes import CONTAINER, LAUNCH, RULES, SETTINGS, TASKS, Place, Rule, Workspace, is_task

WORKSPACE = "workspace"
FILES: Mapping[str, tuple[str, ...]] = {
    SETTINGS: (".vscode/settings.json",),
    LAUNCH: (".vscode/launch.json",),
    TASKS: (".vscode/tasks.json",),
    CONTAINER: (".devcontainer/devcontainer.json", ".devcontainer.json"),
}
"""Where each kind of document stands in a workspace; a *.code-workspace holds the first three as members.

There may be more containers, each in a folder of its own below .devcontainer (containers.dev, "devcontainer.json").
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """A recipe that does nothing, where it stands (both from 1), why, and what to do instead."""

    rule: str
    file: str
    line: int
    column: int
    found: str
    why: str
    instead: str


def inspect(documents: Mapping[str, Sequence[Document]]) -> tuple[Finding, ...]:
    """Find inert recipes in the documents of a workspace, by kind; in the order of files and lines."""
    parts = [part for kind, those in documents.items() for document in those for part in _parts(kind, document)]
    workspace = Workspace(frozenset(name for kind, _, node in parts for name in _pre_launch(kind, node.value)))
    found = [
        _finding(rule, document, node, place)
        for kind, document, root in parts
        for node, place in _walk(document, root, (), ())
        for rule in RULES
        if kind in rule.kinds and rule.test(place, workspace)
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.file, one.line, one.column)))


def _parts(kind: str, document: Document) -> Iterator[tuple[str, Document, Node]]:
    """Take a workspace file apart into the kinds that are its members."""
    if kind != WORKSPACE:
        yield kind, document, document.root
        return
    for child in document.children(document.root):
        if child.key in (SETTINGS, LAUNCH, TASKS):
            yield child.key, document, child


def _pre_launch(kind: str, value: Any) -> Iterator[str]:
    entries = value.get("configurations") if kind == LAUNCH and isinstance(value, dict) else []
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("preLaunchTask"), str):
            yield entry["preLaunchTask"]


def _walk(
    document: Document, node: Node, path: tuple[str | int, ...], around: tuple[Any, ...]
) -> Iterator[tuple[Node, Place]]:
    for number, child in enumerate(document.children(node)):
        below = (*path, number if child.key is None else child.key)
        yield child, Place(below, child.value, (*around, node.value))
        yield from _walk(document, child, below, (*around, node.value))


def _finding(rule: Rule, document: Document, node: Node, place: Place) -> Finding:
    line, column = line_and_column(document.text, node.start)
    name = place.key if isinstance(place.key, str) else f"[{place.key}]"
    if is_task(place):
        name = str(place.value.get("label", name))
    return Finding(rule.name, document.file, line, column, name, rule.why, rule.instead)
