"""Processes of the virtual machine to attach to, each with another reason why the kernel may refuse."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.core.transport import Exchange, Network, Script, Transport
from remotego.delve.ending import Ended
from remotego.delve.guard import END, Up, parse_event, render_guard
from remotego.host.ptrace import CANDIDATES
from remotego.host.rootwork import Program, RootWork
from remotego.host.survey import Survey, survey
from remotego.ops.agent import bring
from remotego.ops.deploy import deploy_for
from remotego.ops.engine import ask

SCOPE = "/proc/sys/kernel/yama/ptrace_scope"
PROGRAM = "/opt/ticker/ticker-stripped"
HIDDEN = "/opt/ticker/ticker-hidden"
BIND = "--inh-caps +net_bind_service --ambient-caps +net_bind_service"
FIRST_S, EVENT_S = 30.0, 90.0

STARTS = {
    "same uid": ("dev", "", PROGRAM),
    "other uid": ("svc", "", PROGRAM),
    "not dumpable": ("dev", "", HIDDEN),
    "ambient capability": ("dev", BIND, PROGRAM),
    "service user": ("svc", BIND, PROGRAM),
}
"""For each state of the reference: the user, what setpriv adds, and the program."""

START = """\
cd / && export TICKER_STATE_DIR=/run/ticker
# By way of a shell: setpriv itself may still read a program that its user may not, and that counts at exec.
setsid setpriv --reuid {user} --regid {user} --init-groups {more} sh -c 'exec {program}' </dev/null >/dev/null 2>&1 &
pid=$! tries=100
until [ -e /run/ticker/$pid.json ] || [ $((tries -= 1)) = 0 ]; do sleep 0.1; done
echo $pid $(cut -d' ' -f22 /proc/$pid/stat)
"""

LISTING = r"""
cat /proc/sys/kernel/yama/ptrace_scope
find /etc /opt /usr/local /var/lib /run /var/tmp -path /run/ticker -prune -o -path '*/sudo' -prune -o \
  -printf '%p %y %m %U %G %s %l\n' 2>/dev/null | sort
getcap -r /etc /opt /usr/local /var/lib /run /var/tmp 2>/dev/null | sort
cat /etc/sysctl.d/* | sha256sum
mount
"""
"""What a host is like: files with owner, mode and size, capabilities, mounts. Sudo keeps records of its own."""


@dataclass(frozen=True, slots=True)
class Tracee:
    """A process of the machine that counts."""

    pid: int
    start: int


@dataclass(frozen=True, slots=True)
class Machine:
    """The virtual machine as three see it, and the programs that all of them may run there."""

    root: Transport
    dev: Transport
    have: Survey
    place: str
    sha256: dict[str, str]

    def do(self, command: str) -> str:
        """What root gets for a command."""
        answer = self.root.run(Script(command))
        assert answer.exit_code == 0, answer.stderr
        return answer.stdout.decode()

    def set_level(self, level: int) -> None:
        """Set Yama's level. After 3 there is no way back."""
        self.do(f"echo {level} >{SCOPE}")

    def listing(self) -> list[str]:
        """What the host is like now."""
        return self.do(LISTING).splitlines()

    def work(self, *steps: object) -> RootWork:
        """Root's part of a session with our programs."""
        programs = tuple(Program(name, f"{self.place}/{name}", digest) for name, digest in self.sha256.items())
        return RootWork(secrets.token_hex(4), self.have.digest, steps, programs)  # type: ignore[arg-type]


@contextmanager
def machine(network: Network) -> Iterator[Machine]:
    """The machine with agent and dlv in a place where dev and svc may run them."""
    place, settings = "/opt/ptrace-lab", Settings(store=f"/var/tmp/rg-{secrets.token_hex(4)}")
    with network.reach("vm-root") as root, network.reach("vm") as dev:
        have = ask(root, survey(settings.store))
        agent = bring(root, have, settings, Silence())
        deployed = deploy_for(root, ask(root, survey(settings.store)), None, settings, Silence(), dry=False).dlv
        assert deployed.artifact is not None
        store = f"/var/tmp/rg-{secrets.token_hex(4)}"
        found = Machine(
            root, dev, ask(dev, survey(store)), place, {"dlv": deployed.artifact.sha256, "agent": agent.artifact.sha256}
        )
        found.do(
            # mount(8) makes its own, which is none of ours.
            f"mkdir -p -m 700 /run/mount && mkdir -m 755 {place} && install -m 755 {deployed.path} {place}/dlv"
            f" && install -m 755 {agent.path} {place}/agent"
            f" && rm -rf {settings.store} && install -m 711 {PROGRAM} {HIDDEN}"
            f" && for user in dev svc; do install -d -m 700 -o $user -g $user {place}/$user; done"
            f" && install -d -m 700 -o dev -g dev {store} {store}/store {store}/journal {store}/sessions"
        )
        try:
            yield found
        finally:
            found.do(f"rm -rf {place} {store} {HIDDEN}")


@contextmanager
def tracees(on: Machine) -> Iterator[dict[str, Tracee]]:
    """One process for each state."""
    started = {}
    for name, (user, more, program) in STARTS.items():
        pid, start = on.do(START.format(user=user, more=more, program=program)).split()
        started[name] = Tracee(int(pid), int(start))
    try:
        yield started
    finally:
        on.do("kill -KILL " + " ".join(str(one.pid) for one in started.values()))


@contextmanager
def nosuid(on: Machine) -> Iterator[None]:
    """No place of the machine honours capabilities of files."""
    parents = sorted({str(Path(path).parent) for path in CANDIDATES})
    mounts = [
        f"mkdir -p /run/upper{path} && mount --bind {path} {path} && mount -o remount,bind,nosuid {path}"
        for path in parents
    ]
    on.do(" && ".join(mounts) + " && rm -rf /run/upper")
    try:
        yield
    finally:
        on.do("; ".join(f"umount {path}" for path in reversed(parents)))


def attach_by(host: Transport, agent: str, dlv: str, tracee: Tracee, directory: str) -> bool:
    """Whether a real guard with a real dlv can attach; it is detached again, cleanly."""
    exchange = host.open(render_guard(agent))
    try:
        exchange.read_line(FIRST_S)
        return attach_through(exchange, dlv, tracee, directory)
    finally:
        exchange.close()


def attach_through(exchange: Exchange, dlv: str, tracee: Tracee, directory: str) -> bool:
    """The same through a guard that waits for its order."""
    words = [dlv, "attach", str(tracee.pid), "--headless", "--accept-multiclient", "--continue"]
    order = {"dlv": words, "pid": tracee.pid, "start": tracee.start, "directory": directory, "lease_s": 120}
    exchange.send(json.dumps(order).encode() + b"\n")
    up = False
    while line := exchange.read_line(EVENT_S):
        match parse_event(line):
            case Up():
                up = True
                exchange.send(END)
            case Ended() as ended:
                assert (up, ended.outcome) in ((True, "clean"), (False, "failed")), ended
                return up
    raise AssertionError("the guard fell silent")
