"""The other client: ``dlv connect`` in a terminal, through the same tunnel."""

import platform
import subprocess
from pathlib import Path

import pytest

from remotego.adapters.toolchain import bundled_go
from remotego.delve.platforms import parse_machine
from remotego.ops.building import Workshop
from tests.journeys.scene import Scene
from tests.ops.debuggee import UNTOUCHED
from tests.ops.test_building import DELVE

LIMIT_S = 60


@pytest.fixture(scope="module")
def dlv() -> Path:
    """Delve for this machine, as remotego builds it for targets."""
    go = bundled_go()
    assert go is not None, "the extra 'go' is not installed"
    return Workshop(go=str(go)).delve(DELVE, parse_machine(platform.machine()), say=print).path


def dlv_connect(dlv: Path, port: int, folder: Path, *commands: str) -> str:
    """What ``dlv connect`` prints for commands on its standard input."""
    program = folder / "dlv"
    program.write_bytes(dlv.read_bytes())
    program.chmod(0o700)
    done = subprocess.run(
        [program, "connect", f"127.0.0.1:{port}"],
        input="".join(f"{one}\n" for one in commands),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        env={"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("leaving", [("clearall", "exit -c"), ("exit",), ()], ids=["in order", "exit", "end of input"])
def test_dlv_connect(debug_scene: Scene, dlv: Path, tmp_path: Path, leaving: tuple[str, ...]) -> None:
    """A breakpoint and a variable in a terminal; however it is left, the service runs on, and the session with it."""
    with debug_scene.developer.debugging(*debug_scene.choice) as ready:
        look = ("break main.(*Service).tick", "continue", "print s.Step.Name")
        said = dlv_connect(dlv, ready["port"], tmp_path, *look, *leaving)
        ticks = debug_scene.debuggee.ticks()
    seen = ("> [Breakpoint 1] main.(*Service).tick()" in said, '"one"' in said, ticks)
    assert ((True, True, True), UNTOUCHED) == (seen, debug_scene.debuggee.state()), said
