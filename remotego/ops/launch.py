"""Launch: the entry of launch.json that attaches VS Code to a process on a host."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import read_file, replace_file, schema
from remotego.adapters.workspace import survey_workspace
from remotego.core.errors import UsageError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.delve.paths import Here, PathMap, map_paths
from remotego.golang.buildinfo import BuildInfo
from remotego.host.processes import processes, select
from remotego.ops.building import Workshop
from remotego.ops.debuggee import sources
from remotego.ops.engine import ask
from remotego.vscode.launch import FILE, configuration, entry_name, plan_launch


@dataclass(eq=False)
class NoWorkspaceError(UsageError):
    """The folder that VS Code should have open is none."""

    path: str
    what = "the workspace {path} is not a directory"
    remedy = "run this in your workspace, or name it with --workspace"


@dataclass(frozen=True, slots=True)
class Launch:
    """An entry of launch.json: ``changed`` tells whether the file had to change."""

    file: Path
    name: str
    port: int
    paths: PathMap
    changed: bool
    warnings: tuple[str, ...]


def gen_launch(network: Network, name: str, settings: Settings, progress: Progress, *, dry: bool) -> Launch:
    """Compute the source paths of a process and write the entry for it, keeping the rest of the file."""
    progress.step(name, "connect")
    if not Path(settings.workspace).is_dir():
        raise NoWorkspaceError(settings.workspace)
    workspace = survey_workspace(Path(settings.workspace))
    with network.reach(name) as host:
        process = select(ask(host, processes()), host=name, name=settings.process, pid=settings.pid)
        progress.step(name, f"read the source paths of {process.label}")
        info, files = sources(host, process)
    folders = Workshop(go=settings.go).source_folders(info.go)
    here = Here(workspace, folders.goroot, folders.modcache)
    paths = map_paths(files, here, module=info.main.path if info.main else None)
    entry = entry_name(process.label, name)
    config = configuration(entry, settings.port, paths.rules, workspace=workspace.root)
    original = read_file(Path(workspace.root) / FILE, within=Path(workspace.root))
    text = plan_launch(original.text, config, schema("launch"))
    if text != original.text and not dry:
        replace_file(original, text)
    warnings = (*paths.warnings, *_expectations(info))
    return Launch(original.path, entry, settings.port, paths, text != original.text, warnings)


def _expectations(info: BuildInfo) -> tuple[str, ...]:
    """Say what a build leaves a debugger to work with, in words for its developer."""
    found = []
    if not info.dwarf:
        found.append("the binary has no debug information: no breakpoint binds; build it without -ldflags=-w or -s")
    elif info.optimised:
        found.append("the binary is optimised: some variables are missing; build it with -gcflags='all=-N -l'")
    return tuple(found)
