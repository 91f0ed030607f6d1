"""Source paths: from a process on a host to the rules that lead from its file names to files here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname

from remotego.adapters.workspace import survey_workspace
from remotego.core.change import Change
from remotego.core.errors import UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.core.workspace import Workspace
from remotego.delve.paths import NOT_HERE, Here, PathMap, map_paths, source_names, with_reasons
from remotego.delve.substitution import back
from remotego.delve.windows import on_windows
from remotego.golang.buildinfo import BuildInfo
from remotego.host.inventory import Inventory, Running
from remotego.ops.agent import look, plan_agent
from remotego.ops.building import Workshop
from remotego.ops.debuggee import find, sources, wanted

_NOT_FETCHED = "their module is not in the module cache here; `go mod download` in the workspace fetches it"
_NO_FOLDER = "their directory is not on this machine"


@dataclass(eq=False)
class NoWorkspaceError(UsageError):
    """The folder that VS Code should have open is none."""

    path: str
    what = "the workspace {path} is not a directory"
    remedy = "run this in your workspace, or name its folder (not a workspace file) with --workspace"


@dataclass(frozen=True, slots=True)
class SourcePaths:
    """``files`` are the names in the binary of ``process`` that stand for a file, built as ``info`` says."""

    process: str
    pid: int
    info: BuildInfo
    files: tuple[str, ...]
    paths: PathMap


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run would have to change before the process can be found."""

    changes: tuple[Change, ...]


def find_paths(
    network: Network, name: str, settings: Settings, progress: Progress, *, dry: bool
) -> SourcePaths | Planned:
    """Read the file names of the process that the settings name, and map them; no file is written here.

    Only where a process is told by what the agent alone can see, and the agent is not there, it is pushed.
    Raises NoWorkspaceError, what finding a process raises, UnreadableFileError, and what reading its program does.
    """
    workspace = open_workspace(settings)
    progress.step(name, "connect")
    with network.reach(name) as host:
        if dry and (changes := _needed(host, settings, progress)):
            return Planned(changes)
        _, process = find(host, settings, progress)
        progress.step(name, f"read the source paths of {process.label}")
        return map_sources(host, process, settings, workspace)


def _needed(host: Transport, settings: Settings, progress: Progress) -> tuple[Change, ...]:
    """Plan what finding the process would change."""
    if not wanted(settings).needs_agent:
        return ()
    have, listed = look(host, settings, everything=True)
    return () if isinstance(listed, Inventory) else plan_agent(host, have, settings, progress).changes


def open_workspace(settings: Settings) -> Workspace:
    """Survey the folder VS Code has open. Raises NoWorkspaceError."""
    if not Path(settings.workspace).is_dir():
        raise NoWorkspaceError(settings.workspace)
    return survey_workspace(Path(settings.workspace))


def map_sources(host: Transport, process: Running, settings: Settings, workspace: Workspace) -> SourcePaths:
    """Map the sources of a process to files of this machine."""
    info, files = sources(host, process)
    windows = settings.client == "windows" or (settings.client == "auto" and os.name == "nt")
    paths = map_here(info, files, workspace, Workshop(go=settings.go), windows=windows)
    return SourcePaths(process.label, process.pid, info, tuple(source_names(files)), paths)


def map_here(
    info: BuildInfo, files: tuple[str, ...], workspace: Workspace, workshop: Workshop, *, windows: bool = False
) -> PathMap:
    """Map the file names of a program that was built as ``info`` says; ``windows``: for an editor there."""
    folders = workshop.source_folders(info.go)
    here = Here(
        workspace,
        _forward(folders.goroot),
        _forward(folders.modcache),
        go=info.go,
        toolchains=folders.toolchains,
    )
    paths = _as_it_is(map_paths(files, here, build=info.mod), files, here)
    return on_windows(paths, files) if windows else paths


def _forward(path: str | None) -> str | None:
    """Spell a path with forward slashes, which the rules are made of."""
    return None if path is None else Path(path).as_posix()


def _as_it_is(paths: PathMap, files: tuple[str, ...], here: Here) -> PathMap:
    """Look at the disk: files of directories that are not here have no place, and ones the survey did not see may."""
    home = back(paths.rules)
    local = {name: home.of(name) for name in source_names(files)}
    # os.path below: names come from the binary, and one too long for a file is absent to it, an OSError to Path
    there = {name for name, why in paths.reasons.items() if why == NOT_HERE and os.path.isfile(local[name])}  # noqa: PTH113
    kept = {name: why for name, why in paths.reasons.items() if name not in there}
    placed = {name: dirname(place) for name, place in local.items() if place != name and name not in kept}
    absent = {folder for folder in set(placed.values()) if not os.path.isdir(folder)}  # noqa: PTH112
    cache = f"{here.modcache}/"
    more = {
        name: _NOT_FETCHED if folder.startswith(cache) else _NO_FOLDER
        for name, folder in placed.items()
        if folder in absent
    }
    return with_reasons(paths, local, {**kept, **more})
