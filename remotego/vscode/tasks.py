"""tasks.json: the background task that F5 waits for, and the one that frees the process afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from remotego.vscode.entries import ForeignEntryError, dated, put_entry
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.launch import WORKSPACE
from remotego.vscode.problems import matcher
from remotego.vscode.validity import check
from remotego.vscode.workspacefile import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE = ".vscode/tasks.json"
VERSION = "2.0.0"
PREFIX = "remotego: "

Argv = Sequence[str]


def debug_label(name: str) -> str:
    """Label of the task that a configuration's F5 runs first."""
    return f"{PREFIX}{name}"


def release_label(name: str) -> str:
    """Label of the task that it runs last."""
    return f"{PREFIX}release {name}"


def debug_task(name: str, program: Argv, flags: Argv) -> dict[str, Any]:
    """Build the background task: ``program`` is our command line up to the verb, ``flags`` what it is given.

    Its owner is the configuration's, so that what one host has to say takes nothing away from another's.
    """
    return {
        "label": debug_label(name),
        **_process(program, ["debug", *flags, "--task"]),
        "isBackground": True,
        "problemMatcher": matcher(debug_label(name)),
        "presentation": {**_PRESENTATION, "close": False},
    }


def release_task(name: str, program: Argv, flags: Argv) -> dict[str, Any]:
    """Build the task that ends the session and waits until the process is free."""
    return {
        "label": release_label(name),
        **_process(program, ["release", *flags]),
        "problemMatcher": [],
        "presentation": {**_PRESENTATION, "close": True},
    }


_PRESENTATION: Mapping[str, Any] = {
    "reveal": "silent",
    "panel": "dedicated",
    "focus": False,
    "clear": True,
    "showReuseMessage": False,
}
"""The terminal comes to the front only when the task fails."""


def _process(program: Argv, words: Argv) -> dict[str, Any]:
    command, *before = program
    return {
        "type": "process",
        "command": command,
        "args": [*before, *words],
        "options": {"cwd": WORKSPACE},
    }


def plan_tasks(
    text: str | None, tasks: Iterable[Mapping[str, Any]], schema: Mapping[str, Any], *, file: str = FILE
) -> str:
    """Give the text of tasks.json, or of a workspace file, with ``tasks`` in it; None means there is no file.

    Ours are found by their labels; what a user added to one stays. The same text comes back when nothing has to
    change. Raises JsoncError, ForeignEntryError for a label that is taken, SchemaError.
    """
    at = place_of("tasks", file=file)
    result = dated(text, VERSION, file=file, at=at)
    for task in tasks:
        result = put_entry(result, "tasks", "label", task, lambda entry: _ours(entry, file), file=file, at=at)
    check(parse_jsonc(result, file=file), schema, at=at)
    return result


def _ours(entry: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    words = entry.get("args")
    verbs = {"debug", "release", "mod.doctor"} & set(words if isinstance(words, list) else ())
    if entry.get("type") != "process" or not verbs:
        kind = f"{entry.get('type') or 'shell'} task"
        raise ForeignEntryError(file=file, name=str(entry["label"]), kind=kind, wanted="a task of remotego")
    return entry
