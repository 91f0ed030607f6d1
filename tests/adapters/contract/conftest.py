"""Every test here runs on both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remotego.adapters.multiplex.network import OpensshNetwork
from remotego.adapters.ssh.network import SshNetwork
from tests.adapters.conftest import Site

AnyNetwork = SshNetwork | OpensshNetwork
Connect = Callable[[Path], AnyNetwork]
"""Makes a network by an ssh_config."""

KINDS: dict[str, Connect] = {"fabric": SshNetwork, "openssh": OpensshNetwork}


@pytest.fixture(params=KINDS, scope="module")
def connect(request: pytest.FixtureRequest) -> Connect:
    """One transport after the other."""
    return KINDS[request.param]


@pytest.fixture
def network(pair: Site, connect: Connect) -> Iterator[AnyNetwork]:
    """Connect by the shared pair's ssh_config."""
    with connect(pair.config) as opened:
        yield opened
