"""A developer with a workspace, and on ``app`` a service and a store that nobody else uses."""

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.demo.developer import Developer, free_port
from tests.demo.editor import configuration
from tests.demo.service import Line, marked_line
from tests.demo.text import in_file
from tests.lab.binaries import TICKER
from tests.lab.lab import Lab

HOST = "app"
TICKS = 3
FOLDER_TRACES = """\
for entry in /proc/[0-9]*; do
  [ "$entry" = "/proc/$$" ] || ! grep -qsF "$1" "$entry/cmdline" "$entry/environ" || echo "${entry#/proc/}"
done
ls -d "$1" 2>/dev/null
true
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """``pid`` is the service in the container; ``store`` a directory of the target."""

    lab: Lab
    developer: Developer
    workspace: Path
    flavour: str
    pid: int
    store: str

    @property
    def line(self) -> Line:
        """The marked line in the workspace."""
        return marked_line(self.workspace)

    @property
    def choice(self) -> tuple[str, ...]:
        """The flags that choose this service."""
        return ("--host", HOST, "--pid", str(self.pid))

    def launch(self) -> dict[str, Any]:
        """The generated launch.json's entry."""
        self.developer.run("gen-launch", *self.choice)
        return configuration(self.workspace)

    def count(self) -> int:
        """The service's counter."""
        return self.lab.count(self.pid)

    def ticks(self) -> bool:
        """Whether the counter moves on within a bounded number of looks."""
        first = self.count()
        return any(self.count() >= first + TICKS for _ in range(100))

    def tracer(self) -> int:
        """The pid of whoever traces the service; 0 for nobody."""
        status = self.lab.exec(HOST, "cat", f"/proc/{self.pid}/status")
        return int(next(line for line in status.splitlines() if line.startswith("TracerPid:")).split()[1])

    def code_is_its_file(self) -> bool:
        """Whether the code in the service's memory equals its program file."""
        code = in_file(self.lab.binary(self.flavour))
        where = f"iflag=skip_bytes,count_bytes skip={code.address} count={len(code.content)}"
        read = f"dd if=/proc/{self.pid}/mem bs=1M {where} status=none | sha256sum"
        return self.lab.exec(HOST, "sh", "-c", read).split()[0] == sha256(code.content).hexdigest()

    def listeners(self) -> frozenset[tuple[str, str]]:
        """Host and address of every TCP listener on the target and its jump host (proc(5): state 0A)."""
        tables = ((host, self.lab.exec(host, "cat", "/proc/net/tcp", "/proc/net/tcp6")) for host in ("jump", HOST))
        rows = ((host, line.split()) for host, table in tables for line in table.splitlines())
        return frozenset((host, words[1]) for host, words in rows if words[3] == "0A")

    def traces(self) -> str:
        """Processes that mention the store, and the store itself; empty when nothing is left of us."""
        return self.lab.exec(HOST, "sh", "-c", FOLDER_TRACES, "sh", self.store)


@contextlib.contextmanager
def scene(lab: Lab, folder: Path, flavour: str) -> Iterator[Scene]:
    """Set it up; at the end everything is taken back."""
    workspace = folder / "work" / "ticker"
    shutil.copytree(TICKER, workspace)
    developer = Developer(workspace, lambda words: print("$", *words))
    store = f"/home/dev/.journey-{secrets.token_hex(4)}"
    developer.prefer(ssh_config=str(lab.ssh_config), port=free_port(), store=store)
    pid = lab.spawn(flavour)
    with contextlib.ExitStack() as ending:
        ending.callback(lab.kill, pid)
        ending.callback(developer.run, "undo", "--host", HOST)
        yield Scene(lab, developer, workspace, flavour, pid, store)
