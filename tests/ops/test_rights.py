"""Sessions that need a right lent: from the command line to a host that is as before, on a kernel with Yama."""

import contextlib
import os
import pty
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from select import select

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.core.transport import Script
from tests.journeys.dap.client import DapClient
from tests.lab.vm import Vm
from tests.ops.controllers import REMOTEGO, Child, Controller, finished, fresh_store, next_event, running
from tests.ops.editors import CONFIGURATION, Ready
from tests.ops.tracees import LISTING, PROGRAM, SCOPE, START
from tests.patience import eventually

PASSWORD = b"a word of the lab"
SEARCH = """\
umask 077; printf '%s\\n' '{secret}' >/root/secret
grep -lsaFf /root/secret /proc/[0-9]*/cmdline /proc/[0-9]*/environ
grep -rlsaFf /root/secret /var /tmp /run /dev/shm
rm -f /root/secret
"""
"""Where a password is: command lines, environments, files. Grep reads it from a file, to be none of them."""

TERMINAL_S = 90.0


class Stage:
    """A machine whose Yama is at 1, and a developer; what it is like is told by root."""

    def __init__(self, vm: Vm, network: SshNetwork, folder: Path) -> None:
        self.controller = Controller(vm, folder, fresh_store())
        self._root = network.reach("vm-root")
        self.root = self._root.__enter__()
        self.started: list[int] = []

    def do(self, command: str) -> str:
        """What root gets for a command."""
        return self.root.run(Script(command)).stdout.decode().strip()

    def start(self, user: str, more: str = "") -> int:
        """One more process."""
        pid = int(self.do(START.format(user=user, more=more, program=PROGRAM)).split()[0])
        self.started.append(pid)
        return pid

    def close(self) -> None:
        """Leave nothing."""
        self.do(f"echo 1 >{SCOPE}; kill -KILL {' '.join(map(str, self.started))}")
        self._root.__exit__(None, None, None)

    @property
    def level(self) -> str:
        """Yama's."""
        return self.do(f"cat {SCOPE}")

    def tracer(self, pid: int) -> str:
        """Who traces it; 0 for nobody."""
        return self.do(f"sed -n 's/^TracerPid:.//p' /proc/{pid}/status")

    def listing(self, *, without: str | None = None) -> list[str]:
        """What the machine is like, but for files of a store."""
        return [row for row in self.do(LISTING).splitlines() if without is None or without not in row]

    def settled(self, before: list[str], *, without: str | None) -> list[str]:
        """What it is like once it had a bounded time to become as before."""
        eventually(lambda: self.listing(without=without) == before)
        return self.listing(without=without)

    @contextlib.contextmanager
    def debugging(self, pid: int, *words: str, alias: str = "vm") -> Iterator[tuple[Child, Ready]]:
        """A session that is up."""
        flags = ("--host", alias, "--pid", str(pid), "--local-port", "0", "--json", *words)
        with running(self.controller.start("debug", *flags)) as child:
            yield child, next_event(child, 120.0)


@pytest.fixture(scope="module")
def network(vm: Vm) -> Iterator[SshNetwork]:
    """Connections to the machine."""
    with SshNetwork(vm.ssh_config) as network:
        yield network


@pytest.fixture
def stage(vm: Vm, network: SshNetwork, tmp_path: Path) -> Iterator[Stage]:
    """The machine with Yama at 1, and a store that holds what a session needs already."""
    stage = Stage(vm, network, tmp_path)
    stage.do(f"echo 1 >{SCOPE}")
    yield stage
    stage.controller.run("undo", "--host", "vm")
    stage.close()


def ended(child: Child, number: signal.Signals = signal.SIGINT) -> int:
    """End a session from here; its exit code."""
    child.send_signal(number)
    return finished(child, 120.0).exit_code


def test_service_of_another_user(stage: Stage) -> None:
    """An editor debugs it over a socket that is that user's alone; undo leads to what was kept as that user."""
    stage.do(f"echo 0 >{SCOPE}")
    pid, before = stage.start("svc"), stage.listing()
    with stage.debugging(pid) as (child, ready), DapClient() as editor:
        editor.attach(ready["port"], CONFIGURATION, {})
        owner = stage.do(f"stat -c '%U %a' {ready['directory']} {ready['directory']}/session.sock").splitlines()
        code = ended(child)
    undone = stage.controller.run("undo", "--host", "vm").exit_code
    assert (["svc 700", "svc 600"], 0, 0, "0", before) == (owner, code, undone, stage.tracer(pid), stage.listing())


def test_copies_with_capabilities_end_with_the_session(stage: Stage) -> None:
    """Root's, for the login's group alone; removed even when the controller is killed."""
    pid = stage.start("dev")
    store = stage.controller.store
    stage.controller.run("ps", "--host", "vm")
    before = stage.listing(without=store)
    with stage.debugging(pid, "--yes", "--lease", "3s") as (child, _):
        modes = stage.do("stat -c '%U:%G %a' /usr/local/lib/remotego/*/ /usr/local/lib/remotego/*/dlv").splitlines()
        os.killpg(child.pid, signal.SIGKILL)
    left = stage.settled(before, without=store)
    rights = stage.do(f"grep -l RemovePrivileged {store}/journal/*.json")
    assert (["root:dev 750"] * 2, before, "", "0") == (modes, left, rights, stage.tracer(pid))


def test_the_last_of_two_sessions_restores_the_level(stage: Stage) -> None:
    """The first to end leaves it for the other."""
    first, second = stage.start("dev"), stage.start("dev")
    words = ("--ptrace", "sysctl", "--yes")
    with stage.debugging(first, *words) as (one, _):
        state_of_first = stage.level
        stage.do(f"echo 1 >{SCOPE}")  # else the second would need nothing
        with stage.debugging(second, *words) as (two, _):
            codes = [ended(one)]
            between = stage.level
            codes.append(ended(two))
    assert ("0", [0, 0], "0", "1") == (state_of_first, codes, between, stage.level)


def test_undo_does_what_a_killed_custodian_could_not(stage: Stage) -> None:
    """The journal has had it since before root did anything."""
    pid = stage.start("dev")
    with stage.debugging(pid, "--ptrace", "sysctl", "--yes") as (child, _):
        stage.do("kill -KILL $(cut -d' ' -f1 /run/remotego-ptrace/session-*)")
        code = ended(child)
        left = stage.level
    undone = stage.controller.run("undo", "--host", "vm")
    after = (stage.level, stage.do("ls -d /run/remotego-ptrace 2>/dev/null"))
    assert (7, "0", 0, ("1", "")) == (code, left, undone.exit_code, after), undone.stderr


def test_without_a_terminal_root_is_not_asked_for_anything(stage: Stage) -> None:
    """The error says what would be done and how to say yes; the host is as before."""
    pid, before = stage.start("dev"), stage.listing()
    done = stage.controller.run("debug", "--host", "vm", "--pid", str(pid), "--local-port", "0")
    assert (2, True, True, before) == (
        done.exit_code,
        "cap_sys_ptrace" in done.stderr,
        "--yes" in done.stderr,
        stage.listing(),
    )


def test_level_two_wants_a_word(stage: Stage) -> None:
    """A key is not enough to open what an administrator has closed."""
    stage.do(f"echo 2 >{SCOPE}")
    pid = stage.start("dev")
    words = ("debug", "--host", "vm", "--pid", str(pid), "--local-port", "0", "--ptrace", "sysctl")
    code = on_terminal(stage.controller, words, {b"type lower": b"y\n"})
    assert (4, "2") == (code, stage.level)


def test_sudo_with_a_password(stage: Stage) -> None:
    """It is asked for on the terminal, and is in no command line, environment, journal or log of the host."""
    pid = stage.start("asked")
    words = ("debug", "--host", "vm-asked", "--pid", str(pid), "--local-port", "0", "--ptrace", "sysctl", "--yes")
    found: list[str] = []

    def look() -> None:
        found.append(stage.do(SEARCH.format(secret=PASSWORD.decode())))
        found.append(stage.level)

    code = on_terminal(stage.controller, words, {b"for sudo: ": PASSWORD + b"\n", b"Ctrl-C": look})
    stage.controller.run("undo", "--host", "vm-asked")
    assert (0, ["", "0"], "1") == (code, found, stage.level)


def test_wrong_password_ends_it_before_anything_is_done(stage: Stage) -> None:
    """One attempt, no lockout, and the session's bytes are never taken for more of them."""
    pid, before = stage.start("asked"), stage.level
    words = ("debug", "--host", "vm-asked", "--pid", str(pid), "--local-port", "0", "--ptrace", "sysctl", "--yes")
    code = on_terminal(stage.controller, words, {b"for sudo: ": b"something else\n"})
    assert (4, before) == (code, stage.level)


def test_persistent_level_stays_until_undo(stage: Stage) -> None:
    """The file says what it was, and undo puts that back."""
    pid, before = stage.start("dev"), stage.listing()
    with stage.debugging(pid, "--persist", "--yes") as (child, _):
        code = ended(child)
    kept = (stage.level, stage.do("cat /etc/sysctl.d/99-remotego-ptrace.conf | tail -1"))
    undone = stage.controller.run("undo", "--host", "vm").exit_code
    assert (0, ("0", "kernel.yama.ptrace_scope = 0"), 0, before) == (code, kept, undone, stage.listing())


def on_terminal(controller: Controller, words: tuple[str, ...], answers: dict[bytes, object]) -> int:
    """Run a command on a terminal; each text that is shown is answered by bytes, a call and then Ctrl-C, or nothing."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(controller.folder)
        os.execve(REMOTEGO[0], [*REMOTEGO, *words], controller.env)
    shown, waiting = b"", [(text, answer) for text, answer in answers.items() if text]
    deadline_s = time.monotonic() + TERMINAL_S
    with contextlib.suppress(OSError):  # a terminal whose other end has gone
        while time.monotonic() < deadline_s:
            if select([terminal], [], [], 0.5)[0]:
                shown += os.read(terminal, 1 << 16)
            if waiting and waiting[0][0] in shown:
                answer = waiting.pop(0)[1]
                if isinstance(answer, bytes):
                    os.write(terminal, answer)
                elif callable(answer):
                    answer()
                    os.write(terminal, b"\x03")
    assert not waiting, shown.decode(errors="replace")
    assert PASSWORD not in shown
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
