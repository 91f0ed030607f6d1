"""What can happen to our processes on the target: somebody signals dlv or kills the guard."""

from collections.abc import Callable

from tests.faults.ground import TARGET
from tests.faults.moments import Scene


def _signal(whom: str, name: str) -> Callable[[Scene], None]:
    def strike(scene: Scene) -> None:
        assert scene.ready is not None
        ground = scene.ground
        ground.lab.exec(TARGET, "kill", f"-{name}", str(ground.pids(scene.ready)[whom]), user="root")

    return strike


SUFFERERS: dict[str, Callable[[Scene], None]] = {
    "dlv gets SIGSTOP": _signal("dlv", "STOP"),
    "dlv gets SIGTERM": _signal("dlv", "TERM"),
    "dlv gets SIGHUP": _signal("dlv", "HUP"),
    "dlv gets SIGKILL": _signal("dlv", "KILL"),
    "guard gets SIGKILL": _signal("guard", "KILL"),
}
