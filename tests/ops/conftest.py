"""Fixtures of the use cases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.adapters.ssh.network import SshNetwork
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store


@pytest.fixture
def network(lab: Lab) -> Iterator[SshNetwork]:
    """Connections to the lab."""
    with SshNetwork(lab.ssh_config) as network:
        yield network


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Controller:
    """A developer's machine; its store on every target is one that no other test knows."""
    return Controller(lab, tmp_path, fresh_store())
