"""The process to debug: which one is meant, and what it was built from."""

from __future__ import annotations

from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Transport
from remotego.golang.buildinfo import BuildInfo, parse_build_info
from remotego.golang.filetable import source_files
from remotego.golang.version import GoVersion, parse_go_version
from remotego.host.inventory import Inventory, Running, take_inventory
from remotego.host.processes import processes
from remotego.host.selection import Wanted, select
from remotego.host.survey import Survey
from remotego.ops.agent import bring, list_by, look
from remotego.ops.engine import ask
from remotego.ops.remote_file import RemoteFile


def wanted(settings: Settings) -> Wanted:
    """The process that the settings name."""
    return Wanted(settings.process, settings.pid, settings.port, settings.unit)


def find(host: Transport, settings: Settings, progress: Progress) -> tuple[Survey, Running]:
    """Find the process that the settings name, changing nothing on the host unless only the agent can tell.

    Raises NoSelectionError, NoProcessError, AmbiguousProcessError, and what bringing the agent raises.
    """
    named = wanted(settings)
    have, listed = look(host, settings, everything=True)
    if not isinstance(listed, Inventory) and named.needs_agent:
        have, listed = list_by(host, bring(host, have, settings, progress), settings, everything=True)
    if not isinstance(listed, Inventory):
        listed = take_inventory(ask(host, processes()), uid=have.uid, everything=True)
    return have, select(listed, named, host=host.name)


def binary(host: Transport, process: Running) -> RemoteFile:
    """Open the executable a process runs, even where its file has been replaced since."""
    return RemoteFile(host, f"/proc/{process.pid}/exe")


def go_version(host: Transport, process: Running) -> GoVersion | None:
    """Which Go has built it, as the agent or else its binary says; None for what is no version."""
    if process.program is None:
        return parse_build_info(binary(host, process)).version
    try:
        return parse_go_version(process.program.go)
    except ValueError:
        return None


def sources(host: Transport, process: Running) -> tuple[BuildInfo, tuple[str, ...]]:
    """Read the build information and the names of all source files."""
    return read_sources(binary(host, process))


def read_sources(file: RemoteFile) -> tuple[BuildInfo, tuple[str, ...]]:
    """Read the same of a program's file."""
    return parse_build_info(file), source_files(file)
