"""The container engine: the machine's own, or one the lab starts and stops."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from select import select

from tests.lab import packages, places
from tests.lab.failure import EngineMissingError, LabError
from tests.lab.process import await_end, run, start_time
from tests.lab.tenancy import Tenancy

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
STORAGE_DRIVERS = ("overlay2", "vfs")


@dataclass(frozen=True, slots=True)
class Daemon:
    """A dockerd that the lab started; ``began`` tells it from a later process with its number."""

    pid: int
    began: str
    run_dir: str

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return self.began == start_time(self.pid)


@dataclass(frozen=True, slots=True)
class Engine:
    """A docker engine that answers; ``host`` is its DOCKER_HOST, "" for the client's own choice."""

    host: str

    @property
    def env(self) -> dict[str, str]:
        """What a docker client needs in its environment. The classic builder needs no plugin."""
        return {"DOCKER_BUILDKIT": "0"} | ({"DOCKER_HOST": self.host} if self.host else {})

    def docker(self, *argv: str | Path, timeout_s: float = 60) -> str:
        """Standard output of ``docker argv``; LabError when it fails."""
        return run("docker", *argv, timeout_s=timeout_s, env=self.env)

    def has_image(self, tag: str) -> bool:
        """Whether an image called ``tag`` is there."""
        return bool(self.docker("image", "ls", "-q", tag).strip())


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine, for as long as the block lasts.

    One that the lab started ends with its last user, unless containers run on it.
    Raises EngineMissingError where there is none and none can be started.
    """
    tenancy = Tenancy(places.cache(), "engine")
    with tenancy.turn():
        found = _find() or _start()
        users = tenancy.move_in()
    try:
        yield found
    finally:
        users.close()
        with tenancy.turn():
            if not tenancy.is_used():
                _stop_if_idle()


def _find() -> Engine | None:
    packages.ensure("docker", "ssh", "ssh-keygen")
    daemon = _recorded()
    candidates = [Engine(_socket_url(Path(daemon.run_dir)))] if daemon else []
    return next((engine for engine in [*candidates, Engine("")] if _answers(engine)), None)


def _answers(engine: Engine) -> bool:
    try:
        engine.docker("version", "--format", "{{.Server.Version}}", timeout_s=20)
    except LabError:
        return False
    return True


def _start() -> Engine:
    if os.geteuid():
        raise EngineMissingError("no docker engine answers", "start dockerd, or run as root to let the lab start one")
    packages.ensure("dockerd", "iptables")
    for driver in STORAGE_DRIVERS:
        daemon = _launch(driver)
        if daemon:
            _record().write_text(json.dumps(asdict(daemon)))
            return Engine(_socket_url(Path(daemon.run_dir)))
    raise EngineMissingError("dockerd does not start", f"read {_log()}")


def _launch(driver: str) -> Daemon | None:
    # A socket path has at most 107 bytes, which a cache directory may exceed.
    run_dir = Path(tempfile.mkdtemp(prefix="remotego-engine-"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, _log().open("wb") as log:
        ready.bind(str(run_dir / "ready"))
        process = subprocess.Popen(
            _argv(run_dir, driver),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env=os.environ | {"NOTIFY_SOCKET": str(run_dir / "ready")},
        )  # fmt: skip
        daemon = Daemon(process.pid, start_time(process.pid) or "", str(run_dir))
        if _is_ready(process, ready):
            return daemon
    _end(daemon)
    return None


def _argv(run_dir: Path, driver: str) -> list[str | Path]:
    return [
        "dockerd",
        *("--host", _socket_url(run_dir)),
        *("--data-root", places.cache() / "engine"),
        *("--exec-root", run_dir / "exec"),
        *("--pidfile", run_dir / "pid"),
        *("--storage-driver", driver),
    ]


def _is_ready(process: subprocess.Popen[bytes], ready: socket.socket) -> bool:
    """Whether dockerd says READY=1 (sd_notify(3)) before it ends and in time."""
    ended = os.pidfd_open(process.pid)
    try:
        return ready in select([ready, ended], [], [], START_TIMEOUT_S)[0] and b"READY=1" in ready.recv(4096)
    finally:
        os.close(ended)


def _stop_if_idle() -> None:
    daemon = _recorded()
    if daemon and not Engine(_socket_url(Path(daemon.run_dir))).docker("ps", "-q").strip():
        _end(daemon)


def _end(daemon: Daemon) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if daemon.is_alive():
            os.kill(daemon.pid, number)
            await_end(daemon.pid, STOP_TIMEOUT_S)
    shutil.rmtree(daemon.run_dir, ignore_errors=True)
    _record().unlink(missing_ok=True)


def _recorded() -> Daemon | None:
    try:
        daemon = Daemon(**json.loads(_record().read_text()))
    except FileNotFoundError:
        return None
    return daemon if daemon.is_alive() else None


def _record() -> Path:
    return places.cache() / "engine.json"


def _log() -> Path:
    return places.cache() / "engine.log"


def _socket_url(run_dir: Path) -> str:
    return f"unix://{run_dir / 'docker.sock'}"
