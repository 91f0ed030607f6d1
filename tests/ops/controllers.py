"""Controllers: remotego as processes of their own, started on the lab."""

import contextlib
import ctypes
import json
import os
import pty
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from typing import Any

from tests.lab.lab import Lab
from tests.lab.process import await_end
from tests.lab.vm import Vm
from tests.patience import eventually

VERB_LIMIT_S = 240.0
EVENT_LIMIT_S = 60.0
END_LIMIT_S = 60.0
DUMP_LIMIT_S = 10.0

REMOTEGO = (sys.executable, "-m", "remotego")

Child = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.stdout)


@dataclass(frozen=True, slots=True)
class Controller:
    """A developer's machine with a directory of its own, where remotego knows the ssh_config of a lab, or ``config``.

    ``variables`` are more of its environment.
    """

    lab: Lab | Vm
    folder: Path
    store: str | None = None
    config: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """The environment of its commands."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("REMOTEGO_")}
        store = {} if self.store is None else {"REMOTEGO_STORE": self.store}
        config = str(self.config or self.lab.ssh_config)
        own = {"XDG_CONFIG_HOME": str(self.folder), "REMOTEGO_SSH_CONFIG": config, **self.variables}
        return clean | {"PYTHONFAULTHANDLER": "1"} | store | own

    def start(self, *words: str, **env: str) -> Child:
        """Start a command in a session of its own, with variables of its environment replaced."""
        return subprocess.Popen(
            [*REMOTEGO, *words],
            cwd=self.folder,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run_until_terminal_closes(self, until: bytes, *words: str) -> int:
        """Run a command on a terminal that is closed as soon as it shows ``until``; its exit code."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(REMOTEGO[0], [*REMOTEGO, *words], self.env)
        try:
            _await_text(terminal, until)
        finally:
            os.close(terminal)
            if not await_end(pid, END_LIMIT_S):
                os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def run(self, *words: str, **env: str) -> Done:
        """Run a command to its end, with variables of its environment replaced."""
        with running(self.start(*words, **env)) as child:
            return finished(child, VERB_LIMIT_S)


def fresh_store() -> str:
    """A directory of a target that no other test knows."""
    return f"/var/tmp/rg-{secrets.token_hex(4)}"


def finished(child: Child, limit_s: float = END_LIMIT_S) -> Done:
    """Wait for the end of a command; an AssertionError with where its threads are when that does not come."""
    try:
        stdout, stderr = child.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        done = aborted(child)
        raise AssertionError(f"no end within {limit_s} s: {done.stdout}\n{done.stderr}") from None
    return Done(child.returncode, stdout.decode(), stderr.decode())


def aborted(child: Child) -> Done:
    """End a command at once; by PYTHONFAULTHANDLER its last words are the stacks of all its threads."""
    child.send_signal(signal.SIGABRT)
    try:
        stdout, stderr = child.communicate(timeout=DUMP_LIMIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        stdout, stderr = child.communicate()
    return Done(child.returncode, stdout.decode(), stderr.decode())


def signal_beside(child: Child, number: signal.Signals) -> None:
    """Send a command a signal that interrupts no wait of its main thread, as one that comes just before it does.

    The main thread is waited for, and another one is sent the signal.
    """
    threads = [int(path.name) for path in Path(f"/proc/{child.pid}/task").iterdir()]
    beside = next(thread for thread in threads if thread != child.pid)
    status = Path(f"/proc/{child.pid}/task/{child.pid}/status")
    assert eventually(lambda: "State:\tS" in status.read_text())
    assert 0 == ctypes.CDLL(None).tgkill(child.pid, beside, number), "the signal could not be sent"


def _await_text(terminal: int, until: bytes) -> None:
    shown, deadline_s = b"", time.monotonic() + EVENT_LIMIT_S
    while until not in shown:
        assert select([terminal], [], [], max(0.0, deadline_s - time.monotonic()))[0], shown
        shown += os.read(terminal, 1 << 16)


@contextlib.contextmanager
def running(child: Child) -> Iterator[Child]:
    """A command that does not outlive the block."""
    with child:
        try:
            yield child
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


def next_event(child: Child, limit_s: float = EVENT_LIMIT_S) -> dict[str, Any]:
    """The next line of JSON a command prints; an AssertionError with what it says when that is an error."""
    assert child.stdout is not None
    line, deadline_s = b"", time.monotonic() + limit_s
    while not line.endswith(b"\n"):
        ready = select([child.stdout], [], [], max(0.0, deadline_s - time.monotonic()))[0]
        piece = os.read(child.stdout.fileno(), 1) if ready else b""
        if not piece:
            raise AssertionError(f"no event within {limit_s} s: {line!r} {aborted(child)}")
        line += piece
    if line.strip() == b"{":
        raise AssertionError(f"an error instead of an event: {finished(child)}")
    return dict(json.loads(line))
