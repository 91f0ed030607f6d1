"""The workspace as it is on disk. Bounded: links are not followed, and a huge tree is cut off."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from remotego.core.modfile import ModFile, parse_modfile
from remotego.core.workspace import Module, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

CAP_FILES = 20_000
CAP_FOLDERS = 50_000
CAP_BYTES = 1 << 20
CAP_OUTSIDE = 64
SKIPPED = frozenset(("vendor", "testdata", "node_modules"))
_NATIVE = frozenset((".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".m", ".mm", ".s", ".S"))
"""What cmd/go hands to the C compiler, and headers (go/build, Package)."""


@dataclass(slots=True)
class _Tree:
    """What was found below a folder; ``complete`` unless it was cut off."""

    files: list[str] = field(default_factory=list)
    native: list[str] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    vendors: list[str] = field(default_factory=list)
    elsewhere: list[Path] = field(default_factory=list)
    complete: bool = True


def survey_workspace(root: Path) -> Workspace:
    """List the Go files and modules below ``root``; vendored and hidden ones are left out.

    Unreadable folders count as empty. ``root`` keeps the name it was given by, as VS Code does;
    all names have forward slashes, on Windows too.
    """
    root = root.absolute()
    tree = _look(root)
    _look_above(root, tree)
    outside = [found for folder in _outside(root, tree) if (found := _look(folder)).modules]
    return Workspace(
        root.as_posix(),
        (*tree.modules, *(one.modules[0] for one in outside)),
        tuple(tree.files),
        tree.complete,
        around=tuple(f"{one.modules[0].directory}/{name}" for one in outside for name in one.files),
        native=tuple(tree.native),
        vendors=tuple(tree.vendors),
        external=_external(root),
    )


def _look(root: Path) -> _Tree:
    """Walk through a tree, as far as the caps allow."""
    tree = _Tree()
    for count, (folder, names) in enumerate(_folders(root)):
        if count >= CAP_FOLDERS or len(tree.files) > CAP_FILES:
            tree.complete = False
            break
        prefix = "" if folder == root else folder.relative_to(root).as_posix() + "/"
        tree.files += sorted(prefix + name for name in names if name.endswith(".go"))
        # os.path: these are names, up to tens of thousands, and none needs to become a Path
        tree.native += sorted(prefix + name for name in names if os.path.splitext(name)[1] in _NATIVE)  # noqa: PTH122
        _note_module(folder, names, tree)
    tree.complete = tree.complete and len(tree.files) <= CAP_FILES
    del tree.files[CAP_FILES:], tree.native[CAP_FILES:]
    return tree


def _folders(root: Path) -> Iterator[tuple[Path, list[str]]]:
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if name not in SKIPPED and not name.startswith((".", "_")))
        yield Path(folder), names


def _look_above(root: Path, tree: _Tree) -> None:
    """Note the go.mod and the go.work above a folder that has none itself."""
    for name in ("go.mod", "go.work"):
        folder = next((above for above in (root, *root.parents) if (above / name).is_file()), root)
        if folder != root:
            _note_module(folder, [name], tree)


def _note_module(folder: Path, names: list[str], tree: _Tree) -> None:
    """Note what the go.mod and the go.work of a folder say."""
    for name in {"go.mod", "go.work"} & set(names):
        said = _read(folder / name)
        tree.modules += [Module(folder.as_posix(), said.module, said.requires)] if said.module else []
        tree.elsewhere += [folder / directory for directory in said.directories]
        vendor = folder / "vendor"
        tree.vendors += [vendor.as_posix()] if (vendor / "modules.txt").is_file() else []


def _read(file: Path) -> ModFile:
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return parse_modfile(opened.read(CAP_BYTES))
    except OSError:
        return ModFile()


def _outside(root: Path, tree: _Tree) -> list[Path]:
    """Give the directories that modules are taken from, without those the walk came by."""
    known = {module.directory for module in tree.modules}
    found = dict.fromkeys(Path(os.path.normpath(directory)) for directory in tree.elsewhere)
    others = (one for one in found if one.as_posix() not in known and not root.is_relative_to(one) and one.is_dir())
    return list(islice(others, CAP_OUTSIDE))


def _external(root: Path) -> str | None:
    """Bazel's link into its output tree bears the name of the workspace's directory."""
    place = root / f"bazel-{root.name}" / "external"
    return place.as_posix() if place.is_dir() else None
