"""SSH servers on loopback and the ssh_config that leads to them."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.network import SshNetwork
from tests.adapters.sshd import Sshd, make_key, public
from tests.lab.fixtures import need

StartSshd = Callable[..., Sshd]


class Site:
    """A directory with a user key, host keys, known_hosts and an ssh_config that grows host by host."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.config = directory / "ssh_config"
        self.known_hosts = directory / "known_hosts"
        self.user_key = make_key(directory / "user_key")
        self.host_key = make_key(directory / "host_key")
        self.known_hosts.touch()
        self.servers: list[Sshd] = []
        self.write_config()

    def write_config(self, *blocks: str) -> Path:
        """Write the ssh_config: the blocks, then what all hosts share."""
        shared = (
            f"Host *\n  HostName 127.0.0.1\n  User {getpass.getuser()}\n  IdentityFile {self.user_key}\n"
            f"  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile {self.known_hosts}\n"
            f"  GlobalKnownHostsFile none\n"
        )
        self.config.write_text("\n".join((*blocks, shared)))
        return self.config

    def start(self, *options: str, host_keys: tuple[Path, ...] = (), trusted: bool = True) -> Sshd:
        """Start a server that lets the user key in, and pin its host keys."""
        directory = self.directory / f"sshd{len(self.servers)}"
        directory.mkdir()
        (directory / "authorized_keys").write_text(public(self.user_key) + "\n")
        server = Sshd(directory, host_keys or (self.host_key,), options)
        self.servers.append(server)
        if trusted:
            self.pin(server)
        return server

    def pin(self, server: Sshd) -> None:
        """Add a server's host keys to known_hosts."""
        lines = [f"[127.0.0.1]:{server.port} {public(key)}\n" for key in server.host_keys]
        self.known_hosts.write_text(self.known_hosts.read_text() + "".join(lines))

    def stop(self) -> None:
        """Stop every server."""
        for server in self.servers:
            server.stop()


def _new_site(directory: Path) -> Site:
    need("sshd", "ssh", "ssh-keygen")
    return Site(directory)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Give one test servers of its own."""
    new = _new_site(tmp_path)
    yield new
    new.stop()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two servers for a module: ``jump``, and ``app`` behind it; ``direct`` is app without the jump."""
    new = _new_site(tmp_path_factory.mktemp("pair"))
    jump, app = new.start(), new.start()
    new.write_config(
        f"Host jump\n  Port {jump.port}",
        f"Host app\n  Port {app.port}\n  ProxyJump jump",
        f"Host direct\n  Port {app.port}",
    )
    yield new
    new.stop()


@pytest.fixture
def network(pair: Site) -> Iterator[SshNetwork]:
    """Connect by the shared pair's ssh_config."""
    with SshNetwork(pair.config) as opened:
        yield opened
