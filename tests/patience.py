"""Waiting for what nothing announces, within a bound of time: how fast a machine looks must not decide."""

import time
from collections.abc import Callable

LIMIT_S = 30.0
"""Longer than a lease (10 s) and what a guard may take after it (5 s), on a busy machine."""

LOOK_S = 0.02


def eventually(holds: Callable[[], bool], limit_s: float = LIMIT_S) -> bool:
    """Whether something holds before ``limit_s`` is over; it is asked once more at the end."""
    deadline_s = time.monotonic() + limit_s
    while time.monotonic() < deadline_s:
        if holds():
            return True
        time.sleep(LOOK_S)
    return holds()
