"""What the tests of this room share."""

from collections.abc import Iterator

import pytest

from tests.golang.checksums import Server, Servers, signer
from tests.goproxy.modules import write_tree
from tests.goproxy.scenery import MODULES


@pytest.fixture(scope="session")
def database(checksum_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real checksum database that knows the modules of the scenery; its tree grows no more."""
    tree = tmp_path_factory.mktemp("tree")
    write_tree(tree, MODULES)
    with checksum_servers.start(tree, signer()) as server:
        for module, versions in MODULES.items():
            for version in versions:
                server.lookup(module, version)
        yield server
