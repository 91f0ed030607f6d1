"""Examining this machine and the workspace: the facts that the doctor's checks of it are about."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic
from typing import Any

from remotego.adapters import machine as here
from remotego.adapters.files import UnfitFileError, read_file
from remotego.adapters.localtools import ask_dlv, dlv_on_path, own_dlv
from remotego.adapters.workspace import survey_workspace
from remotego.core.health import GoState, Machine, Sums
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.doctor.desk import Files, Seen, dlv_named, judge_desk, wonders
from remotego.doctor.machine import judge_machine
from remotego.doctor.report import HERE, Examined
from remotego.host.gostate import FETCH_S, go_state
from remotego.ops.explaining import explain_workspace
from remotego.vscode import launch, tasks
from remotego.vscode import settings as settings_file
from remotego.vscode.entries import entries
from remotego.vscode.jsonc import JsoncError, parse_jsonc

VERIFY_S = 60.0
MOST_MODULES = 4
"""Modules of a workspace whose sums are looked at; hashing a cache takes a second for a hundred MB."""


def examine_here(settings: Settings, progress: Progress) -> Examined:
    """Look at this machine, and at the editor's files of the workspace. Nothing is changed. Raises NoWorkspaceError."""
    begun = monotonic()
    files = _files(settings)
    progress.step(HERE, "look at ssh, Python and Go")
    go = _go()
    found = (*judge_machine(_machine(settings, files, go, progress)), *judge_desk(files, _seen(files)))
    return Examined(HERE, found, monotonic() - begun)


def _machine(settings: Settings, files: Files, go: GoState | None, progress: Progress) -> Machine:
    cache, free = here.cache_place()
    dlv, version = _dlv(files)
    progress.step(HERE, "compare the modules of the workspace with go.sum")
    return Machine(
        ssh=here.ssh_version(),
        python=here.python_version(),
        packages=here.packages(),
        ssh_files=here.ssh_files(),
        cache=cache,
        free_bytes=free,
        dlv=dlv,
        dlv_version=version,
        go=go,
        sums=_sums(settings, go),
    )


def _dlv(files: Files) -> tuple[str, str]:
    """Find the dlv that the extension takes: the one that settings name, else PATH's, else ours."""
    named = dlv_named(files)
    if isinstance(named, str) and "${" not in named:
        found = ask_dlv(Path(named).expanduser())
        return named, found.version if found else ""
    on_path = dlv_on_path()
    if on_path is not None:
        return str(on_path.path), on_path.version
    own = ask_dlv(own_dlv())
    return (str(own.path), own.version) if own else ("", "")


def _go() -> GoState | None:
    """Ask this machine's own sh, as it is; None where there is none, as on Windows."""
    question = go_state(login=False)
    said = here.ask_shell(question.script, timeout_s=6 * FETCH_S)
    return None if said is None else question.parse(said)


def _sums(settings: Settings, go: GoState | None) -> tuple[Sums, ...]:
    if go is None or not go.path or go.problem:
        return ()
    modules = survey_workspace(Path(_folder(settings.workspace))).modules[:MOST_MODULES]
    return tuple(
        here.verify_module(go.path, Path(one.directory), VERIFY_S)
        for one in modules
        if (Path(one.directory) / "go.sum").is_file()
    )


def _folder(workspace: str | None) -> str:
    named = Path(workspace or ".")
    return str(named.parent if named.is_file() else named)


def _files(settings: Settings) -> Files:
    root = Path(_folder(settings.workspace))
    inert = explain_workspace(settings.workspace or ".")
    own, launching, tasking = (_text(root, one.FILE) for one in (settings_file, launch, tasks))
    return Files(
        root=os.path.abspath(root),  # noqa: PTH100 - as the user named it: links stay
        settings=own,
        launch=launching,
        tasks=frozenset(str(one.get("label", "")) for one in entries(tasking, "tasks", file=tasks.FILE)),
        inert=inert,
        entries=tuple(entries(launching, "configurations", file=launch.FILE)),
        values=_value(own),
    )


def _text(root: Path, name: str) -> str | None:
    """A file's text; one that is not there or cannot be parsed counts as none: it is told as such elsewhere."""
    try:
        text = read_file(root / name, within=root).text
        if text is not None:
            parse_jsonc(text, file=name)
    except (JsoncError, UnfitFileError):
        return None
    return text


def _value(text: str | None) -> dict[str, Any]:
    value = parse_jsonc(text or "", file=settings_file.FILE).root.value
    return value if isinstance(value, dict) else {}


def _seen(files: Files) -> Seen:
    asked = wonders(files)
    return Seen(
        here.programs_among(asked.paths),
        here.listened_at(asked.ports),
        here.alive_among(asked.pids),
        str(own_dlv()),
    )
