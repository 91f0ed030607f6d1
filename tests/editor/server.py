"""A code-server of one test: on a port of 127.0.0.1, in a folder of its own, with nothing left of it at the end."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from tests.editor.installation import Installation
from tests.lab.process import await_end
from tests.patience import eventually

EXTENSION = Path(__file__).parent / "extension"
START_LIMIT_S = 120.0
END_LIMIT_S = 30.0
LISTENING = re.compile(r"HTTP server listening on (http://127\.0\.0\.1:\d+)/")

FLAGS = (
    "--auth=none",
    "--bind-addr=127.0.0.1:0",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
    "--disable-getting-started-override",
)
SETTINGS: Mapping[str, Any] = {
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "git.enabled": False,
    "remote.autoForwardPorts": False,
}
"""What a person would have clicked away by now."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server at ``url``; all that it writes is below ``folder``, the home of its user."""

    url: str
    folder: Path

    def page(self, workspace: Path) -> str:
        """Where the window of a workspace is."""
        return f"{self.url}/?folder={workspace}"

    def processes(self) -> list[int]:
        """All that runs for it, known from their TMPDIR: not all of them are its children."""
        mark = f"TMPDIR={self.folder / 'tmp'}".encode()
        running = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
        return [pid for pid in running if mark in variables(pid)]


@contextlib.contextmanager
def serving(
    editor: Installation, folder: Path, machine: Mapping[str, Any], more: Mapping[str, str]
) -> Iterator[Server]:
    """Run a server in ``folder``, with ``more`` in its environment; ``machine`` are settings of the machine."""
    _furnish(folder, machine)
    log = folder / "server.log"
    flags = (*FLAGS, f"--user-data-dir={folder / 'data'}", f"--extensions-dir={folder / 'extensions'}")
    with log.open("wb") as output:
        child = subprocess.Popen(
            [editor.node, editor.code_server, *flags],
            cwd=folder,
            env=_environment(folder) | more,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Server(_address(child, log), folder)
    finally:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(END_LIMIT_S)
        _end_all(Server("", folder))
        child.wait(END_LIMIT_S)


def _furnish(folder: Path, machine: Mapping[str, Any]) -> None:
    for place, settings in (("User", SETTINGS), ("Machine", machine)):
        (folder / "data" / place).mkdir(parents=True)
        (folder / "data" / place / "settings.json").write_text(json.dumps(settings))
    shutil.copytree(EXTENSION, folder / "extensions" / "remotego.go-stub-0.0.1")
    for place in ("run", "tmp"):
        (folder / place).mkdir(mode=0o700)


def _address(child: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, once it does."""
    eventually(lambda: child.poll() is not None or LISTENING.search(log.read_text()) is not None, START_LIMIT_S)
    found = LISTENING.search(log.read_text())
    assert found, f"the editor does not start:\n{log.read_text()[-4000:]}"
    return found[1]


def _environment(folder: Path) -> dict[str, str]:
    """A person's environment, with a home of their own; what is dear to make comes from the real cache."""
    clean = {name: os.environ[name] for name in ("PATH", "LANG", "USER", "LOGNAME") if name in os.environ}
    return clean | {
        "HOME": str(folder),
        "SHELL": "/bin/bash",
        "XDG_CACHE_HOME": str(platformdirs.user_cache_path()),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "TMPDIR": str(folder / "tmp"),
        "EXTENSIONS_GALLERY": "{}",
    }


def variables(pid: int) -> list[bytes]:
    """What a process was given as NAME=VALUE when it began; nothing for one that has gone, or is not ours."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []


def _end_all(server: Server) -> None:
    """Kill what a server has left running: its extension hosts outlive it."""
    left = server.processes()
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in left:
        await_end(pid, END_LIMIT_S)
