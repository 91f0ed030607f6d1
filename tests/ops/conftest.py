"""Fixtures of the use cases."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.delve.platforms import parse_machine
from remotego.delve.versions import choose
from remotego.ops.building import Workshop
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store
from tests.ops.debuggee import Debuggee


@pytest.fixture
def network(lab: Lab) -> Iterator[SshNetwork]:
    """Connections to the lab."""
    with SshNetwork(lab.ssh_config) as network:
        yield network


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Controller:
    """A developer's machine; its store on every target is one that no other test knows."""
    return Controller(lab, tmp_path, fresh_store())


@pytest.fixture(scope="session")
def dlv() -> str:
    """A dlv for this machine."""
    release = choose(None)
    return str(Workshop().delve(release.version, parse_machine(os.uname().machine), say=print).path)


@pytest.fixture(scope="module")
def stocked(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A developer's machine whose store on app has dlv already; it is taken back at the end."""
    controller = Controller(lab, tmp_path_factory.mktemp("machine"), fresh_store())
    controller.run("deploy-dlv", "--host", "app")
    yield controller
    controller.run("undo", "--host", "app")


@pytest.fixture
def debuggee(lab: Lab, ticker: int, stocked: Controller) -> Debuggee:
    """A service that only this test knows."""
    return Debuggee(lab, ticker, stocked.store or "")
