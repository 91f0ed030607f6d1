"""What a process on a target was built from, read from its binary by ranges."""

from __future__ import annotations

from remotego.core.transport import Transport
from remotego.golang.buildinfo import BuildInfo, parse_build_info
from remotego.golang.filetable import source_files
from remotego.host.processes import Process
from remotego.ops.remote_file import RemoteFile


def binary(host: Transport, process: Process) -> RemoteFile:
    """Open the executable a process runs, even where its file has been replaced since."""
    return RemoteFile(host, f"/proc/{process.pid}/exe")


def build_info(host: Transport, process: Process) -> BuildInfo:
    """Read the build information cmd/go left in the binary: no Go is needed there."""
    return parse_build_info(binary(host, process))


def sources(host: Transport, process: Process) -> tuple[BuildInfo, tuple[str, ...]]:
    """Read the build information and the names of all source files."""
    file = binary(host, process)
    return parse_build_info(file), source_files(file)
