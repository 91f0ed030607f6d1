"""Fixtures of the journeys."""

from collections.abc import Iterator

import pytest

from tests.journeys.scene import Scene, scene
from tests.lab.lab import Lab


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks used here."""
    config.addinivalue_line("markers", "slow: takes minutes on a machine that has nothing cached")


@pytest.fixture(scope="module")
def debug_scene(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A service built for debugging."""
    with scene(lab, tmp_path_factory.mktemp("debug"), "debug") as ready:
        yield ready
