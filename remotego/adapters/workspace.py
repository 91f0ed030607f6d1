"""The workspace as it is on disk. Bounded: links are not followed, and a huge tree is cut off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from remotego.core.workspace import Module, Workspace, parse_module_path

if TYPE_CHECKING:
    from collections.abc import Iterator

CAP_FILES = 20_000
CAP_FOLDERS = 50_000
CAP_BYTES = 1 << 20
SKIPPED = frozenset(("vendor", "testdata", "node_modules"))


def survey_workspace(root: Path) -> Workspace:
    """List the Go files and modules below ``root``; vendored and hidden ones are left out.

    Unreadable folders count as empty. ``root`` keeps the name it was given by, as VS Code does.
    """
    root = root.absolute()
    files: list[str] = []
    modules: list[Module] = []
    complete = True
    for count, (folder, names) in enumerate(_folders(root)):
        if count >= CAP_FOLDERS or len(files) > CAP_FILES:
            complete = False
            break
        prefix = "" if folder == root else folder.relative_to(root).as_posix() + "/"
        files += sorted(prefix + name for name in names if name.endswith(".go"))
        modules += _module_in(folder) if "go.mod" in names else []
    if not any(module.directory == str(root) for module in modules):
        modules += _module_around(root)
    return Workspace(str(root), tuple(modules), tuple(files[:CAP_FILES]), complete and len(files) <= CAP_FILES)


def _folders(root: Path) -> Iterator[tuple[Path, list[str]]]:
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name not in SKIPPED and not name.startswith((".", "_")))
        yield Path(folder), names


def _module_in(folder: Path) -> list[Module]:
    try:
        with (folder / "go.mod").open(encoding="utf-8", errors="replace") as file:
            path = parse_module_path(file.read(CAP_BYTES))
    except OSError:
        return []
    return [Module(str(folder), path)] if path else []


def _module_around(root: Path) -> list[Module]:
    return next((found for folder in root.parents if (found := _module_in(folder))), [])
