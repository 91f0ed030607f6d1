"""The stage: a temporary directory, two machines in a child process, and a service that runs there."""

import contextlib
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.demo import keys, processes
from tests.demo.place import CHECKOUT, Place

START_LIMIT_S = 30.0
END_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What is set up: where, and which processes are meant to run."""

    place: Place
    machines_pid: int
    service_pid: int

    def count(self) -> int:
        """The service's counter right now."""
        return int(json.loads((self.place.state / f"{self.service_pid}.json").read_text())["Count"])

    def strangers(self) -> list[processes.Process]:
        """What runs on the machines besides the service."""
        return [one for one in processes.descendants(self.machines_pid) if one.pid != self.service_pid]

    def files(self) -> set[str]:
        """What lies in the directories a login can write to."""
        remote = self.place.remote
        return {str(path.relative_to(remote)) for path in remote.rglob("*")}


@contextlib.contextmanager
def folder() -> Iterator[Place]:
    """A private directory, removed at the end; in /tmp as paths of sockets are short (unix(7): 108 bytes)."""
    with tempfile.TemporaryDirectory(prefix="remotego-", dir="/tmp", ignore_cleanup_errors=True) as root:
        place = Place(Path(root))
        for path in place.folders:
            path.mkdir(parents=True, mode=0o700)
        yield place


@contextlib.contextmanager
def machines(place: Place) -> Iterator[Stage]:
    """Run both machines and the service; trust their keys. Needs the service to be built."""
    keys.make(place)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.demo.machines", str(place.root)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        opened = json.loads(_first_line(child))
        keys.trust(place, opened["jump_port"])
        yield Stage(place, child.pid, opened["service_pid"])
    finally:
        _end(child)


def _first_line(child: subprocess.Popen[bytes]) -> bytes:
    assert child.stdout is not None
    if not select.select([child.stdout], [], [], START_LIMIT_S)[0]:
        raise RuntimeError(f"the demo's SSH servers did not start within {START_LIMIT_S:.0f} s")
    line = child.stdout.readline()
    if not line:
        raise RuntimeError(f"the demo's SSH servers ended with {child.wait(END_LIMIT_S)}")
    return line


def _end(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    child.stdout.close()
    try:
        child.wait(END_LIMIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
