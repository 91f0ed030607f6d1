"""What the tests of this room share."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.golang.specimens import ORACLE, SPECIMENS, Specimen, build

Specimens = Callable[[str], Path]


@pytest.fixture(scope="session")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Specimens:
    """Give the file of a named specimen, built when first asked for."""
    folder = tmp_path_factory.mktemp("specimens")

    def get(name: str) -> Path:
        file = folder / name
        return file if file.exists() else build(SPECIMENS[name], file)

    return get


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that lists source files by the standard library's debug/gosym."""
    return build(Specimen(), tmp_path_factory.mktemp("oracle") / "oracle", source=ORACLE)


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], bytes | None]:
    """What the public checksum database answered, as cmd/go keeps it: two lookups and the tiles of their proofs."""
    archive = zipfile.ZipFile(Path(__file__).parent / "recorded" / "sumdb.zip")
    names = set(archive.namelist())
    return lambda path: archive.read(path) if path in names else None
