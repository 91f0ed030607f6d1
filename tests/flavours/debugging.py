"""A real headless dlv on this machine, as ``remotego debug`` runs it on a host."""

import contextlib
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from remotego.delve.substitution import Rule

READY_LIMIT_S = 60.0
END_LIMIT_S = 20.0


@contextlib.contextmanager
def headless(dlv: Path, program: Path, folder: Path) -> Iterator[int]:
    """Run a program under dlv; gives the port where editors attach. Both are gone afterwards."""
    mode = folder / "go" / "telemetry" / "mode"
    mode.parent.mkdir(parents=True)
    mode.write_text("off 2026-01-01")  # its second process would outlive it
    argv = [dlv, "exec", program, "--headless", "--accept-multiclient", "--listen=127.0.0.1:0"]
    child = subprocess.Popen(
        argv,
        cwd=folder,
        env=os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield _port(child)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate(timeout=END_LIMIT_S)


def configuration(rules: Sequence[Rule]) -> dict[str, Any]:
    """What launch.json says."""
    return {
        "type": "go",
        "request": "attach",
        "mode": "remote",
        "stopOnEntry": False,
        "substitutePath": [{"from": rule.local, "to": rule.binary} for rule in rules],
    }


def _port(child: subprocess.Popen[bytes]) -> int:
    assert child.stdout is not None
    said, deadline_s = b"", time.monotonic() + READY_LIMIT_S
    while not (found := re.search(rb"listening at: \S*:(\d+)\n", said)):
        assert select.select([child.stdout], [], [], max(0.0, deadline_s - time.monotonic()))[0], said
        piece = os.read(child.stdout.fileno(), 1 << 12)
        assert piece, said
        said += piece
    return int(found[1])
