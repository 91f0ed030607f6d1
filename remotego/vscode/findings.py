"""Findings of a task that ends: a problem each, and the problemMatcher that makes VS Code understand them.

Unlike problems.py's tasks these have no beginning and end to wait for: when the process ends, what it printed stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from remotego.core.terminal import one_line
from remotego.vscode.launch import WORKSPACE
from remotego.vscode.problems import LONGEST, Place

Severity = Literal["error", "warning", "info"]

PATTERN = r"^remotego: (error|warning|info): (.+?):(\d+):(\d+): (.*) \[([a-z0-9-]+)\]\s*$"
LABEL = "remotego: modules"


def matcher(owner: str) -> dict[str, Any]:
    """Build the problemMatcher of a task that ends."""
    numbers = {"severity": 1, "file": 2, "line": 3, "column": 4, "message": 5, "code": 6}
    pattern = {"regexp": PATTERN, **numbers}
    return {"owner": owner, "source": "remotego", "fileLocation": "absolute", "pattern": pattern}


def render_finding(severity: Severity, place: Place, what: str, remedy: str, code: str) -> str:
    """Write a finding as the one line that the matcher reads."""
    message = one_line(f"{what}; try: {remedy}")
    shown = message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
    return f"remotego: {severity}: {one_line(place.file)}:{place.line}:{place.column}: {shown} [{code}]"


def modules_task(program: Sequence[str]) -> dict[str, Any]:
    """Build the task that examines the modules of the workspace; ``program`` is our command line up to the verb."""
    command, *before = program
    return {
        "label": LABEL,
        "type": "process",
        "command": command,
        "args": [*before, "mod.doctor", "--problems"],
        "options": {"cwd": WORKSPACE},
        "problemMatcher": matcher(LABEL),
        "presentation": {"reveal": "silent", "panel": "dedicated", "close": False, "clear": True},
    }
