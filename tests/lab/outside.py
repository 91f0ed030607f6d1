"""The internet of the lab: what its container is given, and how it is reached."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from tests.golang.checksums import signer
from tests.internet import world
from tests.internet.certificates import CA, issue
from tests.internet.internet import Internet, arguments
from tests.lab import places

NAME = "internet"
HOSTS = ("proxy.internet.example", "mirror.internet.example", "sum.internet.example")
"""What the hosts of the edge call it: two proxies and the checksum database."""

PORT, TLS_PORT = 80, 443
LISTENS = "https://"
THERE = Path("/internet")
OWNER = signer("sum.internet.example")
LOOPBACK = "127.0.0.1"


def prepare(run_dir: Path) -> None:
    """Lay out what the container mounts as /internet: modules, certificates, and the command to start."""
    folder = run_dir / NAME
    world.publish(folder / "modules", *world.PUBLIC)
    issue(folder, [*HOSTS, LOOPBACK])
    flags = arguments(OWNER, THERE / "modules", THERE, f"0.0.0.0:{PORT}", f"0.0.0.0:{TLS_PORT}")
    (folder / "start").write_text(f"exec {shlex.join(['/opt/ticker/internet', *flags])}\n")


def reached(run_dir: Path, ports: Mapping[int, int]) -> Internet:
    """The handle of it; ``ports`` maps its ports to those that the engine publishes on loopback."""
    plain, secured = (f"{scheme}://{LOOPBACK}:{ports[port]}" for scheme, port in (("http", PORT), ("https", TLS_PORT)))
    folder = run_dir / NAME
    return Internet(folder, {LOOPBACK: plain}, {LOOPBACK: secured}, OWNER, folder / CA)


def digest() -> str:
    """The same for two that would not differ but in their certificates."""
    return places.digest_of(world.SOURCES)
