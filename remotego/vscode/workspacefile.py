"""*.code-workspace: one file that holds what launch.json, tasks.json and settings.json hold, each below its name.

VS Code (docs/editor/multi-root-workspaces, "Workspace file schema"): besides ``folders`` such a file has the
members ``settings``, ``launch`` and ``tasks``, which are as the files in .vscode are.
"""

from __future__ import annotations

SUFFIX = ".code-workspace"


def place_of(name: str, *, file: str) -> tuple[str, ...]:
    """Where the document ``name`` begins in ``file``: at its root, or below its name in a workspace file.

    ``name`` is launch, tasks or settings.
    """
    return (name,) if file.endswith(SUFFIX) else ()
