"""Inputs: what VS Code asks its user before a task runs. They stand in tasks.json alone.

launch.json and tasks.json ask their inputs each for itself, so one in both would be asked twice. The port of a
configuration is fixed; only its task needs to know host and process. ``pickString`` has a list that is as old as the
file: VS Code itself has no input that runs a command (code.visualstudio.com/docs/reference/variables-reference).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remotego.vscode.entries import ForeignEntryError, put_entry
from remotego.vscode.workspacefile import place_of

HOST, PROCESS = "remotego-host", "remotego-process"


def variable(name: str) -> str:
    """Write the place where an input's value goes."""
    return f"${{input:{name}}}"


def pick(name: str, question: str, options: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Build an input that offers ``options``, pairs of what is shown and what it stands for; the first is preset."""
    shown = [value if label == value else {"label": label, "value": value} for label, value in options]
    return {
        "id": name,
        "type": "pickString",
        "description": question,
        "options": shown,
        "default": options[0][1] if options else "",
    }


def plan_inputs(text: str, inputs: Iterable[Mapping[str, Any]], *, file: str) -> str:
    """Give the text with ``inputs`` in it. Raises ForeignEntryError for an id that is something else's."""
    at = place_of("tasks", file=file)
    for one in inputs:
        text = put_entry(text, "inputs", "id", one, lambda entry: _ours(entry, file), file=file, at=at)
    return text


def _ours(entry: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    if entry.get("type") != "pickString":
        kind = f"{entry.get('type')} input"
        raise ForeignEntryError(file=file, name=str(entry["id"]), kind=kind, wanted="a pickString of remotego")
    return entry
