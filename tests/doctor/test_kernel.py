"""A kernel that forbids tracing: Debian's, which has Yama."""

from pathlib import Path

from tests.doctor.test_here import findings
from tests.lab.vm import Vm
from tests.ops.controllers import Controller
from tests.ops.test_yama import SCOPE


def test_the_level_of_yama_is_named(vm: Vm, tree: str, tmp_path: Path) -> None:
    """With a policy that gets past it; nobody has named a process."""
    before = vm.ssh("vm", f"cat {SCOPE}").strip()
    vm.ssh("vm-root", f"echo 1 > {SCOPE}")
    try:
        done = Controller(vm, tmp_path, None, None, {"GOPROXY": tree}).run("doctor", "--host", "vm", "--json")
    finally:
        vm.ssh("vm-root", f"echo {before} > {SCOPE}")
    ((found, evidence),) = findings(done.document, "attach-ptrace")
    assert ("warning", True) == (found, "ptrace_scope 1" in evidence), evidence
