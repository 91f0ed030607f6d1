"""The contests of F5: from the key to the stopped line, against a session on the developer's own machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.contest import Contender, Contest, WallAbove, WallDifference
from benchmarks.keypress import STOPPED
from benchmarks.sample import Command, take
from benchmarks.site import COPY, STORE, Site, site
from tests.lab.binaries import TICKER
from tests.patience import eventually

WARM_S = 3.0
"""How much later than on this machine the editor may stand at the breakpoint."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A workspace whose F5 leads to a service on app; ``env`` is the editor's environment."""

    site: Site
    workspace: Path
    env: dict[str, str]

    def key(self, *words: str) -> Command:
        """One press of F5."""
        argv = (sys.executable, "-m", "benchmarks.keypress", words[0], str(self.workspace), *words[1:])
        return Command(argv, self.env | {"PYTHONPATH": str(_checkout())}, STOPPED, self.workspace)

    def remotego(self, *words: str) -> None:
        """Run one of our commands in the workspace."""
        take(Command((sys.executable, "-m", "remotego", *words), self.env, directory=self.workspace))

    def release(self) -> None:
        """Give the process back, as the postDebugTask does."""
        self.remotego("stop", "--host", "app")

    def forget(self) -> None:
        """Give it back, and take from the target what was put there."""
        self.release()
        self.site.clear()


@contextmanager
def near(_rtt_ms: float) -> Iterator[Contest]:
    """F5 on a host that has dlv already, against the editor's own start of a session on this machine."""
    with _desk() as (desk, stack):
        dlv, pid = _service_here(desk, stack)
        yield Contest(
            "F5 to the breakpoint, dlv there already",
            (
                Contender("F5, behind the jump host", desk.key("remote"), desk.release),
                Contender("F5, on this machine", desk.key("local", str(dlv), str(pid)), _freed(pid)),
            ),
            WallAbove(WARM_S),
        )


@contextmanager
def cold(_rtt_ms: float) -> Iterator[Contest]:
    """F5 on a host that has nothing of ours, against F5 on one that has it, and ``scp`` of what is missing."""
    with _desk() as (desk, _):
        blobs = _pushed(desk)
        copy = desk.site.ssh("scp", *map(str, blobs), f"app:{COPY}")
        yield Contest(
            "F5 to the breakpoint, nothing there",
            (
                Contender("F5, nothing there", desk.key("remote"), desk.forget),
                Contender("F5, dlv there already", desk.key("remote"), desk.release),
                Contender(f"scp of {len(blobs)} files", copy, lambda: _folder(desk)),
            ),
            WallDifference(1.0),
        )


@contextmanager
def _desk() -> Iterator[tuple[Desk, ExitStack]]:
    with ExitStack() as stack:
        here = stack.enter_context(site(0))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="remotego-f5-")))
        workspace = folder / "ticker"
        shutil.copytree(TICKER, workspace)
        places = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}
        own = {"REMOTEGO_SSH_CONFIG": str(here.config), "REMOTEGO_STORE": f"~/{STORE}"}
        desk = Desk(here, workspace, places | own)
        pid = here.lab.spawn()
        stack.callback(here.lab.kill, pid)
        stack.callback(desk.forget)
        desk.remotego("gen-launch", "--host", "app", "--pid", str(pid))
        yield desk, stack


def _service_here(desk: Desk, stack: ExitStack) -> tuple[Path, int]:
    """A dlv for this machine, and the same service on it."""
    program = desk.site.lab.binary("debug")
    env = os.environ | {"TICKER_STATE_DIR": str(desk.workspace.parent), "TICKER_LISTEN": ""}
    service = stack.enter_context(subprocess.Popen([program], env=env, stdout=subprocess.DEVNULL))
    stack.callback(service.kill)
    (dlv,) = (blob for blob in _pushed(desk) if blob.stat().st_size > 10_000_000)
    return dlv, service.pid


def _pushed(desk: Desk) -> tuple[Path, ...]:
    """What a session needs on the target, as files here that are called by their hashes."""
    desk.remotego("deploy-dlv", "--host", "app")
    take(desk.key("remote"))
    desk.release()
    listing = desk.site.lab.exec("app", "sh", "-c", f"ls /home/dev/{STORE}/store")
    names = [name.rpartition("-")[2] for name in listing.split()]
    blobs = user_cache_path("remotego") / "artifacts" / "blobs"
    return tuple(blobs / name for name in names if (blobs / name).exists())


def _freed(pid: int) -> Callable[[], None]:
    """Wait until nobody traces a process here."""

    def wait() -> None:
        status = Path(f"/proc/{pid}/status")
        if not eventually(lambda: "TracerPid:\t0\n" in status.read_text()):
            raise AssertionError(f"process {pid} is still traced")

    return wait


def _folder(desk: Desk) -> None:
    desk.site.lab.exec("app", "sh", "-c", f"mkdir -p /home/dev/{COPY}")


def _checkout() -> Path:
    return Path(__file__).resolve().parents[1]
