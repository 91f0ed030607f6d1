"""Where the benchmarks work: the lab, a store of their own there, and an ssh_config for each round trip."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.proxy import Proxy, delayed
from benchmarks.sample import Command
from tests.lab.lab import Lab
from tests.lab.stack import lab

CHECKOUT = Path(__file__).resolve().parents[1]
STORE = f".remotego-benchmarks-{os.getpid()}"
COPY = f"{STORE}-copy"
"""Below each home on app: the store that is pushed to, and what scp has copied. Another run has its own."""

FLEET = ("app", "app-other", "app-bash", "app-dash", "app-ash", "app-zsh", "app-fish", "app-tcsh")


@dataclass(frozen=True, slots=True)
class Site:
    """The lab seen through ``config``, an ssh_config whose jump host is ``rtt_ms`` away."""

    lab: Lab
    config: Path
    rtt_ms: float
    proxy: Proxy | None

    def invoke(self, *arguments: str, proof: str) -> Command:
        """Our own command line, as a user starts it in a checkout."""
        program = str(Path(sys.executable).with_name("invoke"))
        env = {"REMOTEGO_SSH_CONFIG": str(self.config), "REMOTEGO_STORE": f"~/{STORE}"}
        return Command((program, *arguments), env, proof, CHECKOUT)

    def ssh(self, program: str, *arguments: str, proof: str = "") -> Command:
        """OpenSSH's ``ssh`` or ``scp`` with the same configuration."""
        return Command((program, "-F", str(self.config), *arguments), {}, proof)

    def clear(self) -> None:
        """Remove what the benchmarks have put on app, from every account."""
        self.lab.exec("app", "sh", "-c", f"rm -rf /home/*/{STORE} /home/*/{COPY}", user="root")


@contextmanager
def site(rtt_ms: float, bytes_per_s: float = 0) -> Iterator[Site]:
    """The lab as it is (``rtt_ms`` 0), or with a delaying proxy before its jump host; it limits the rate if asked."""
    with lab() as ready, tempfile.TemporaryDirectory(prefix="remotego-benchmarks-") as folder:
        here = Site(ready, ready.ssh_config, rtt_ms, None)
        try:
            if not rtt_ms:
                yield here
                return
            port = int(ready.resolved("jump", "port"))
            with delayed("127.0.0.1", port, rtt_ms, bytes_per_s) as proxy:
                yield Site(ready, _detour(ready, Path(folder), port, proxy.port), rtt_ms, proxy)
        finally:
            here.clear()


def _detour(lab: Lab, folder: Path, port: int, by: int) -> Path:
    """An ssh_config that goes to the jump host through another port, and still knows its host key."""
    config = folder / "ssh_config"
    detour = f"Host jump\n    Port {by}\n    HostKeyAlias [127.0.0.1]:{port}\n"
    config.write_text(detour + lab.ssh_config.read_text())
    return config
