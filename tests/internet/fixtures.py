"""The fixture ``internet``: one on loopback for a single test, at two addresses that are two proxies."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.golang.checksums import Servers, Signer, signer
from tests.internet.certificates import CA, issue
from tests.internet.internet import Internet, arguments
from tests.internet.toolchain import Toolchain, publish_toolchain
from tests.internet.world import PRIVATE, PUBLIC, publish

HOSTS = ("127.0.0.1", "127.0.0.2")
SUMS = "sum.internet.example"


@dataclass(frozen=True, slots=True)
class Internets:
    """Starts them: the program, and the modules that everybody can have."""

    program: Path
    public: Path
    private: Path

    @contextmanager
    def start(
        self, control: Path, modules: Path | None = None, name: str = SUMS, hosts: Sequence[str] = HOSTS
    ) -> Iterator[Internet]:
        """Run one over a tree of modules (the public ones) with a checksum database called ``name``."""
        control.mkdir(parents=True, exist_ok=True)
        issue(control, hosts)
        owner, addresses = signer(name), " ".join(f"{host}:0" for host in hosts)
        flags = arguments(owner, modules or self.public, control, addresses, addresses)
        with subprocess.Popen(
            [self.program, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            try:
                urls = [process.stdout.readline().strip() for _ in range(2 * len(hosts))]
                yield internet_at(urls, control, owner)
            finally:
                process.kill()


def internet_at(urls: Sequence[str], control: Path, owner: Signer) -> Internet:
    """Make the handle of one that serves these URLs."""
    by_scheme: dict[str, dict[str, str]] = {"http": {}, "https": {}}
    for url in urls:
        parts = urlsplit(url)
        by_scheme[parts.scheme][str(parts.hostname)] = url
    return Internet(control, by_scheme["http"], by_scheme["https"], owner, control / CA)


@pytest.fixture(scope="session")
def internets(checksum_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Internets:
    """The program and the modules, made once."""
    folder = tmp_path_factory.mktemp("world")
    public, private = publish(folder / "public", *PUBLIC), publish(folder / "private", *PRIVATE)
    return Internets(checksum_servers.program, public, private)


@pytest.fixture(scope="session")
def toolchain(internets: Internets) -> Toolchain:
    """A real Go for small services, which every internet over the public modules has from now on."""
    return publish_toolchain(internets.public)


@pytest.fixture
def internet(internets: Internets, tmp_path: Path) -> Iterator[Internet]:
    """An internet with the public modules, of which nobody has asked anything yet."""
    with internets.start(tmp_path / "internet") as running:
        yield running


@pytest.fixture
def company(internets: Internets, tmp_path: Path) -> Iterator[Internet]:
    """The company's own proxy, with the private modules and no others."""
    with internets.start(tmp_path / "company", internets.private, "sum.corp.example") as running:
        yield running
