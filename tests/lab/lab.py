"""What a test holds of the lab: where it is reached, and a look inside."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.internet.internet import Internet
from tests.lab import binaries, outside
from tests.lab.engine import Engine
from tests.lab.failure import LabError
from tests.lab.process import run

READ_TRIES = 50


@dataclass(frozen=True, slots=True)
class Lab:
    """Running containers and the ssh_config that leads to them.

    ``containers`` maps a host of docker-compose.test.yml to its container.
    """

    run_dir: Path
    engine: Engine
    containers: Mapping[str, str]

    @property
    def ssh_config(self) -> Path:
        """The ssh_config of this run; ``ssh -F`` it."""
        return self.run_dir / "ssh_config"

    @property
    def internet(self) -> Internet:
        """The internet that the hosts of the edge reach, as the controller reaches it. Heal what you inject."""
        container = self.containers[outside.NAME]
        ports = {port: self.engine.published(container, port) for port in (outside.PORT, outside.TLS_PORT)}
        return outside.reached(self.run_dir, ports)

    def ssh(self, alias: str, command: str, *, timeout_s: float = 60) -> str:
        """Standard output of ``command`` on ``alias`` by the system's ssh; LabError when it fails."""
        return run("ssh", "-F", self.ssh_config, alias, command, timeout_s=timeout_s)

    def attempt(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """``ssh argv`` with this run's configuration and no input, however it ends."""
        words = ["ssh", "-F", str(self.ssh_config), *argv]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def resolved(self, alias: str, keyword: str) -> str:
        """What ssh makes of ``keyword`` (in lower case, such as ``port``) for ``alias``."""
        found = self.resolved_or_none(alias, keyword)
        assert found is not None, f"{alias} has no {keyword}"
        return found

    def resolved_or_none(self, alias: str, keyword: str) -> str | None:
        """The same, or None where nothing is set."""
        lines = self.attempt("-G", alias).stdout.splitlines()
        return next((line.partition(" ")[2] for line in lines if line.startswith(f"{keyword} ")), None)

    def exec(self, host: str, *argv: str, user: str = "dev") -> str:
        """Standard output of ``argv`` in the container of ``host``, without SSH; LabError when it fails."""
        return self.engine.docker("exec", "--user", user, self.containers[host], *argv)

    def logs(self, host: str) -> str:
        """What the host's sshd and services have printed so far."""
        return self.engine.log(self.containers[host])

    def address(self, host: str, network: str) -> str:
        """The IPv4 address of ``host`` on ``network`` (edge or inner)."""
        found = json.loads(self.engine.docker("inspect", self.containers[host]))
        networks = found[0]["NetworkSettings"]["Networks"]
        return str(next(known["IPAddress"] for name, known in networks.items() if name.endswith(network)))

    def binary(self, flavour: str) -> Path:
        """The ticker of ``flavour`` on the controller, the very file that runs in the containers."""
        return self.run_dir / "bin" / f"ticker-{flavour}"

    def breakpoint(self) -> tuple[Path, int]:
        """File and line of the ticker's source that are good for a breakpoint."""
        return binaries.breakpoint_line()

    def pid(self, service: str, host: str = "app") -> int:
        """The process number of a sample service, such as ``ticker-debug``, in its container."""
        return int(self.exec(host, "cat", f"/run/lab/{service}.pid"))

    def count(self, pid: int, host: str = "app") -> int:
        """The counter of the ticker ``pid``; it moves about ten times a second."""
        return int(json.loads(self.exec(host, "cat", f"/run/ticker/{pid}.json"))["Count"])

    def spawn(self, flavour: str = "debug", *, user: str = "dev", host: str = "app", listen: str = "") -> int:
        """Start one more ticker for a test that may harm it; its process number, once it counts.

        ``listen`` is an address where it answers.
        """
        start = (
            f"export TICKER_STATE_DIR=/run/ticker TICKER_TRACEABLE=1 TICKER_LISTEN={listen}; cd /;"
            f" /opt/ticker/ticker-{flavour} >/dev/null 2>&1 & pid=$!; tries={READ_TRIES};"
            " until [ -e /run/ticker/$pid.json ] || [ $((tries -= 1)) = 0 ]; do sleep 0.1; done; echo $pid"
        )
        pid = int(self.exec(host, "sh", "-c", start, user=user))
        self.count(pid, host)
        return pid

    def kill(self, pid: int, host: str = "app") -> None:
        """End a process of a container, whoever owns it; no error when it has gone."""
        try:
            self.exec(host, "kill", "-KILL", str(pid), user="root")
        except LabError:
            if str(pid) in self.exec(host, "ls", "/proc", user="root").split():
                raise
