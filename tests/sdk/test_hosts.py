"""SDKs on real hosts: without a network there, with busybox alone, on bad accounts; controllers and lines that die."""

import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.core.errors import HostError, UnreachableError
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.host.faults import DiskFullError, NoInodesError, NotExecutableError, ReadOnlyError
from remotego.host.sdk.plan import NoRoomError
from remotego.host.sdk.store import Amount
from remotego.ops.fleet import each
from remotego.ops.sdk.check import verify_sdks
from remotego.ops.sdk.hosts import Delivery, InstalledSdk, Shared, Supply, install_sdk, list_sdks
from remotego.ops.upkeep import undo
from tests.faults.machine import Machine
from tests.lab.lab import Lab
from tests.ops.controllers import fresh_store
from tests.ops.test_push import await_quiet, files_of
from tests.patience import eventually
from tests.sdk.conftest import Small

VERSION = "1.26.6"
REAL = Amount(11_516, 215_329_177)
"""What go1.26.6 for linux/amd64 becomes."""

DYING = """
import os, pickle, signal, sys
from pathlib import Path
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.settings import Settings
from remotego.ops.sdk.hosts import install_sdk

class Deadly:
    def step(self, host, text): pass
    def sent(self, host, done, total): os.kill(os.getpid(), signal.SIGKILL)

config, store, file = sys.argv[1:]
delivery = pickle.loads(Path(file).read_bytes())
network = SshNetwork(Path(config))
install_sdk(
    network, "app", delivery.note.version, Settings(store=store), Deadly(), lambda _: delivery, switch=True, dry=False
)
"""


@pytest.fixture
def network(lab: Lab) -> Iterator[SshNetwork]:
    """Connections to the lab."""
    with SshNetwork(lab.ssh_config) as network:
        yield network


@pytest.fixture
def store() -> str:
    """A directory on targets that no other test knows."""
    return fresh_store()


def install(network: SshNetwork, host: str, store: str | None, supply: Supply) -> InstalledSdk:
    """Install on a host, as current."""
    return install_sdk(network, host, VERSION, Settings(store=store), Silence(), supply, switch=True, dry=False)


def unwanted(_: str) -> Delivery:
    """A supply that must not be asked."""
    raise AssertionError("nothing should be fetched")


@pytest.mark.parametrize(("host", "container", "place"), [("app", "app", "/var/tmp"), ("tiny", "tiny", "/home/dev")])
def test_host_without_a_network_takes_an_sdk(
    lab: Lab, network: SshNetwork, small: Small, host: str, container: str, place: str
) -> None:
    """app's network has no way out; tiny has nothing but busybox and dropbear. Undo leaves nothing there."""
    store = f"{place}/.{Path(fresh_store()).name}"
    before = lab.exec(container, "find", place, user="root")
    install(network, host, store, lambda _: small(VERSION))
    (found,) = verify_sdks(network, host, "current", Settings(store=store), Silence(), dry=False)
    again = install(network, host, store, unwanted)
    undo(network, host, Settings(store=store), Silence(), dry=False)
    expected = ("", f"go{VERSION} linux/amd64", (), before)
    assert expected == (found.fault, found.trial, again.changes, lab.exec(container, "find", place, user="root"))


BAD_HOMES: dict[str, type[HostError]] = {
    "full": NoRoomError,
    "noinodes": NoInodesError,
    "noexec": NotExecutableError,
    "rohome": ReadOnlyError,
}


@pytest.mark.parametrize("account", BAD_HOMES)
def test_bad_home_is_named_before_anything_is_sent(lab: Lab, network: SshNetwork, small: Small, account: str) -> None:
    """A file system too small, without inodes or without programs; nothing is left on it."""
    before = files_of(lab, account)
    roomy = replace(small(VERSION), unpacked=REAL if account == "full" else Amount(9, 9))
    with pytest.raises(BAD_HOMES[account]):
        install(network, f"app-{account}", None, lambda _: roomy)
    assert before == files_of(lab, account)


def test_disk_that_is_full_sooner_than_it_seemed_is_named(lab: Lab, network: SshNetwork, heavy: Delivery) -> None:
    """Somebody else fills it while the archive is unpacked, or the look could not tell."""
    before = files_of(lab, "full")
    with pytest.raises(DiskFullError):
        install(network, "app-full", None, lambda _: replace(heavy, unpacked=Amount(1, 1)))
    assert before == files_of(lab, "full")


def test_two_hosts_at_once_share_what_is_fetched(network: SshNetwork, small: Small, store: str) -> None:
    """Each gets its own push, all of them the same archive."""
    fetched: list[str] = []

    def fetch(goarch: str) -> Delivery:
        fetched.append(goarch)
        return small(VERSION)

    supply, names = Shared(fetch), ("app", "app-other")
    done = each(names, lambda name: install(network, name, f"{store}-{name}", supply), parallel=2)
    for name in names:
        undo(network, name, Settings(store=f"{store}-{name}"), Silence(), dry=False)
    assert (["amd64"], [None, None]) == (fetched, [one.error for one in done])


def test_second_installation_is_one_execution(lab: Lab, network: SshNetwork, small: Small, store: str) -> None:
    """One connection a hop, and one script; not a byte of the archive."""
    install(network, "app", store, lambda _: small(VERSION))
    with SshNetwork(lab.ssh_config) as fresh:
        again = install(fresh, "app", store, unwanted)
        seen = (again.changes, fresh.connections, fresh.executions)
    undo(network, "app", Settings(store=store), Silence(), dry=False)
    assert ((), 2, 1) == seen


def test_killed_controller_leaves_nothing_visible(
    lab: Lab, network: SshNetwork, heavy: Delivery, store: str, tmp_path: Path
) -> None:
    """SIGKILL in the middle of the archive: the host cleans up by itself, and the next installation works."""
    file = tmp_path / "delivery"
    file.write_bytes(pickle.dumps(heavy))
    words = [sys.executable, "-c", DYING, str(lab.ssh_config), store, str(file)]
    done = subprocess.run(words, capture_output=True, timeout=120)
    busy = await_quiet(lab, store)
    left = lab.exec("app", "sh", "-c", f"ls -A {store}/sdk 2>/dev/null || true")
    install(network, "app", store, lambda _: heavy)
    listed = list_sdks(network, "app", Settings(store=store), Silence()).ours
    undo(network, "app", Settings(store=store), Silence(), dry=False)
    assert (-signal.SIGKILL, (), "", [(VERSION, "")]) == (
        done.returncode,
        busy,
        left,
        [(one.version, one.fault) for one in listed.kept],
    )


class Cut:
    """Resets the connection when the first bytes of an archive are under way."""

    def __init__(self, machine: Machine) -> None:
        self._cut = machine.hung_up()
        self.done = False

    def step(self, host: str, text: str) -> None:
        """Ignore."""

    def sent(self, _host: str, done_bytes: int, total_bytes: int) -> None:
        """Cut, once."""
        if not self.done:
            self.done = done_bytes < total_bytes
            self._cut.__enter__()


def test_network_that_is_cut_leaves_nothing_visible(lab: Lab, heavy: Delivery, store: str) -> None:
    """The connection breaks in the middle of the archive: no SDK, no half of one, and a second attempt works."""
    settings = Settings(store=store)
    cut = Cut(Machine(lab, "frail"))
    with SshNetwork(lab.ssh_config) as network, Machine(lab, "frail-jump").slow(), pytest.raises(UnreachableError):
        install_sdk(network, "frail", VERSION, settings, cut, lambda _: heavy, switch=True, dry=False)
    gone = eventually(lambda: not lab.exec("frail", "sh", "-c", f"ls -A {store}/sdk 2>/dev/null || true"))
    with SshNetwork(lab.ssh_config) as network:
        install_sdk(network, "frail", VERSION, settings, Silence(), lambda _: heavy, switch=True, dry=False)
        (kept,) = list_sdks(network, "frail", settings, Silence()).ours.kept
        undo(network, "frail", settings, Silence(), dry=False)
    assert (True, True, "") == (cut.done, gone, kept.fault)
