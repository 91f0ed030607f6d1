"""The task of an editor that examines the modules: written into tasks.json, beside what is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from remotego.adapters.files import schema
from remotego.ops.drafts import Draft, original, write
from remotego.vscode.findings import modules_task
from remotego.vscode.tasks import FILE, plan_tasks


def put_task(root: Path, program: Sequence[str], *, dry: bool) -> Draft:
    """Have the task in .vscode/tasks.json. Raises what reading and editing that file raises."""
    before = original(root, FILE)
    text = plan_tasks(before.text, [modules_task(program)], schema("tasks"), file=str(before.path))
    draft = Draft(before, text)
    if not dry:
        write([draft])
    return draft
