"""Masters of the user's own ssh: strict whatever the configuration says, and gone when we are."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from remotego.adapters.multiplex.network import NoSshError, OpensshNetwork
from remotego.adapters.networks import Networks
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.errors import UnreachableError
from remotego.core.transport import Script
from tests.adapters.conftest import Site
from tests.adapters.contract.test_login import certify
from tests.adapters.sshd import established, make_key, public, wait_until

PASSPHRASE = "correct horse"
ON_TERMINAL = """\
import fcntl, pathlib, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from remotego.adapters.multiplex.network import OpensshNetwork
from remotego.core.transport import Script
with OpensshNetwork(pathlib.Path(sys.argv[1])) as network, network.reach("host") as target:
    print(network._place.directory, flush=True)
    try:
        target.open(Script("echo up; read never")).answer(60)
    except KeyboardInterrupt:
        print(target.run(Script("echo cleaned up")).stdout.decode(), flush=True)
"""
HOSTILE = """\
  StrictHostKeyChecking no
  LogLevel QUIET
  ForwardAgent yes
  ForwardX11 yes
  ControlMaster auto
  ControlPath {directory}/shared
  ControlPersist yes
  PermitLocalCommand yes
  LocalCommand touch {directory}/canary
  RemoteCommand touch {directory}/canary
  RequestTTY force
  LocalForward {directory}/local /nowhere
  RemoteForward {directory}/remote /nowhere
"""


def _greet(site: Site, name: str = "host") -> bytes:
    with OpensshNetwork(site.config) as network, network.reach(name) as target:
        return target.run(Script("echo hi")).stdout


def _processes(directory: str) -> list[str]:
    found = subprocess.run(("pgrep", "-f", directory), capture_output=True, text=True, check=False)
    return found.stdout.split()


def test_nothing_in_the_configuration_weakens_it(site: Site) -> None:
    """Options that would share, forward, run or hide something are overruled on every hop."""
    jump, app = site.start(), site.start()
    hostile = HOSTILE.format(directory=site.directory)
    site.write_config(
        f"Host jump\n  Port {jump.port}", f"Host app\n  Port {app.port}\n  ProxyJump jump", f"Host *\n{hostile}"
    )
    assert b"hi\n" == _greet(site, "app")
    left = {path.name for path in site.directory.iterdir()}
    assert set() == left & {"shared", "canary", "local", "remote"}


def test_leaving_ends_every_ssh_and_removes_the_directory(pair: Site) -> None:
    """Processes, sockets and their directory are gone, and the servers see the connections close."""
    with OpensshNetwork(pair.config) as network:
        with network.reach("app") as target:
            target.run(Script("true"))
        directory = str(network._place.directory) if network._place else ""
        assert 0o700 == Path(directory).stat().st_mode & 0o777
        assert _processes(directory)
    assert ([], False) == (_processes(directory), Path(directory).exists())
    for server in pair.servers:
        wait_until(lambda port=server.port: established(port) == 0, "connections close")  # type: ignore[misc]


def test_killed_controller_leaves_nothing(pair: Site) -> None:
    """SIGKILL leaves us no time; the warden ends the masters and removes their directory."""
    code = (
        "import pathlib, sys\n"
        "from remotego.adapters.multiplex.network import OpensshNetwork\n"
        "network = OpensshNetwork(pathlib.Path(sys.argv[1]))\n"
        "network.reach('app').__enter__()\n"
        "print(network._place.directory, flush=True)\n"
        "sys.stdin.read()\n"
    )
    argv = (sys.executable, "-c", code, str(pair.config))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as controller:
        assert controller.stdout is not None
        directory = controller.stdout.readline().strip()
        assert _processes(directory)
        controller.kill()
    wait_until(lambda: not _processes(directory) and not Path(directory).exists(), "all of it goes")


def test_leaving_while_somebody_still_signs_in_leaves_nothing(site: Site) -> None:
    """A server that says nothing holds a thread up; the network is closed meanwhile, as after Ctrl-C."""
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as pool:
        site.write_config(f"Host host\n  Port {silent.getsockname()[1]}")
        network = OpensshNetwork(site.config)
        attempt = pool.submit(network.reach("host").__enter__)
        client, _ = silent.accept()
        directory = str(network._place.directory) if network._place else ""
        network.close()
        assert isinstance(attempt.exception(20), UnreachableError)
        client.close()
    assert ([], False) == (_processes(directory), Path(directory).exists())


@contextmanager
def _on_terminal(config: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a controller that has a terminal; give it and the other end of the terminal."""
    ours, theirs = os.openpty()
    controller = subprocess.Popen(
        (sys.executable, "-c", ON_TERMINAL, str(config)),
        stdin=theirs,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield controller, ours
    finally:
        controller.kill()
        controller.communicate()
        os.close(ours)


def _await(terminal: int, text: bytes) -> None:
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 1024)


def test_ssh_asks_on_the_terminal_and_outlives_ctrl_c(site: Site) -> None:
    """The passphrase is typed to ssh itself; Ctrl-C is for us, and what we clean up still goes through."""
    locked = make_key(site.directory / "locked", passphrase=PASSPHRASE)
    server = site.start()
    (server.directory / "authorized_keys").write_text(public(locked))
    site.write_config(f"Host host\n  Port {server.port}\n  IdentityFile {locked}")
    with _on_terminal(site.config) as (controller, terminal):
        assert controller.stdout is not None
        _await(terminal, b"passphrase for key")
        os.write(terminal, b"wrong\n")
        _await(terminal, b"passphrase for key")
        os.write(terminal, PASSPHRASE.encode() + b"\n")
        directory = controller.stdout.readline().strip()
        os.write(terminal, b"\x03")
        assert "cleaned up\n" == controller.stdout.readline()
        assert 0 == controller.wait(20)
    assert ([], False) == (_processes(directory), Path(directory).exists())


def test_host_certificate_is_checked_by_ssh(site: Site) -> None:
    """A host known by its authority alone is trusted when its certificate is good for its name."""
    authority = make_key(site.directory / "authority")
    certificate = certify(authority, site.host_key, "-h", "-n", "127.0.0.1")
    server = site.start(f"HostCertificate {certificate}", trusted=False)
    site.known_hosts.write_text(f"@cert-authority * {public(authority)}\n")
    site.write_config(f"Host host\n  Port {server.port}")
    assert b"hi\n" == _greet(site)


def test_long_temporary_directory_is_avoided(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path of a socket has room for 107 bytes only."""
    server = site.start()
    site.write_config(f"Host host\n  Port {server.port}")
    deep = site.directory / ("d" * 120)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert b"hi\n" == _greet(site)


def test_killed_master_is_replaced(pair: Site) -> None:
    """A jump host whose ssh was killed is connected anew for the next target behind it."""
    with OpensshNetwork(pair.config) as network:
        with network.reach("jump") as jump:
            jump.run(Script("true"))
        [master] = network._routes.opened()
        [pid] = _processes(f"S {master.control}")
        os.kill(int(pid), signal.SIGKILL)
        wait_until(lambda: not master.is_connected, "the master ends")
        with network.reach("app") as target:
            assert b"hi\n" == target.run(Script("echo hi")).stdout
        assert 3 == network.connections


def test_missing_ssh_is_named(pair: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program there is a word about the other transport."""
    monkeypatch.setenv("PATH", str(pair.directory / "nowhere"))
    with OpensshNetwork(pair.config) as network, pytest.raises(NoSshError) as caught, network.reach("app"):
        pass
    assert "fabric" in caught.value.advice


def test_each_target_is_reached_by_the_transport_of_its_settings(pair: Site) -> None:
    """One run may need both; each network is made when it is first needed, once."""
    fabric, openssh = SshNetwork(pair.config), OpensshNetwork(pair.config)
    chosen = {"jump": "fabric", "direct": "openssh"}
    networks = Networks(chosen.__getitem__, {"fabric": lambda: fabric, "openssh": lambda: openssh})
    for name in ("jump", "direct", "direct"):
        with networks.reach(name) as target:
            assert name.encode() + b"\n" == target.run(Script(f"echo {name}")).stdout
    networks.close()
    assert ((1, 1), (1, 2)) == ((fabric.connections, fabric.executions), (openssh.connections, openssh.executions))
