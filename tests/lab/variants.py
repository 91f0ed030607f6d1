"""More sshds in the lab's containers, each with other settings, and echoes to reach through them."""

import contextlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.lab import Lab
from tests.lab.sshconfig import PORT

TRIES = 100
_SSHD = """\
port={port}
/usr/sbin/sshd -p $port -o PidFile=/run/lab/sshd-$port.pid {options} -E /run/lab/sshd-$port.log
tries={tries}
until [ -s /run/lab/sshd-$port.pid ] || [ $((tries -= 1)) = 0 ]; do sleep 0.05; done
cat /run/lab/sshd-$port.pid
"""
_ECHO = """\
umask 077
/opt/ticker/echo {path} >{path}.port 2>{path}.log & pid=$!
tries={tries}
until [ -s {path}.port ] || [ $((tries -= 1)) = 0 ]; do sleep 0.05; done
echo $pid $(cat {path}.port {path}.log)
"""


@dataclass(frozen=True, slots=True)
class Variant:
    """One more sshd in a container, called ``host``-``name``; ``via`` another jump host than the host's own."""

    host: str
    name: str
    options: tuple[str, ...] = ()
    via: str = ""

    @property
    def alias(self) -> str:
        """What ssh_config calls it."""
        return f"{self.host}-{self.name}"


@contextmanager
def variants(lab: Lab, folder: Path, *wanted: Variant, blocks: tuple[str, ...] = ()) -> Iterator[Path]:
    """Run sshds; the ssh_config that leads to them and to the rest of the lab. ``blocks`` are more of its hosts.

    The first of several settings counts in sshd, so an option on its command line beats its files.
    """
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(_sshd(lab, each, 2200 + index)) for index, each in enumerate(wanted)]
        doors = [_block(lab, each, port) for each, port in zip(wanted, ports, strict=True)]
        config = folder / f"ssh_config-{secrets.token_hex(4)}"
        config.write_text("\n".join([*blocks, *doors, lab.ssh_config.read_text()]))
        yield config


@contextmanager
def _sshd(lab: Lab, variant: Variant, port: int) -> Iterator[int]:
    options = " ".join(f"-o '{option}'" for option in variant.options)
    script = _SSHD.format(port=port, options=options, tries=TRIES)
    pid = lab.exec(variant.host, "sh", "-c", script, user="root").strip()
    try:
        yield port
    finally:
        lab.kill(int(pid), variant.host)
        lab.exec(variant.host, "sh", "-c", f"rm -f /run/lab/sshd-{port}.*", user="root")


def _block(lab: Lab, variant: Variant, port: int) -> str:
    """The same machine at another port: its host key is known by the name it has at the usual one."""
    known_as = lab.resolved(variant.host, "hostname")
    usual = int(lab.resolved(variant.host, "port"))
    key_name = known_as if usual == PORT else f"[{known_as}]:{usual}"
    jump = variant.via or lab.resolved_or_none(variant.host, "proxyjump")
    address = known_as if jump else lab.address(variant.host, "edge")
    lines = [f"Host {variant.alias}", f"HostName {address}", f"Port {port}", "User dev", f"HostKeyAlias {key_name}"]
    lines += [f"ProxyJump {jump}"] if jump else []
    return "\n    ".join([*lines, f'IdentityFile "{lab.run_dir / "keys" / "dev"}"']) + "\n"


def behind(lab: Lab, alias: str, *jumps: str, address: str = "app", known_as: str = "") -> str:
    """One more way to a host: through these jump hosts, outermost first."""
    key = lab.run_dir / "keys" / "dev"
    lines = [
        f"Host {alias}",
        f"HostName {address}",
        "User dev",
        f"HostKeyAlias {known_as or address}",
        f"ProxyJump {','.join(jumps)}",
    ]
    return "\n    ".join([*lines, f'IdentityFile "{key}"']) + "\n"


@dataclass(frozen=True, slots=True)
class Echo:
    """A process of dev's on a host that returns what it gets."""

    socket: str
    port: int


@contextmanager
def echo(lab: Lab, host: str = "app", user: str = "dev") -> Iterator[Echo]:
    """Run an echo on a host of the lab."""
    path = f"/tmp/echo-{secrets.token_hex(4)}"
    pid, port = lab.exec(host, "sh", "-c", _ECHO.format(path=path, tries=TRIES), user=user).split()
    try:
        yield Echo(path, int(port))
    finally:
        lab.kill(int(pid), host)
        lab.exec(host, "sh", "-c", f"rm -f {path} {path}.*", user=user)
