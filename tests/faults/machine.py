"""A host of the lab whose network, sshd or whole existence is disturbed, and mended."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.lab.failure import LabError
from tests.lab.lab import Lab
from tests.lab.process import run
from tests.patience import eventually

CHAINS = ("INPUT", "OUTPUT")
RESET = ("-p", "tcp", "!", "--tcp-flags", "RST", "RST", "-j", "REJECT", "--reject-with", "tcp-reset")
DROP = ("-j", "DROP")
SLOW = ("tbf", "rate", "16mbit", "burst", "32kb", "latency", "400ms")
PROJECT_LABEL = '{{index .Config.Labels "com.docker.compose.project"}}'

HANG_UP = """\
listener=$(pgrep -o -x -u root sshd)
[ -z "$1" ] || kill -HUP "$listener"
for pid in $(pgrep -P "$listener" -x sshd); do kill -KILL "$pid" $(pgrep -P "$pid" -x sshd); done
true
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """One container. Every disturbance is a context: it is over when the block is left."""

    lab: Lab
    name: str

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let no packet in or out, without a word to anybody."""
        with self._rules(DROP):
            yield

    @contextmanager
    def resetting(self) -> Iterator[None]:
        """Answer packets of its connections by RST; in the block at least one has been answered so."""
        with self._rules(RESET):
            self._await_reset()
        yield

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Send at 16 Mbit/s only, so that an upload through it takes a few seconds."""
        cards = [line.split(":")[1].split("@")[0].strip() for line in self._here("ip", "-o", "link").splitlines()]
        for card in cards:
            self._here("tc", "qdisc", "replace", "dev", card, "root", *SLOW)
        try:
            yield
        finally:
            for card in cards:
                with suppress(LabError):  # a card that was unplugged meanwhile
                    self._here("tc", "qdisc", "del", "dev", card, "root")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop everything on it, guard and service included (the freezer of cgroups)."""
        self.lab.engine.docker("pause", self._container)
        try:
            yield
        finally:
            self.lab.engine.docker("unpause", self._container)

    @contextmanager
    def unplugged(self, network: str = "inner") -> Iterator[None]:
        """Take its network card out; the one it gets back has another address."""
        full = f"{self.lab.engine.docker('inspect', '-f', PROJECT_LABEL, self._container).strip()}_{network}"
        self.lab.engine.docker("network", "disconnect", full, self._container)
        try:
            yield
        finally:
            self.lab.engine.docker("network", "connect", "--alias", self.name, full, self._container)

    @contextmanager
    def hung_up(self) -> Iterator[None]:
        """Kill the sshd processes of all connections."""
        self.lab.exec(self.name, "sh", "-c", HANG_UP, "sh", "", user="root")
        yield

    @contextmanager
    def restarted(self) -> Iterator[None]:
        """Make sshd start anew, and kill the processes of all its connections."""
        self.lab.exec(self.name, "sh", "-c", HANG_UP, "sh", "listener too", user="root")
        yield

    @property
    def _container(self) -> str:
        return self.lab.containers[self.name]

    @contextmanager
    def _rules(self, rule: tuple[str, ...]) -> Iterator[None]:
        for chain in CHAINS:
            self._iptables("-I", chain, *rule)
        try:
            yield
        finally:
            for chain in CHAINS:
                self._iptables("-D", chain, *rule)

    def _await_reset(self) -> None:
        if not eventually(self._has_reset):
            raise AssertionError(f"nobody sent anything to {self.name}")

    def _has_reset(self) -> bool:
        rows = (row.split() for row in self._iptables("-vnxL", "INPUT").splitlines())
        return any(row[2:3] == ["REJECT"] and int(row[0]) for row in rows)

    def _iptables(self, *argv: str) -> str:
        return self._here("iptables", "-w", *argv)

    def _here(self, *argv: str) -> str:
        """Run a program of the controller in the container's network."""
        pid = self.lab.engine.docker("inspect", "-f", "{{.State.Pid}}", self._container).strip()
        return run("nsenter", "-t", pid, "-n", *argv)
