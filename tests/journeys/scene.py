"""A developer with a workspace, and on ``app`` a service and a store that nobody else uses."""

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.demo.developer import Developer, free_port
from tests.demo.editor import configuration
from tests.demo.service import Line, marked_line
from tests.lab.binaries import TICKER
from tests.lab.lab import Lab
from tests.ops.debuggee import Debuggee

HOST = "app"
FOLDER_TRACES = """\
for entry in /proc/[0-9]*; do
  [ "$entry" = "/proc/$$" ] || ! grep -qsF "$1" "$entry/cmdline" "$entry/environ" || echo "${entry#/proc/}"
done
ls -d "$1" 2>/dev/null
true
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """``debuggee`` is the service in the container, and the store there."""

    lab: Lab
    developer: Developer
    workspace: Path
    debuggee: Debuggee

    @property
    def line(self) -> Line:
        """The marked line in the workspace."""
        return marked_line(self.workspace)

    @property
    def choice(self) -> tuple[str, ...]:
        """The flags that choose this service."""
        return ("--host", HOST, "--pid", str(self.debuggee.pid))

    def launch(self) -> dict[str, Any]:
        """The generated launch.json's entry."""
        self.developer.run("gen-launch", *self.choice)
        return configuration(self.workspace)

    def listeners(self) -> frozenset[tuple[str, str]]:
        """Host and address of every TCP listener on the target and its jump host (proc(5): state 0A)."""
        tables = ((host, self.lab.exec(host, "cat", "/proc/net/tcp", "/proc/net/tcp6")) for host in ("jump", HOST))
        rows = ((host, line.split()) for host, table in tables for line in table.splitlines())
        return frozenset((host, words[1]) for host, words in rows if words[3] == "0A")

    def traces(self) -> str:
        """Processes that mention the store, and the store itself; empty when nothing is left of us."""
        return self.lab.exec(HOST, "sh", "-c", FOLDER_TRACES, "sh", self.debuggee.store)


@contextlib.contextmanager
def scene(lab: Lab, folder: Path, flavour: str) -> Iterator[Scene]:
    """Set it up; at the end everything is taken back."""
    workspace = folder / "work" / "ticker"
    shutil.copytree(TICKER, workspace)
    developer = Developer(workspace, lambda words: print("$", *words))
    store = f"/home/dev/.journey-{secrets.token_hex(4)}"
    developer.prefer(ssh_config=str(lab.ssh_config), local_port=free_port(), store=store)
    pid = lab.spawn(flavour)
    with contextlib.ExitStack() as ending:
        ending.callback(lab.kill, pid)
        ending.callback(developer.run, "undo", "--host", HOST)
        yield Scene(lab, developer, workspace, Debuggee(lab, pid, store, HOST, flavour))
