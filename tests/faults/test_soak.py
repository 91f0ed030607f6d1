"""A short soak; the long one: `invoke faults --full`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import soak
from tests.faults.ground import Ground, ground
from tests.lab.lab import Lab

EDITORS, SESSIONS = 20, 4


@pytest.fixture
def quiet_ground(lab: Lab, tmp_path: Path) -> Iterator[Ground]:
    """A service of its own under the lease people get."""
    with ground(lab, tmp_path, lease_s=10) as ground_:
        yield ground_


def test_editors_come_and_go(quiet_ground: Ground) -> None:
    """One session after many editors is what it was after the first: code, files, threads, memory."""
    soaked = soak.many_editors(quiet_ground, EDITORS)
    assert {} == soak.growing(soaked)


def test_sessions_come_and_go(quiet_ground: Ground) -> None:
    """The service after many sessions is what it was after the first."""
    soaked = soak.many_sessions(quiet_ground, SESSIONS)
    assert {} == soak.growing(soaked)
