"""Fixtures of the flavours."""

import os
from pathlib import Path

import pytest

from remotego.delve.platforms import parse_machine
from remotego.delve.versions import choose
from remotego.golang.version import GoVersion, parse_go_version
from remotego.ops.building import Workshop
from tests.flavours.world import World, make_world
from tests.golang.specimens import DWARF4


@pytest.fixture(scope="session")
def world() -> World:
    """The machine that builds and the developer's."""
    return make_world()


@pytest.fixture(scope="session")
def dlv() -> Path:
    """A dlv for this machine."""
    return _dlv(None)


@pytest.fixture(scope="session")
def old_dlv() -> Path:
    """A dlv for programs of an older Go."""
    return _dlv(parse_go_version(DWARF4))


def _dlv(debuggee: GoVersion | None) -> Path:
    return Workshop().delve(choose(debuggee).version, parse_machine(os.uname().machine), say=print).path
