"""Sessions on a kernel of its own: Debian's, which has Yama."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.dap.client import DapClient
from tests.lab.vm import Vm
from tests.ops.controllers import Controller, finished, fresh_store
from tests.ops.editors import CONFIGURATION, debugging_at
from tests.patience import eventually

SCOPE = "/proc/sys/kernel/yama/ptrace_scope"


@pytest.fixture
def pid(vm: Vm) -> int:
    """The service of the machine, which does not ask to be traced."""
    return int(vm.ssh("vm", "cat /run/lab/ticker-debug.pid"))


@pytest.fixture
def controller(vm: Vm, tmp_path: Path) -> Iterator[Controller]:
    """A developer's machine; what it puts on the target and the kernel's setting are taken back."""
    before = vm.ssh("vm", f"cat {SCOPE}").strip()
    controller = Controller(vm, tmp_path, fresh_store())
    yield controller
    vm.ssh("vm-root", f"echo {before} > {SCOPE}")
    controller.run("undo", "--host", "vm")


def tracer(vm: Vm, pid: int) -> str:
    """The pid of whoever traces the service; 0 for nobody."""
    return vm.ssh("vm", f"sed -n 's/^TracerPid:.//p' /proc/{pid}/status").strip()


def ticks(vm: Vm, pid: int) -> bool:
    """Whether the service counts on."""
    counter = f"cat /run/ticker/{pid}.json"
    first = vm.ssh("vm", counter)
    return eventually(lambda: vm.ssh("vm", counter) != first)


@pytest.mark.parametrize("scope", [1, 2])
def test_yama_is_named(vm: Vm, controller: Controller, pid: int, scope: int) -> None:
    """Where the kernel forbids attaching, the error says which setting it is, and nothing is put on the host."""
    vm.ssh("vm-root", f"echo {scope} > {SCOPE}")
    done = controller.run("debug", "--host", "vm", "--pid", str(pid), "--local-port", "0", "--ptrace", "none")
    left = vm.ssh("vm", f"ls -d {controller.store} 2>/dev/null || true")
    assert (4, True, "", "0") == (done.exit_code, f"ptrace_scope is {scope}" in done.stderr, left, tracer(vm, pid))


def test_session_with_an_editor_that_watches(vm: Vm, controller: Controller, pid: int) -> None:
    """The clients of dlv are told from its leftovers by this kernel too, so a session ends in the safe order."""
    vm.ssh("vm-root", f"echo 0 > {SCOPE}")
    with debugging_at(controller, "vm", pid) as (child, ready), DapClient() as editor:
        editor.attach(ready["port"], CONFIGURATION, {})
        clients = vm.ssh("vm", f"grep -F {controller.store} /proc/net/unix | grep ' 0001 03 '").split()
        child.send_signal(signal.SIGINT)
        done = finished(child)
    assert ("00000003", 0, "0", True) == (clients[1], done.exit_code, tracer(vm, pid), ticks(vm, pid)), done.stderr
