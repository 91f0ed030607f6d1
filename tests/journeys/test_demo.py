"""The demo as a newcomer runs it."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.demo.place import CHECKOUT

STOPPED = b"stopped at main.go"
LIMIT_S = 280
pytestmark = [pytest.mark.slow, pytest.mark.timeout(LIMIT_S + 60)]


def _demo(*argv: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PATH": path}
    return subprocess.run(argv, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=LIMIT_S)


def _path_without_ssh(folder: Path) -> str:
    """A PATH with every program of this machine's but OpenSSH's."""
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*"):
            link = folder / program.name
            if not program.name.startswith(("ssh", "scp", "sftp")) and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def _until_stopped(demo: subprocess.Popen[bytes]) -> bytes:
    """What the demo has printed when it stands at the breakpoint."""
    assert demo.stdout is not None
    seen, deadline = b"", time.monotonic() + LIMIT_S
    while STOPPED not in seen and select.select([demo.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(demo.stdout.fileno(), 1 << 16)
        assert piece, f"the demo ended early:\n{seen.decode()}"
        seen += piece
    return seen


def _mentions(root: str) -> list[str]:
    """The command lines of processes that have to do with ``root``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if root.encode() in known:
            found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def test_make_demo_ends_well() -> None:
    """``make demo`` exits with 0 only when every promise held."""
    assert shutil.which("make"), "the demo needs make"
    done = _demo("make", "demo")
    assert 0 == done.returncode, done.stdout + done.stderr


def test_the_demo_needs_no_ssh_program(tmp_path: Path) -> None:
    """Without OpenSSH on the machine, paramiko's reader of ssh_config does."""
    done = _demo(sys.executable, "-m", "tests.demo", path=_path_without_ssh(tmp_path))
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_demo_can_be_ended_at_the_breakpoint(number: signal.Signals) -> None:
    """Ctrl-C, or even SIGKILL, while the service stands still leaves no process and no directory."""
    argv = [sys.executable, "-m", "tests.demo"]
    demo = subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE, start_new_session=True)
    root = re.search(rb"/tmp/remotego-[^/]+", _until_stopped(demo))
    assert root is not None
    demo.send_signal(number)
    demo.communicate(timeout=60)
    place, deadline = root.group().decode(), time.monotonic() + 20
    while (Path(place).exists() or _mentions(place)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ([], False) == (_mentions(place), Path(place).exists())
