"""Fixtures about bundles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from remotego.ops.bundle.create import Created
from tests.bundle.site import OURS, TOOL_WORD, bundled, lay_out, online, publish_all
from tests.golang.checksums import Server, Servers


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
