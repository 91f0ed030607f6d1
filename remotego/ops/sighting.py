"""Sightings: what is to be debugged on a host, and where the sources it was built from are on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from remotego.core.errors import MissingError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.core.workspace import Workspace
from remotego.delve.paths import PathMap
from remotego.golang.buildinfo import BuildInfo
from remotego.host.inventory import Running
from remotego.host.selection import NoProcessError
from remotego.ops.building import Workshop
from remotego.ops.debuggee import binary, find, read_sources
from remotego.ops.goals import Appear, Launch, OpenCore, locate
from remotego.ops.ps import Listing, list_processes
from remotego.ops.remote_file import RemoteFile
from remotego.ops.source_paths import map_here

Goal = Launch | OpenCore | Appear

VERBS: Mapping[type, str] = {Launch: "Exec", OpenCore: "Core", Appear: "Wait for"}
ATTACH = "Attach"

MOST = 8
"""Binaries that are read on a host for a choice among its processes."""


@dataclass(eq=False)
class NothingToPickError(MissingError):
    """There is no Go process to choose from."""

    host: str
    what = "{host}: no Go process is known there to choose from"
    remedy = "start one, see `remotego ps --host {host}`, or name it with --process"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A process or program on a ``host``; ``settings`` are those for it, ``verb`` says what dlv does with it."""

    host: str
    label: str
    paths: PathMap
    settings: Settings
    warnings: tuple[str, ...]
    verb: str = ATTACH


def sight(
    network: Network, name: str, settings: Settings, goal: Goal | None, workspace: Workspace, progress: Progress
) -> Sighting:
    """Find what the settings or the goal name, and map its sources. Raises what finding and reading it raise."""
    progress.step(name, "connect")
    with network.reach(name) as host:
        label, file = _locate(host, settings, goal, progress)
        progress.step(name, f"read the source paths of {label}")
        info, files = read_sources(file)
    paths = map_here(info, files, workspace, Workshop(go=settings.go))
    verb = VERBS[type(goal)] if goal else ATTACH
    return Sighting(name, label, paths, settings, (*paths.warnings, *_expectations(info)), verb)


def _locate(host: Transport, settings: Settings, goal: Goal | None, progress: Progress) -> tuple[str, RemoteFile]:
    match goal:
        case None:
            _, process = find(host, settings, progress)
            return process.label, binary(host, process)
        case Appear(wanted):
            return wanted, _awaited(host, wanted, settings, progress)
        case Launch() | OpenCore():
            _, _, program = locate(host, goal, settings)
            return program.rsplit("/", 1)[-1], RemoteFile(host, program)


def _awaited(host: Transport, name: str, settings: Settings, progress: Progress) -> RemoteFile:
    """What a process that is waited for will run: what one of its name runs now, or the program in PATH."""
    try:
        _, process = find(host, replace(settings, process=name, pid=None, port=None, unit=None), progress)
    except NoProcessError:
        _, _, program = locate(host, Launch(name), settings)
        return RemoteFile(host, program)
    return binary(host, process)


def sight_all(
    network: Network, name: str, settings: Settings, workspace: Workspace, progress: Progress, *, dry: bool
) -> Iterator[Sighting]:
    """See every Go process of a host that this login may choose; those of the workspace's own modules, if any is.

    Raises NothingToPickError.
    """
    found = list_processes(network, name, settings, progress, everything=False, dry=dry)
    programs = found.inventory.programs if isinstance(found, Listing) else ()
    chosen = _of_workspace(programs, workspace) or programs
    if not chosen:
        raise NothingToPickError(name)
    for process in {one.label: one for one in reversed(chosen)}.values():
        with network.reach(name) as host:
            progress.step(name, f"read the source paths of {process.label}")
            info, files = read_sources(binary(host, process))
        paths = map_here(info, files, workspace, Workshop(go=settings.go))
        yield Sighting(name, process.label, paths, settings, (*paths.warnings, *_expectations(info)))


def _of_workspace(programs: tuple[Running, ...], workspace: Workspace) -> tuple[Running, ...]:
    modules = {module.path for module in workspace.modules}
    return tuple(one for one in programs if one.program and one.program.module in modules)[:MOST]


def _expectations(info: BuildInfo) -> tuple[str, ...]:
    """Say what a build leaves a debugger to work with, in words for its developer."""
    found = []
    if not info.dwarf:
        found.append("the binary has no debug information: no breakpoint binds; build it without -ldflags=-w or -s")
    elif info.optimised:
        found.append("the binary is optimised: some variables are missing; build it with -gcflags='all=-N -l'")
    return tuple(found)
