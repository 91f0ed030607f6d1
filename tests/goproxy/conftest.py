"""What the tests of this room share."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.golang.checksums import Server, Servers, signer
from tests.golang.specimens import Specimen, build
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


class Oracle:
    """A Go program that answers from the packages that cmd/go goes by."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **question: str) -> bool:
        """Ask it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(question)}\n")
        self._process.stdin.flush()
        return bool(json.loads(self._process.stdout.readline()))


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    """The program, built and running."""
    program = build(Specimen(), tmp_path_factory.mktemp("oracle") / "oracle", source=Path(__file__).parent / "oracle")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Oracle(process)
        assert process.stdin is not None
        process.stdin.close()
