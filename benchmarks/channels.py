"""The contests of tunnels: bytes a second and a question's latency on two rungs of the ladder, against ``ssh -L``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import load
from benchmarks.contest import Contender, Contest, WallRatio
from benchmarks.sample import Command
from benchmarks.site import site
from benchmarks.tunnel import ours, session, theirs
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.host.survey import survey
from remotego.ops.agent import bring
from remotego.ops.engine import ask
from remotego.ops.upkeep import undo
from tests.lab.lab import Lab
from tests.lab.variants import Variant, echo, variants

_BOUNDS = {"bulk": WallRatio(2.0), "dap": WallRatio(1.5), "ask": WallRatio(3.0)}
"""Half of the throughput of ``ssh -L`` is twice its time; a DAP request may take one and a half times as long.

A bare echo has no dlv in it: it shows what the tunnel itself costs, and is held to less.
"""

STORE = "/var/tmp/remotego-benchmarks-tunnel"  # noqa: S108  (on the target, and made for us alone)
_TITLES = {
    "bulk": f"{load.BULK_BYTES >> 20} MB there and back",
    "ask": f"{load.ASKED} echoes of {load.QUESTION_BYTES} bytes",
    "dap": f"{load.ASKED} DAP requests to dlv",
}
_OPEN = ("DisableForwarding=no", "AllowTcpForwarding=yes", "AllowStreamLocalForwarding=yes")


@contextmanager
def tunnel(kind: str, rung: str, *, jump: bool) -> Iterator[Contest]:
    """Load two tunnels to the same echo, which stand all the time, in turn."""
    with ExitStack() as stack:
        lab = stack.enter_context(site(0)).lab
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        config, host, alias = _place(stack, lab, folder, jump=jump)
        stack.enter_context(_store(config, alias))
        if kind == "dap":
            pid = lab.spawn(host=host)
            stack.callback(lab.kill, pid, host)
            own, path = stack.enter_context(session(config, alias, rung, pid, STORE))
        else:
            path = stack.enter_context(echo(lab, host)).socket
            own = stack.enter_context(ours(config, alias, rung, _agent(config, alias), path))
        ssh = stack.enter_context(theirs(config, alias, path))
        what = _TITLES[kind]
        contenders = (Contender(rung, _load(own, kind)), Contender("ssh -L", _load(ssh, kind)))
        yield Contest(
            f"{what} by {rung}, {'through a jump host' if jump else 'direct'}",
            contenders,
            _BOUNDS[kind],
        )


def _place(stack: ExitStack, lab: Lab, folder: Path, *, jump: bool) -> tuple[Path, str, str]:
    """A configuration, a container, and how to reach it."""
    if jump:
        return lab.ssh_config, "app", "app"
    door = Variant("hardened", "open", _OPEN)
    return stack.enter_context(variants(lab, folder, door)), "hardened", door.alias


@contextmanager
def _store(config: Path, alias: str) -> Iterator[None]:
    """Take back what was put on the target."""
    yield
    with SshNetwork(config) as network:
        undo(network, alias, Settings(store=STORE), Silence(), dry=False)


def _agent(config: Path, alias: str) -> str:
    with SshNetwork(config) as network, network.reach(alias) as host:
        return bring(host, ask(host, survey(STORE)), Settings(store=STORE), Silence()).path


def _load(port: int, kind: str) -> Command:
    return Command((sys.executable, "-I", "-S", load.__file__, str(port), kind), proof="whole")
