"""Wait for what a container prints when it is ready."""

import subprocess
import threading
from collections.abc import Iterable
from os import environ

from tests.lab.engine import Engine
from tests.lab.failure import LabError

READY_TIMEOUT_S = 60


def await_lines(engine: Engine, container: str, wanted: Iterable[str], timeout_s: float = READY_TIMEOUT_S) -> None:
    """Return when each text of ``wanted`` has stood in a line of the container's log.

    Raises LabError with that log when the container ends or ``timeout_s`` pass before.
    """
    missing, seen = set(wanted), []
    with subprocess.Popen(
        ["docker", "logs", "--follow", container],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ | engine.env,
    ) as follower:  # fmt: skip
        clock = threading.Timer(timeout_s, follower.kill)
        clock.start()
        try:
            for line in follower.stdout or ():
                seen.append(line)
                missing = {text for text in missing if text not in line}
                if not missing:
                    return
        finally:
            clock.cancel()
            follower.kill()
    raise LabError(f"{container} never said {sorted(missing)}", f"its log:\n{''.join(seen[-25:])}")
