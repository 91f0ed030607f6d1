"""The container engine: the machine's own, or one that the lab starts and stops."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab import daemon, packages, places
from tests.lab.failure import EngineMissingError, LabError
from tests.lab.process import run
from tests.lab.tenancy import Tenancy

STORAGE_DRIVERS = ("overlay2", "vfs")


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

    def log(self, container: str) -> str:
        """What ``container`` has printed so far, on standard output and standard error."""
        argv, env = ["docker", "logs", container], os.environ | self.env
        done = subprocess.run(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, env=env, check=True
        )
        return done.stdout

    def published(self, container: str, port: int) -> int:
        """The port of loopback by which a TCP port of ``container`` is reached."""
        return int(self.docker("port", container, f"{port}/tcp").splitlines()[0].rpartition(":")[2])

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
    started = daemon.recorded()
    candidates = [Engine(started.host)] if started else []
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
    for storage_driver in STORAGE_DRIVERS:
        if started := daemon.launch(storage_driver):
            return Engine(started.host)
    raise EngineMissingError("dockerd does not start", f"read {daemon.log()}")


def _stop_if_idle() -> None:
    started = daemon.recorded()
    if started and not Engine(started.host).docker("ps", "-q").strip():
        daemon.end(started)
