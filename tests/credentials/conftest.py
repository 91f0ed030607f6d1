"""Fixtures about credentials."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.credentials import forge as forges
from tests.credentials.forge import Forge
from tests.lab.fixtures import need
from tests.ops.local_transport import LocalTransport


@dataclass(frozen=True, slots=True)
class Ground:
    """A forge, and a home on this machine that stands for a host."""

    forge: Forge
    host: LocalTransport
    home: Path


@pytest.fixture(scope="session")
def shared_forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """A forge for all tests of this machine."""
    need("git")
    with forges.forge(tmp_path_factory.mktemp("forge")) as one:
        yield one


@pytest.fixture
def ground(shared_forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """The forge's token in a netrc of this machine; a host without anything."""
    home = tmp_path / "home"
    home.mkdir()
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine localhost:{shared_forge.port} login {forges.USER} password {forges.CANARY}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    return Ground(shared_forge, LocalTransport(home), home)
