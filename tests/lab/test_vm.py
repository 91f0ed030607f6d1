"""The virtual machine boots to sshd and has a kernel of its own."""

from tests.lab.vm import Vm

PTRACE_SCOPE = "/proc/sys/kernel/yama/ptrace_scope"


def test_vm_answers(vm: Vm) -> None:
    """It lets dev in."""
    assert "dev\n" == vm.ssh("vm", "id -un")


def test_vm_runs_the_cloud_kernel(vm: Vm) -> None:
    """Its kernel is Debian's, not that of this machine."""
    assert vm.ssh("vm", "uname -r").endswith("-cloud-amd64\n")


def test_vm_has_yama(vm: Vm) -> None:
    """The ptrace_scope setting is there, between 0 and 3."""
    assert vm.ssh("vm", f"cat {PTRACE_SCOPE}").strip() in {"0", "1", "2", "3"}


def test_root_of_the_vm_sets_ptrace_scope(vm: Vm) -> None:
    """A test can change the setting as root, and change it back."""
    before = vm.ssh("vm", f"cat {PTRACE_SCOPE}")
    vm.ssh("vm-root", f"echo 2 > {PTRACE_SCOPE}")
    changed = vm.ssh("vm", f"cat {PTRACE_SCOPE}")
    vm.ssh("vm-root", f"echo {before.strip()} > {PTRACE_SCOPE}")
    assert "2\n" == changed


def test_ticker_of_the_vm_runs(vm: Vm) -> None:
    """The debug ticker, which does not ask to be traced there, shows its state."""
    assert '"Name":"ticker-debug"' in vm.ssh("vm", "cat /run/ticker/$(cat /run/lab/ticker-debug.pid).json")
