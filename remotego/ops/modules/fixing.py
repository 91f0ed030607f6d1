"""Applying tried edits to the workspace, all files or none, and taking them back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from remotego.adapters.files import Original, read_file
from remotego.adapters.keepsake import forget, keep, recall
from remotego.core.errors import RefusedError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.modgraph.edits import GoStep
from remotego.modgraph.finding import Finding
from remotego.modgraph.judges import judge
from remotego.ops.exchange import Swap, exchange
from remotego.ops.modules.diagnosing import Diagnosed, apply, diff_of, watched
from remotego.ops.modules.ground import prepared, roots_of
from remotego.ops.modules.observing import observe

VENDOR = "vendor"


@dataclass(eq=False)
class FixWithdrawnError(RefusedError):
    """Edits that each helped alone do not help together."""

    left: str
    what = "the edits together leave this: {left}; nothing was written"
    remedy = "make one of the proposed edits by hand, and run mod.doctor again"


@dataclass(eq=False)
class ChangedSinceFixError(RefusedError):
    """A file was written after the fix: what it is now was never ours."""

    path: str
    what = "{path} was changed after the fix; it and all others were left as they are"
    remedy = "take that change out and run it again, or keep the file, and take the edit back by hand"


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was written, or with --dry would be: the findings it is about, the files, and their ``diff``."""

    cured: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()
    diff: tuple[str, ...] = ()


def fix_modules(found: Diagnosed, settings: Settings, progress: Progress, *, dry: bool) -> Fixed:
    """Apply the edits for all that fails, once more tried together; how files were is kept for ``undo_fix``.

    What has to make vendor anew is left to the user, as it is more than a few lines. Raises FixWithdrawnError,
    ChangedFileError, UnwritableFileError.
    """
    chosen = [one for one in found.findings if one.level == "failure" and one.proposal and not _vendors(one)]
    if not chosen:
        return Fixed()
    with prepared(settings) as ground:
        before = watched(ground)
        for one in chosen:
            if one.proposal and one.identity in {each.identity for each in judge(observe(ground, upstream=False))}:
                progress.step("modules", f"apply in a copy: {one.proposal.edit.written()[0]}")
                _ = [apply(ground, step) for step in one.proposal.edit.steps]
        left = {each.identity for each in judge(observe(ground, upstream=False)) if each.level == "failure"}
        known = {each.identity for each in found.findings} - {one.identity for one in chosen}
        if left - known:
            raise FixWithdrawnError(", ".join(": ".join(one) for one in sorted(left - known)))
        after = watched(ground)
        swaps = [Swap(_original(ground.root / name, text), after[name]) for name, text in _changed(before, after)]
        diff = tuple(line for name, text in _changed(before, after) for line in diff_of(name, text, after[name]))
    if not dry:
        _write(found.root, swaps)
    return Fixed(tuple(chosen), tuple(str(one.original.path) for one in swaps), diff)


def _vendors(one: Finding) -> bool:
    steps = one.proposal.edit.steps if one.proposal else ()
    return any(isinstance(step, GoStep) and step.arguments[-1] == VENDOR for step in steps)


def _changed(before: dict[str, str], after: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield from ((name, before.get(name, "")) for name, text in after.items() if before.get(name, "") != text)


def _original(path: Path, text: str) -> Original:
    """The file as the copy was made of it: what is written since is not overwritten."""
    now = _read(path)
    return replace(now, text=text if now.text is not None or text else None)


def _read(path: Path) -> Original:
    return read_file(path, within=path.parent, any_encoding=True)


def _write(root: Path, swaps: Sequence[Swap]) -> None:
    """Keep how the files were, then write them; where that fails, the fix before is the last one still."""
    kept = recall(_mark(root))
    keep(_mark(root), {"files": {str(one.original.path): [one.original.text, one.text] for one in swaps}})
    try:
        exchange(swaps)
    except BaseException:
        keep(_mark(root), kept) if kept else forget(_mark(root))
        raise


def _mark(root: Path) -> Path:
    return root / ".remotego-mod-doctor"


def fixed_root(folder: Path) -> Path:
    """The workspace above a folder that was fixed last; where GOWORK was off then, that is the module alone."""
    roots = roots_of(folder)
    return next((root for root in roots if recall(_mark(root))), roots[0])


def undo_fix(root: Path, *, dry: bool) -> tuple[str, ...]:
    """Put all files back as they were before the last fix; () where there is nothing to put back.

    Files that are as before already, such as those of an undo that was cut short, count as put back. Raises
    ChangedSinceFixError where any was written since, ChangedFileError, UnwritableFileError; all stay as they are then.
    """
    swaps = list(_back(recall(_mark(root)) or {}))
    if not dry:
        exchange(swaps)
        forget(_mark(root))
    return tuple(str(one.original.path) for one in swaps)


def _back(kept: Mapping[str, Any]) -> Iterator[Swap]:
    """What is left to put back."""
    for name, (before, after) in kept.get("files", {}).items():
        now = _read(Path(name))
        if now.text not in (before, after):
            raise ChangedSinceFixError(name)
        if now.text != before:
            yield Swap(now, before)
