"""Where faults strike: a pair of hosts of their own, a service on one, a developer who debugs it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests.faults.machine import Machine
from tests.lab.lab import Lab
from tests.ops.controllers import Child, Controller, fresh_store
from tests.ops.debuggee import Debuggee
from tests.ops.editors import Ready

TARGET, JUMP = "frail", "frail-jump"
PORT = 7001
"""Where the service answers, on the target's loopback."""

GRACE_S = 5.0
"""What a session may take beyond its lease to end and leave nothing."""

AWAIT = """\
store=$1 service=$2 tries=$3
until eval "$4"; do
  [ $((tries -= 1)) -gt 0 ] || { echo no; exit; }
  sleep 0.02
done
echo yes
"""
LOOKS = 1500

SWEEP = "for pid in $(pgrep -f ^/opt/ticker/); do kill -KILL $pid; done"
"""Ends services of a run that was killed; nobody else has any here."""


@dataclass(frozen=True, slots=True)
class Ground:
    """``lease_s`` is the lease of every session here."""

    lab: Lab
    controller: Controller
    debuggee: Debuggee
    lease_s: float

    @property
    def target(self) -> Machine:
        """Where the service runs."""
        return Machine(self.lab, TARGET)

    @property
    def jump(self) -> Machine:
        """The host on the way."""
        return Machine(self.lab, JUMP)

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of every session here."""
        return ("--lease", f"{self.lease_s:g}")

    @property
    def store(self) -> str:
        """The store on the target."""
        return self.debuggee.store

    def debug(self) -> Child:
        """Start a controller."""
        words = ("--host", TARGET, "--pid", str(self.debuggee.pid), "--local-port", "0", "--json")
        return self.controller.start("debug", *words, *self.flags)

    def pids(self, ready: Ready) -> dict[str, int]:
        """What runs on the target for a session, and the service: who and its pid."""
        record = json.loads(self.lab.exec(TARGET, "cat", f"{ready['directory']}/session.json", user="root"))
        return {"guard": record["keeper"][0], "dlv": record["dlv"][0], "service": self.debuggee.pid}

    def await_there(self, condition: str) -> bool:
        """Whether a condition in bash soon holds on the target; ``$store`` and ``$service`` (a pid) are known to it."""
        known = (self.store, str(self.debuggee.pid), str(LOOKS), condition)
        return "yes\n" == self.lab.exec(TARGET, "bash", "-c", AWAIT, "await", *known, user="root")

    def await_free(self, deadline_s: float) -> bool:
        """Whether nobody traces the service and nothing of a session is left, by a time of the monotonic clock."""
        while True:
            if not self.debuggee.tracer() and not self.debuggee.left():
                return True
            if time.monotonic() > deadline_s:
                return False


@contextmanager
def ground(lab: Lab, folder: Path, lease_s: float) -> Iterator[Ground]:
    """Have it to ourselves, with a service and a store of its own; at the end everything is taken back."""
    with FileLock(lab.run_dir / "frail.lock"):
        controller = Controller(lab, folder, store := fresh_store())
        lab.exec(TARGET, "sh", "-c", SWEEP, user="root")
        debuggee = Debuggee(lab, lab.spawn(host=TARGET, listen=f"127.0.0.1:{PORT}"), store, TARGET)
        try:
            yield Ground(lab, controller, debuggee, lease_s)
        finally:
            controller.run("undo", "--host", TARGET)
            _clear(debuggee)


def _clear(debuggee: Debuggee) -> None:
    """End what a failed trial has left, and the service."""
    for pid in [debuggee.pid, *(int(one) for one in debuggee.left() if one.isdecimal())]:
        debuggee.lab.kill(pid, TARGET)
