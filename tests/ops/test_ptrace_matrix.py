"""The verdict is what really happens: each level of Yama, kind of process and policy, on a real kernel."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.core.transport import Script
from remotego.host.ptrace import CANDIDATES, State
from remotego.host.ptrace_plan import CapableCopies, LowerScope
from remotego.host.rootwork import RootLeftError, RootWorkError, attend
from remotego.host.tracing import tracing
from remotego.host.verdict import DAC_READ_SEARCH, KILL, POLICIES, SYS_PTRACE, judge
from remotego.ops import root
from remotego.ops.engine import ask
from tests.lab.vm import Vm
from tests.ops.tracees import FIRST_S, PROGRAM, Machine, Tracee, attach_by, attach_through, machine, nosuid, tracees

ALL_THREE = SYS_PTRACE | DAC_READ_SEARCH | KILL
MASKS = {"same uid": SYS_PTRACE, "ambient capability": SYS_PTRACE}

EXEC = """\
cd "$1" && export HOME="$1"
mkdir -p .config/go/telemetry && echo 'off 2026-01-01' > .config/go/telemetry/mode
"$2" exec {program} --headless --accept-multiclient --continue --listen=unix:"$1/exec.sock" >/dev/null 2>&1 &
dlv=$! tries=200 answer=no
traced() {{
  [ "$(sed -n 's/^TracerPid:.//p' "/proc/$1/status")" != 0 ] && [ "$(readlink "/proc/$1/exe")" = {program} ]
}}
while [ $answer = no ] && [ $((tries -= 1)) != 0 ] && kill -0 $dlv; do
  for child in $(cat /proc/$dlv/task/*/children); do traced "$child" && answer=yes; done
  sleep 0.1
done 2>/dev/null
kill -TERM $dlv 2>/dev/null; wait $dlv; rm -rf "$1"/* "$1"/.[!.]*; echo $answer
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """A machine with one process for each state."""

    on: Machine
    tracees: dict[str, Tracee]

    def directory(self, user: str) -> str:
        """A directory for a session, which is not there yet."""
        return f"{self.on.place}/{user}/{secrets.token_hex(4)}"

    def attach(self, name: str, *, as_user: str | None = None) -> bool:
        """Try to attach without any right, as dev or another."""
        host = self.on.dev if as_user is None else self.on.dev.as_user(as_user)
        agent, dlv = f"{self.on.place}/agent", f"{self.on.place}/dlv"
        return attach_by(host, agent, dlv, self.tracees[name], self.directory(as_user or "dev"))

    def attach_attended(self, name: str, step: CapableCopies | LowerScope) -> bool:
        """Try with root's help; where root cannot do its part, that is a no."""
        work = self.on.work(step)
        guard = f'echo \'{{"event":"begun"}}\'; exec {work.path_of("agent")} guard'
        text = attend(guard, work, root=self.on.have.root, by="test", nonce=secrets.token_hex(6), secret=False)
        exchange = self.on.dev.open(Script(text))
        try:
            root.begin("vm", exchange, None)
            exchange.read_line(FIRST_S)
            attached = attach_through(exchange, work.path_of("dlv"), self.tracees[name], self.directory("dev"))
            root.finish("vm", exchange)
        except (RootWorkError, RootLeftError):
            return False
        finally:
            exchange.close()
        return attached

    def start_under_dlv(self) -> bool:
        """Try to start a program under dlv."""
        script = f"set -- {self.on.place}/dev {self.on.place}/dlv\n" + EXEC.format(program=PROGRAM)
        return "yes" in self.on.dev.run(Script(script)).stdout.decode()

    def states(self) -> dict[str, State]:
        """What remotego finds out about each process."""
        found = {
            name: ask(self.on.dev, tracing(process=None, pid=one.pid, thorough=True))[one.pid]
            for name, one in self.tracees.items()
        }
        with nosuid(self.on):
            pid = self.tracees["same uid"].pid
            return found | {"nosuid": ask(self.on.dev, tracing(process=None, pid=pid, thorough=True))[pid]}

    def truth(self, level: int) -> dict[tuple[str, str], bool]:
        """What really happens, for each state and policy."""
        plain = {name: self.attach(name) for name in self.tracees}
        as_user = {name: self.attach(name, as_user="svc") for name in ("other uid", "service user")}
        capable = {
            name: self.attach_attended(name, CapableCopies(CANDIDATES[0], "dev", 1000, MASKS.get(name, ALL_THREE)))
            for name in self.tracees
        }
        lowered = (
            plain if level == 0 else {name: self.attach_attended(name, LowerScope(level)) for name in self.tracees}
        )
        started = self.start_under_dlv()
        found = {}
        for name in self.tracees:
            answers = (plain[name], as_user.get(name, plain[name]), capable[name], lowered[name], started)
            found |= {(name, policy): answer for policy, answer in zip(POLICIES, answers, strict=True)}
        return found | self._nosuid(level, found)

    def _nosuid(self, level: int, found: dict[tuple[str, str], bool]) -> dict[tuple[str, str], bool]:
        """The same process where capabilities of files have no effect; at level 0 none would be needed."""
        same = {("nosuid", policy): found["same uid", policy] for policy in POLICIES}
        with nosuid(self.on):
            step = CapableCopies(CANDIDATES[0], "dev", 1000, SYS_PTRACE)
            same["nosuid", "setcap"] = level != 0 and self.attach_attended("same uid", step)
        return same


@pytest.fixture(scope="module")
def scene(vm: Vm) -> Iterator[Scene]:
    """The machine, its processes, and dev's connection, kept for all levels."""
    with SshNetwork(vm.ssh_config) as network, machine(network) as on, tracees(on) as started:
        yield Scene(on, started)


def cells(states: dict[str, State]) -> dict[tuple[str, str], bool | None]:
    """The verdicts."""
    return {
        (name, policy): judge(policy, state, host="vm", process="ticker").can
        for name, state in states.items()
        for policy in POLICIES
    }


@pytest.mark.timeout(900)
@pytest.mark.parametrize("level", [0, 1, 2, pytest.param(3, marks=pytest.mark.for_good)])
def test_verdicts_are_what_happens(scene: Scene, level: int) -> None:
    """At this level of Yama; and afterwards the host is as before, byte for byte."""
    scene.on.set_level(level)
    before = scene.on.listing()
    said = cells(scene.states())
    truth = scene.truth(level)
    wrong = {cell: {"said": said[cell], "happens": happens} for cell, happens in truth.items() if said[cell] != happens}
    assert ({}, set()) == (wrong, set(before) ^ set(scene.on.listing()))
