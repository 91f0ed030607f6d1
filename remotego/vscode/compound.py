"""Compounds: several configurations that one F5 starts together, and the task that makes all of them ready first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from remotego.vscode.entries import put_entry
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.launch import FILE
from remotego.vscode.tasks import debug_label
from remotego.vscode.validity import check
from remotego.vscode.workspacefile import place_of


def compound(name: str, members: Sequence[str], *, tasks: bool) -> dict[str, Any]:
    """Build the entry. Whoever stops one session stops all; none of the processes ends by that (``delve.dap``).

    With ``tasks`` no editor attaches before every session is up.
    """
    before = {"preLaunchTask": debug_label(name)} if tasks else {}
    return {"name": name, "configurations": list(members), "stopAll": True, **before}


def group_task(name: str, members: Sequence[str]) -> dict[str, Any]:
    """Build the task that a compound's F5 runs first: those of its members, side by side."""
    return {
        "label": debug_label(name),
        "dependsOn": [debug_label(member) for member in members],
        "dependsOrder": "parallel",
        "problemMatcher": [],
    }


def plan_compound(text: str, wanted: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = FILE) -> str:
    """Give the text of launch.json with a compound in it; what a user added to the one of that name stays."""
    at = place_of("launch", file=file)
    result = put_entry(text, "compounds", "name", wanted, lambda entry: entry, file=file, at=at)
    check(parse_jsonc(result, file=file), schema, at=at)
    return result
