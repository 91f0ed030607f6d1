"""Fixtures about bundles."""

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.ops.bundle.create import Created
from remotego.ops.bundle.shipping import Shipment
from tests.bundle.hosts import shipped
from tests.bundle.site import OURS, TOOL_WORD, bundled, lay_out, online, plain, publish_all
from tests.golang.checksums import Server, Servers
from tests.ops.local_transport import LocalTransport


@pytest.fixture(scope="session")
def server(checksum_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A module proxy with a checksum database of some size."""
    proxy = tmp_path_factory.mktemp("proxy")
    publish_all(proxy)
    with checksum_servers.start(proxy, OURS) as running:
        running.grow(700)
        yield running


@pytest.fixture(scope="session")
def workspace(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose go.sum is complete."""
    from tests.golang.specimens import go

    folder = lay_out(tmp_path_factory.mktemp("svc"))
    with online(server, tmp_path_factory.mktemp("tidy")) as patch:
        patch.setenv("GOFLAGS", "-modcacherw")
        go("mod", "tidy", cwd=folder, GOPROXY=server.url, GOSUMDB=OURS.vkey)
    return folder


@pytest.fixture(scope="session")
def bundle(server: Server, workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Created:
    """A bundle of the workspace and a tool."""
    room = tmp_path_factory.mktemp("made")
    with online(server, room):
        return bundled(room / "site.tar.zst", workspace, tools=(TOOL_WORD,))


@pytest.fixture(scope="session")
def shipment(bundle: Created) -> Iterator[Shipment]:
    """The bundle, verified; it is packed for hosts by the first test that sends it."""
    with shipped(bundle.path) as lent:
        yield lent


@pytest.fixture(params=["dash", "busybox"])
def local(request: pytest.FixtureRequest, tmp_path: Path, applets: str) -> LocalTransport:
    """This machine with an empty home: dash with GNU tools, busybox with its own."""
    home = tmp_path / "home"
    home.mkdir()
    return LocalTransport(home, request.param, applets if request.param == "busybox" else os.defpath)


@pytest.fixture(scope="session")
def tar(bundle: Created) -> bytes:
    """The archive, decompressed."""
    return plain(bundle.path)


@pytest.fixture(scope="session")
def places(tar: bytes) -> list[tuple[str, int, int]]:
    """Each file of it: its name, where its bytes begin, and how many there are."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return [(one.name, one.offset_data, one.size) for one in archive]
