"""The agent's own tests, in Go, with a real dlv."""

import os
import platform
import signal
import subprocess
from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.delve.platforms import parse_machine
from remotego.ops.building import Workshop
from tests.ops.test_building import DELVE

AGENT = Path(__file__).parents[2] / "remotego" / "agent"
LIMIT_S = 280


@pytest.mark.timeout(LIMIT_S + 60)
def test_the_agents_own_tests_pass() -> None:
    """All of them, and none is skipped for want of a dlv."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    dlv = Workshop(go=str(go)).delve(DELVE, parse_machine(platform.machine()), say=print)
    env = {"DLV": str(dlv.path), "GOTOOLCHAIN": "local", "GOFLAGS": "", "CGO_ENABLED": "0", "GOWORK": "off"}
    path = f"{go.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    with subprocess.Popen(
        [go, "test", f"-timeout={LIMIT_S - 20}s", "-v", "./..."],
        cwd=AGENT,
        env=os.environ | env | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=LIMIT_S)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert (0, False) == (process.returncode, "SKIPPED: no dlv" in said), said[-8000:]
