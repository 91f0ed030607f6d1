"""A program of 200 MB is read by ranges: how much crosses the wire for its build info and source files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.core.transport import Answer, Script, Transport
from remotego.golang.buildinfo import parse_build_info
from remotego.golang.filetable import source_files
from remotego.ops.remote_file import RemoteFile
from tests.golang import specimens
from tests.lab.lab import Lab
from tests.ops.local_transport import LocalTransport

SIZE_BYTES = 200 << 20
EMBEDDED_BYTES = 48 << 20
READ_BYTES = 1 << 20
"""What may cross: the tables, the build info and the names of a few hundred files, in blocks of 64 KiB."""

ROUND_TRIPS = 8
MAIN = """\
package main

import (
	_ "embed"
	"fmt"
)

//go:embed asset
var asset string

func main() { fmt.Println(len(asset)) }
"""


@dataclass
class Counted:
    """A transport that counts what scripts print."""

    through: Transport | LocalTransport
    read_bytes: int = 0
    runs: int = 0
    name: str = field(default="counted", init=False)

    def run(self, script: Script, *, timeout_s: float = 60.0) -> Answer:
        """Run it there."""
        answer = self.through.run(script, timeout_s=timeout_s)
        self.read_bytes += len(answer.stdout)
        self.runs += 1
        return answer


def read(host: Counted, path: str) -> tuple[str, tuple[str, ...]]:
    """Read what the rules for source paths take."""
    file = RemoteFile(host, path)  # type: ignore[arg-type]  # all it asks of a transport is run
    return parse_build_info(file).path, source_files(file)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with a large asset in it, and an archive behind it as self-extracting programs have."""
    source, program = tmp_path_factory.mktemp("large"), tmp_path_factory.mktemp("program") / "large"
    (source / "go.mod").write_text("module example.com/large\n\ngo 1.21\n")
    (source / "main.go").write_text(MAIN)
    with (source / "asset").open("wb") as asset:
        asset.truncate(EMBEDDED_BYTES)
    specimens.build(specimens.Specimen(), program, source=source)
    with program.open("r+b") as file:
        file.truncate(SIZE_BYTES)
    return program


def test_little_of_a_large_program_is_read(large: Path, tmp_path: Path) -> None:
    """Whatever it embeds, and whatever lies behind it."""
    host = Counted(LocalTransport(tmp_path))
    main, files = read(host, str(large))
    assert ("example.com/large", True) == (main, len(files) > 100)
    assert host.read_bytes <= READ_BYTES
    assert host.runs <= ROUND_TRIPS


@pytest.fixture
def padded(lab: Lab, ticker: int) -> Iterator[str]:
    """A program of that size on a host."""
    path = f"/tmp/large-{ticker}"
    lab.exec("app", "sh", "-c", f"cp /proc/{ticker}/exe {path} && truncate -s {SIZE_BYTES} {path}")
    yield path
    lab.exec("app", "rm", "-f", path)


def test_little_of_it_crosses_the_wire(network: SshNetwork, padded: str) -> None:
    """From a host behind a jump host."""
    with network.reach("app") as host:
        counted = Counted(host)
        main, files = read(counted, padded)
    assert ("remotego.test/ticker", True) == (main, len(files) > 100)
    assert counted.read_bytes <= READ_BYTES
    assert counted.runs <= ROUND_TRIPS
