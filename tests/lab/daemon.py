"""A dockerd that the lab starts, remembers and stops."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from select import select

from tests.lab import places
from tests.lab.failure import LabError
from tests.lab.process import await_end, run, start_time

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running dockerd; ``began`` tells it from a later process with its number."""

    pid: int
    began: str
    run_dir: str

    @property
    def host(self) -> str:
        """The DOCKER_HOST that leads to it."""
        return _socket_url(Path(self.run_dir))

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return self.began == start_time(self.pid)


def recorded() -> Daemon | None:
    """The daemon that the lab started earlier, if it still runs."""
    try:
        daemon = Daemon(**json.loads(_record().read_text()))
    except FileNotFoundError:
        return None
    return daemon if daemon.is_alive() else None


def launch(storage_driver: str) -> Daemon | None:
    """Start a daemon whose images lie in the cache; None when it ends or is not ready in time."""
    # A socket path has at most 107 bytes, which a cache directory may exceed.
    run_dir = Path(tempfile.mkdtemp(prefix="remotego-engine-"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, log().open("wb") as output:
        ready.bind(str(run_dir / "ready"))
        process = subprocess.Popen(
            _argv(run_dir, storage_driver),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=os.environ | {"NOTIFY_SOCKET": str(run_dir / "ready")},
        )
        daemon = Daemon(process.pid, start_time(process.pid) or "", str(run_dir))
        _record().write_text(json.dumps(asdict(daemon)))
        if _is_ready(process, ready):
            return daemon
    end(daemon)
    return None


def end(daemon: Daemon) -> None:
    """Stop the daemon, by its own number, and forget it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if daemon.is_alive():
            os.kill(daemon.pid, number)
            await_end(daemon.pid, STOP_TIMEOUT_S)
    _reap(daemon.pid)
    _unmount_namespaces(Path(daemon.run_dir))
    shutil.rmtree(daemon.run_dir, ignore_errors=True)
    _record().unlink(missing_ok=True)


def log() -> Path:
    """Where a daemon's messages go."""
    return places.cache() / "engine.log"


def _reap(pid: int) -> None:
    # It is our child if this process started it, and would stay a zombie as long as we live.
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _unmount_namespaces(run_dir: Path) -> None:
    """Let go of network namespaces: dockerd leaves that of host networking mounted."""
    for mounted in (run_dir / "exec" / "netns").glob("*"):
        with suppress(LabError):
            run("umount", mounted)


def _argv(run_dir: Path, storage_driver: str) -> list[str | Path]:
    return [
        "dockerd",
        *("--host", _socket_url(run_dir)),
        *("--data-root", places.cache() / "engine"),
        *("--exec-root", run_dir / "exec"),
        *("--pidfile", run_dir / "pid"),
        *("--storage-driver", storage_driver),
        # Only the lab's own networks: a default bridge would outlive the daemon.
        *("--bridge", "none"),
    ]


def _is_ready(process: subprocess.Popen[bytes], ready: socket.socket) -> bool:
    """Whether dockerd says READY=1 (sd_notify(3)) before it ends and in time."""
    ended = os.pidfd_open(process.pid)
    try:
        readable = select([ready.fileno(), ended], [], [], START_TIMEOUT_S)[0]
        return ready.fileno() in readable and b"READY=1" in ready.recv(4096)
    finally:
        os.close(ended)


def _record() -> Path:
    return places.cache() / "engine.json"


def _socket_url(run_dir: Path) -> str:
    return f"unix://{run_dir / 'docker.sock'}"
