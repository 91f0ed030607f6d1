"""A service of the lab that is debugged: whether it is as it was before."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.demo.text import in_file
from tests.lab.lab import Lab
from tests.patience import eventually

TICKS = 3
TICKS_LIMIT_S = 10.0
MENTIONS = """\
for entry in /proc/[0-9]*; do
  [ "$entry" = "/proc/$$" ] || ! grep -qsF "$1" "$entry/cmdline" "$entry/environ" || echo "${entry#/proc/}"
done
find "$1/sessions" -mindepth 1 2>/dev/null
true
"""


class State(NamedTuple):
    """``tracer`` traces the service; ``ticks``: it counts; ``own_code``: its code is that of its file;
    ``left`` are processes and session files of ours.
    """

    tracer: int
    ticks: bool
    own_code: bool
    left: tuple[str, ...]


UNTOUCHED = State(0, ticks=True, own_code=True, left=())


@dataclass(frozen=True, slots=True)
class Debuggee:
    """A process of a host that runs a flavour of the ticker; ``store`` is the directory remotego uses there."""

    lab: Lab
    pid: int
    store: str
    host: str = "app"
    flavour: str = "debug"
    user: str = "dev"

    def state(self) -> State:
        """What it is like now, once what is left of a session had a bounded time to go."""
        eventually(lambda: not self.left() and self.tracer() == 0)
        return State(self.tracer(), self.ticks(), self.own_code(), self.left())

    def tracer(self) -> int:
        """The thread that traces it; 0 for nobody."""
        return int(self._status("TracerPid"))

    def ticks(self) -> bool:
        """Whether its counter moves on."""
        first = self.lab.count(self.pid, self.host)
        return eventually(lambda: self.lab.count(self.pid, self.host) >= first + TICKS, TICKS_LIMIT_S)

    def own_code(self) -> bool:
        """Whether the code in its memory equals its program file: no breakpoint is left in it."""
        return self.code() == sha256(in_file(self.lab.binary(self.flavour)).content).hexdigest()

    def code(self) -> str:
        """SHA-256 of the code in its memory (proc(5), /proc/pid/mem), which only its user may read."""
        code = in_file(self.lab.binary(self.flavour))
        where = f"iflag=skip_bytes,count_bytes skip={code.address} count={len(code.content)}"
        read = f"dd if=/proc/{self.pid}/mem bs=1M {where} status=none | sha256sum"
        return self.lab.exec(self.host, "sh", "-c", read, user=self.user).split()[0]

    def left(self) -> tuple[str, ...]:
        """Processes that mention the store, and files of sessions."""
        return tuple(self.lab.exec(self.host, "sh", "-c", MENTIONS, "sh", self.store, user="root").split())

    def breakpoints(self) -> dict[Path, list[int]]:
        """The marked line of its source, which it comes by ten times a second."""
        path, line = self.lab.breakpoint()
        return {path: [line]}

    def _status(self, key: str) -> str:
        status = self.lab.exec(self.host, "cat", f"/proc/{self.pid}/status", user="root")
        return next(line.split()[1] for line in status.splitlines() if line.startswith(f"{key}:"))
