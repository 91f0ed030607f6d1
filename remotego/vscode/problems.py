"""Problems: what a background task prints, and the problemMatcher that makes VS Code understand it.

VS Code (workbench/contrib/tasks, WatchingProblemCollector and terminalTaskSystem): a task with ``background`` is
busy until a line fits ``endsPattern`` or its process ends. When the process ends, every problem of its owner that
has been shown already is taken away, and only those not shown yet appear. So an error must not be followed by a
line that fits ``endsPattern``: the end of the process tells VS Code as well, and the problem stays. For the same
reason an error must not stand in the file in which the last one of this owner still stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remotego.core.terminal import one_line
from remotego.vscode.jsonc import Document, JsoncError, Node, line_and_column, parse_jsonc

BEGIN = "remotego: task begins"
READY = "remotego: task ready"

BEGINS = r"^remotego: task begins\b"
ENDS = r"^remotego: task ready\b"
PATTERN = r"^remotego: (error|warning): (.+?):(\d+):(\d+): (.*) \[([a-z0-9-]+)\]\s*$"

MARGIN = "  "
"""Stands before every line that is not one of those above, so that nothing a host says can be taken for one."""

LONGEST = 2000
"""Characters of a message that are shown."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file, line and column counted from 1. ``file`` is absolute, as the matcher expects it."""

    file: str
    line: int = 1
    column: int = 1


def matcher(owner: str) -> dict[str, Any]:
    """Build the problemMatcher of a background task. Problems of one ``owner`` replace each other."""
    return {
        "owner": owner,
        "source": "remotego",
        "fileLocation": "absolute",
        "pattern": {
            "regexp": PATTERN,
            "severity": 1,
            "file": 2,
            "line": 3,
            "column": 4,
            "message": 5,
            "code": 6,
        },
        "background": {"activeOnStart": True, "beginsPattern": BEGINS, "endsPattern": ENDS},
    }


def render_problem(place: Place, what: str, remedy: str, code: str) -> str:
    """Write an error as the one line that the matcher reads."""
    message = one_line(f"{what}; try: {remedy}")
    shown = message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
    return f"remotego: error: {one_line(place.file)}:{place.line}:{place.column}: {shown} [{code}]"


def choose_place(places: Sequence[Place], last: str | None) -> Place:
    """Take the first place that is not in the file ``last``, where the problem before this one may still stand."""
    return next((place for place in places if place.file != last), places[0])


def entry_place(text: str | None, file: str, port: int) -> Place:
    """Find the entry of a launch.json that has this port; the top of the file where there is none."""
    return _find(text, file, "configurations", lambda entry: entry.get("port") == port)


def task_place(text: str | None, file: str, port: int) -> Place:
    """Find the background task of a tasks.json that holds this port; the top of the file where there is none."""
    return _find(text, file, "tasks", lambda entry: entry.get("isBackground") and _has_port(entry, port))


def _has_port(entry: dict[str, Any], port: int) -> bool:
    words = entry.get("args")
    return isinstance(words, list) and ["--local-port", str(port)] in [words[at : at + 2] for at in range(len(words))]


def _find(text: str | None, file: str, member: str, is_wanted: Any) -> Place:
    try:
        document = parse_jsonc(text or "", file=file)
        found = _entries(document, member)
    except JsoncError as error:
        return Place(file, error.line, error.column)
    for node in found:
        if isinstance(node.value, dict) and is_wanted(node.value):
            return Place(file, *line_and_column(document.text, node.value_start))
    return Place(file)


def _entries(document: Document, member: str) -> tuple[Node, ...]:
    if not isinstance(document.root.value, dict):
        return ()
    node = document.child(document.root, member)
    return document.children(node) if node else ()
