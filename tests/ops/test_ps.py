"""Listing Go processes on real hosts."""

from typing import Any

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.golang.buildinfo import parse_build_info
from remotego.host.inventory import Running
from remotego.ops.ps import Listing, Planned, list_processes
from remotego.ops.upkeep import undo
from tests.lab.lab import Lab
from tests.lab.services import SERVICES
from tests.lab.vm import Vm
from tests.ops.controllers import Controller, fresh_store

LEFT = "ls -d {store} 2>/dev/null || true"


def listing(network: SshNetwork, host: str, store: str | None, *, everything: bool = False) -> Listing:
    """List a host's processes and take the agent back."""
    found = list_processes(network, host, Settings(store=store), Silence(), everything=everything, dry=False)
    undo(network, host, Settings(store=store), Silence(), dry=False)
    assert isinstance(found, Listing)
    return found


def service(lab: Lab, found: Listing, name: str, host: str = "app") -> Running:
    """One of the lab's services in a list."""
    pid = lab.pid(name, host)
    return next(one for one in found.inventory.processes if one.pid == pid)


def row(done: str, pid: int) -> list[str]:
    """The line about a process in what the verb prints, cell by cell."""
    lines = [line.split("  ") for line in done.splitlines()]
    return next(line for line in lines if line[1:2] == [str(pid)])


@pytest.mark.parametrize(
    ("flavour", "flags"),
    [
        ("debug", (False, False, False)),
        ("optimised", (True, False, False)),
        ("stripped", (True, False, True)),
        ("trimpath", (False, True, False)),
        ("old", (False, False, False)),
    ],
)
def test_services_are_told_by_their_builds(
    lab: Lab, network: SshNetwork, controller: Controller, flavour: str, flags: tuple[bool, ...]
) -> None:
    """Go version; optimised, trimpath and stripped; port; and attaching works."""
    name = f"ticker-{flavour}"
    with lab.binary(flavour).open("rb") as file:
        built_by = parse_build_info(file).go
    one = service(lab, listing(network, "app", controller.store), name)
    program, port = one.program, next(known.port for known in SERVICES["app"] if known.name == name)
    assert program is not None
    seen = (program.go, (program.optimised, program.trimpath, program.stripped), one.label)
    assert (built_by, flags, name) == seen
    assert ([port], True) == ([socket.port for socket in one.ports or ()], one.attach.can)


def test_another_users_service_is_not_attachable(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """The first cause is its user."""
    one = service(lab, listing(network, "app", controller.store, everything=True), "ticker-svc")
    assert ("svc", None, False, "uid") == (one.user, one.program, one.attach.can, one.attach.causes[0].code)


def test_other_users_are_listed_on_demand_only(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """Whose program may not be read is not known to be of Go."""
    found = listing(network, "app", controller.store)
    assert lab.pid("ticker-svc") not in [one.pid for one in found.inventory.processes]


def test_second_list_is_one_connection_and_one_execution(lab: Lab, controller: Controller) -> None:
    """A connection for each hop, and one script that finds the agent itself."""
    settings = Settings(store=controller.store)
    with SshNetwork(lab.ssh_config) as first:
        list_processes(first, "app", settings, Silence(), everything=False, dry=False)
    with SshNetwork(lab.ssh_config) as second:
        again = list_processes(second, "app", settings, Silence(), everything=False, dry=False)
        seen = (second.connections, second.executions)
        undo(second, "app", settings, Silence(), dry=False)
    assert isinstance(again, Listing)
    assert ((), "", 2, 1) == (again.changes, again.obstacle, *seen)


def test_damaged_agent_is_replaced(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """One that was cut short is noticed by its size and never run."""
    settings = Settings(store=controller.store)
    list_processes(network, "app", settings, Silence(), everything=False, dry=False)
    lab.exec("app", "sh", "-c", f"truncate -s 1000 {controller.store}/store/agent-*")
    found = listing(network, "app", controller.store)
    assert ("", 1) == (found.obstacle, len(found.changes))


def test_undo_takes_the_agent_back(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """Nothing is left of the store."""
    listing(network, "app", controller.store)
    assert "" == lab.exec("app", "sh", "-c", LEFT.format(store=controller.store))


@pytest.mark.parametrize("host", ["tiny", "hardened"])
def test_other_kinds_of_hosts_are_listed(lab: Lab, network: SshNetwork, host: str) -> None:
    """Busybox with dropbear, and a host that forbids forwarding."""
    found = listing(network, host, "~/ps-test")
    one = service(lab, found, "ticker-debug", host)
    assert ("", True) == (found.obstacle, one.attach.can)


def test_host_that_forbids_programs_is_listed_by_sh(lab: Lab, network: SshNetwork) -> None:
    """With the reason, what to do about it, and nothing left there."""
    found = listing(network, "app-noexec", "~/ps-test", everything=True)
    one = service(lab, found, "ticker-debug")
    assert (True, None, False) == ("noexec" in found.obstacle, one.program, one.attach.can)
    assert "" == lab.exec("app", "sh", "-c", LEFT.format(store="/home/noexec/ps-test"), user="root")


def test_dry_run_only_plans(lab: Lab, network: SshNetwork, controller: Controller) -> None:
    """It says that the agent would be pushed, and pushes nothing."""
    settings = Settings(store=controller.store)
    found = list_processes(network, "app", settings, Silence(), everything=False, dry=True)
    assert isinstance(found, Planned)
    left = lab.exec("app", "sh", "-c", LEFT.format(store=controller.store))
    assert ("put agent in the store", "") == (found.changes[-1].reason, left)


def test_verb_prints_a_line_each(lab: Lab, controller: Controller) -> None:
    """Host, pid, user, process, Go, module, flags, ports, attach."""
    done = controller.run("ps", "--host", "app")
    controller.run("undo", "--host", "app")
    pid = lab.pid("ticker-stripped")
    cells = row(done.stdout, pid)
    expected = ["app", str(pid), "dev", "remotego.test/ticker", "optimised,stripped", "7003", True]
    assert expected == [*cells[:3], *cells[5:8], cells[8] in ("yes", "likely")]


def test_verb_notes_why_it_sees_less(controller: Controller) -> None:
    """The table has the same columns, with question marks for what sh cannot see."""
    done = controller.run("ps", "--host", "app-noexec", "--store", "~/ps-test", "--all")
    note = done.stdout.splitlines()[-1]
    assert (0, True) == (done.exit_code, note.startswith("app-noexec: listed by plain sh"))


def test_verb_fails_by_the_host_that_failed(controller: Controller) -> None:
    """The others are listed all the same."""
    done = controller.run("ps", "--host", "app", "--host", "no-such-host.invalid", "--json")
    controller.run("undo", "--host", "app")
    hosts: list[dict[str, Any]] = done.document["hosts"]
    assert (3, ["listed", "failed"]) == (done.exit_code, [one["status"] for one in hosts])


@pytest.mark.parametrize(("scope", "expected"), [(0, []), (1, ["yama-1"]), (2, ["yama-2"])])
def test_yama_is_named(vm: Vm, scope: int, expected: list[str]) -> None:
    """On a kernel of its own: its level, and what it means for a service that allows nobody."""
    path = "/proc/sys/kernel/yama/ptrace_scope"
    before = vm.ssh("vm", f"cat {path}").strip()
    pid = int(vm.ssh("vm", "cat /run/lab/ticker-debug.pid"))
    vm.ssh("vm-root", f"echo {scope} > {path}")
    try:
        with SshNetwork(vm.ssh_config) as network:
            found = listing(network, "vm", fresh_store())
    finally:
        vm.ssh("vm-root", f"echo {before} > {path}")
    one = next(one for one in found.inventory.processes if one.pid == pid)
    seen = (found.inventory.yama, one.attach.can, [cause.code for cause in one.attach.causes])
    assert (scope, not expected, expected) == seen
