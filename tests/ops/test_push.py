"""Putting dlv on real hosts: every bad account by its name, many controllers, controllers that die."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import NoShellError
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.errors import HostError
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.host.faults import DiskFullError, NoInodesError, NotExecutableError, NotWritableError, ReadOnlyError
from remotego.host.survey import NoHomeError
from remotego.ops.deploy import Deployed, deploy_dlv
from remotego.ops.upkeep import undo
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, finished
from tests.ops.debuggee import Debuggee
from tests.patience import eventually

CONTROLLERS = 6
BAD_HOMES: dict[str, type[HostError]] = {
    "full": DiskFullError,
    "noinodes": NoInodesError,
    "rohome": ReadOnlyError,
    "noexec": NotExecutableError,
    "nohome": NoHomeError,
}
NO_SHELLS = ("nologin", "rbash")

TRAP = """
umask 0; mkdir -p {store}/store {store}/journal {store}/sessions/0badf00d; cp {path} {store}/store/
echo '{{"by":"x","reason":"x","undo":[{{"kind":"RemoveFile","path":"/run/ticker/x"}}]}}' >{store}/journal/1-ab-0.json
chmod -R 777 {store}
"""

DYING = """
import os, signal, sys
from pathlib import Path
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.settings import Settings
from remotego.ops.deploy import deploy_dlv

class Deadly:
    def step(self, host, text): pass
    def sent(self, host, done, total): os.kill(os.getpid(), signal.SIGKILL)

config, host, store = sys.argv[1:]
deploy_dlv(SshNetwork(Path(config)), host, Settings(store=store), Deadly(), dry=False)
"""


def deploy(network: SshNetwork, host: str, store: str | None = None) -> Deployed:
    """Put dlv on a host."""
    return deploy_dlv(network, host, Settings(store=store), Silence(), dry=False)


def sha256_of(deployed: Deployed) -> str:
    """Which bytes were deployed."""
    assert deployed.dlv.artifact is not None
    return deployed.dlv.artifact.sha256


def files_of(lab: Lab, account: str) -> str:
    """All files of an account, wherever they are, with size and mode."""
    look = ["find", "/home", "/var/tmp", "/tmp", "/run", "-xdev", "-user", account, "-printf", "%p %s %m\\n"]
    homes = ["find", f"/home/{account}", "-printf", "%p %s %m\\n"]
    there = lab.exec("app", "sh", "-c", f"test -d /home/{account} && echo yes || true")
    return lab.exec("app", *look, user="root") + (lab.exec("app", *homes, user="root") if there else "")


def await_quiet(lab: Lab, store: str) -> tuple[str, ...]:
    """Wait a bounded time until no process of app mentions a store; those that do at the end."""
    debuggee = Debuggee(lab, 0, store)
    eventually(lambda: not debuggee.left())
    return debuggee.left()


@pytest.mark.parametrize("account", BAD_HOMES)
def test_bad_home_is_named_and_left_as_it_was(lab: Lab, network: SshNetwork, account: str) -> None:
    """Each way a home can fail has its own error, and nothing is left in it."""
    before = files_of(lab, account)
    with pytest.raises(HostError) as caught:
        deploy(network, f"app-{account}")
    assert (BAD_HOMES[account], before) == (type(caught.value), files_of(lab, account))


@pytest.mark.parametrize("account", BAD_HOMES)
def test_remedy_for_a_bad_home_works(network: SshNetwork, lab: Lab, account: str, controller: Controller) -> None:
    """The directory that the errors suggest does take dlv, and gives everything back."""
    before = files_of(lab, account)
    deployed = deploy(network, f"app-{account}", controller.store)
    undo(network, f"app-{account}", Settings(store=controller.store), Silence(), dry=False)
    assert (True, before) == ("Delve Debugger" in deployed.said, files_of(lab, account))


@pytest.mark.parametrize("account", NO_SHELLS)
def test_account_without_a_shell_is_named(lab: Lab, network: SshNetwork, account: str) -> None:
    """nologin and the restricted shell run no script; the error names the account and what it said."""
    before = files_of(lab, account)
    with pytest.raises(NoShellError) as caught:
        deploy(network, f"app-{account}")
    assert (account, before) == (caught.value.account, files_of(lab, account))


def test_store_of_somebody_else_is_named(network: SshNetwork) -> None:
    """A directory the login may not write."""
    with pytest.raises(NotWritableError):
        deploy(network, "app", "/opt/remotego")


def test_two_hosts_cost_a_connection_a_hop_and_two_executions_each(network: SshNetwork, controller: Controller) -> None:
    """A first deployment asks once and pushes once; a jump host on the way is connected once."""
    deploy(network, "app", controller.store)
    deploy(network, "app-other", f"{controller.store}-other")
    seen = (network.connections, network.executions)
    for host, store in (("app", controller.store), ("app-other", f"{controller.store}-other")):
        undo(network, host, Settings(store=store), Silence(), dry=False)
    assert (3, 4) == seen


def test_second_deployment_is_one_connection_and_one_execution(lab: Lab, controller: Controller) -> None:
    """A warm deployment through a jump host: a connection for each hop, and one script."""
    with SshNetwork(lab.ssh_config) as first:
        deploy(first, "app", controller.store)
    with SshNetwork(lab.ssh_config) as second:
        again = deploy(second, "app", controller.store)
        seen = ((), 2, 1) == (again.changes, second.connections, second.executions)
        undo(second, "app", Settings(store=controller.store), Silence(), dry=False)
    assert seen


def test_damaged_dlv_is_repaired(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """A dlv that was cut short is noticed by its size and replaced."""
    path = deploy(network, "app", controller.store).dlv.path
    assert path is not None
    lab.exec("app", "truncate", "-s", "1000", path)
    deployed = deploy(network, "app", controller.store)
    found = lab.exec("app", "sha256sum", path).split()[0]
    undo(network, "app", Settings(store=controller.store), Silence(), dry=False)
    assert sha256_of(deployed) == found


def test_tiny_host_takes_dlv(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """busybox and dropbear, without SFTP, are enough; undo leaves nothing there either."""
    store = "~/.rg-tiny"
    before = lab.exec("tiny", "find", "/home/dev")
    deployed = deploy(network, "tiny", store)
    undo(network, "tiny", Settings(store=store), Silence(), dry=False)
    assert (True, before) == ("Delve Debugger" in deployed.said, lab.exec("tiny", "find", "/home/dev"))


def test_six_controllers_at_once(lab: Lab, tmp_path_factory: pytest.TempPathFactory, controller: Controller) -> None:
    """Processes that push the same dlv at the same time all succeed; one of them takes everything back."""
    machines = [Controller(lab, tmp_path_factory.mktemp("machine"), controller.store) for _ in range(CONTROLLERS)]
    children = [machine.start("deploy-dlv", "--host", "app", "--json") for machine in machines]
    ends = [finished(child, 240) for child in children]
    dlv = ends[0].document["hosts"][0]["dlv"]
    found = lab.exec("app", "sha256sum", dlv["path"]).split()[0]
    names = lab.exec("app", "ls", "-A", f"{controller.store}/store").split()
    undone = controller.run("undo", "--host", "app")
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert ([0] * CONTROLLERS, dlv["sha256"], 1, 0, "") == (
        [end.exit_code for end in ends],
        found,
        len(names),
        undone.exit_code,
        left,
    ), [end.stderr for end in ends]


def test_controller_killed_in_an_upload_leaves_nothing_to_undo_by_hand(lab: Lab, controller: Controller) -> None:
    """SIGKILL of the controller while it sends: the target cleans up by itself, and undo finds a whole journal."""
    assert controller.store is not None
    arguments = [str(lab.ssh_config), "app", controller.store]
    done = subprocess.run([sys.executable, "-c", DYING, *arguments], capture_output=True, timeout=240)
    busy = await_quiet(lab, controller.store)
    undone = controller.run("undo", "--host", "app")
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert (-signal.SIGKILL, (), 0, "") == (done.returncode, busy, undone.exit_code, left)


def test_deployment_after_a_killed_one(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """The next deployment does not mind what a killed one left."""
    assert controller.store is not None
    arguments = [str(lab.ssh_config), "app", controller.store]
    subprocess.run([sys.executable, "-c", DYING, *arguments], capture_output=True, timeout=240)
    deployed = deploy(network, "app", controller.store)
    found = lab.exec("app", "sha256sum", str(deployed.dlv.path)).split()[0]
    undo(network, "app", Settings(store=controller.store), Silence(), dry=False)
    assert sha256_of(deployed) == found


def test_dry_run_touches_nothing(lab: Lab, controller: Controller) -> None:
    """--dry tells the plan and leaves the host alone."""
    done = controller.run("deploy-dlv", "--host", "app", "--dry", "--json")
    left = lab.exec("app", "sh", "-c", f"ls -d {controller.store} 2>/dev/null || true")
    assert ("planned", 0, "") == (done.document["hosts"][0]["status"], done.exit_code, left)


def test_dry_run_builds_nothing(lab: Lab, controller: Controller, tmp_path: Path) -> None:
    """With an empty cache --dry plans to build and to push, and compiles nothing."""
    cache = tmp_path / "cache"
    done = controller.run("deploy-dlv", "--host", "app", "--dry", "--json", XDG_CACHE_HOME=str(cache))
    (host,) = done.document["hosts"]
    planned = [act for change in host["changes"] for act in change["do"]][-2:]
    expected = ("planned", None, ["build dlv 1.27.1 for linux/amd64", "push it to the store"], False)
    assert expected == (host["status"], host["dlv"]["sha256"], planned, any(cache.rglob("blobs")))


@pytest.fixture
def trap(lab: Lab, network: SshNetwork, controller: Controller) -> Iterator[str]:
    """A store that another account has prepared: dlv by its right name and size, an entry, a session, all writable."""
    store = f"{controller.store}-trap"
    path = deploy(network, "app", controller.store).dlv.path
    lab.exec("app", "sh", "-c", f"chmod -R a+rX {controller.store}")
    lab.exec("app", "sh", "-ec", TRAP.format(store=store, path=path), user="other")
    undo(network, "app", Settings(store=controller.store), Silence(), dry=False)
    yield store
    lab.exec("app", "rm", "-rf", store, user="root")


@pytest.mark.parametrize(
    "verb", [("deploy-dlv",), ("debug", "--process", "ticker-debug"), ("undo",), ("sessions",), ("stop",)]
)
def test_store_that_somebody_else_prepared_is_refused(
    lab: Lab, controller: Controller, trap: str, verb: tuple[str, ...]
) -> None:
    """Nothing in it is run or believed: every verb ends with exit code 4 and the name of the place."""
    before = lab.exec("app", "find", trap, "-ls", user="root")
    done = controller.run(*verb, "--host", "app", "--store", trap)
    after = lab.exec("app", "find", trap, "-ls", user="root")
    assert (4, True, before) == (done.exit_code, f"{trap} belongs to uid" in done.stdout + done.stderr, after), done
