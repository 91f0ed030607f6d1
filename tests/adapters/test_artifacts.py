"""The cache of what was built."""

import gzip
import hashlib
from pathlib import Path

import pytest

from remotego.adapters.artifacts import Cache, CacheWriteError
from remotego.core.artifact import Artifact

KEY = "k" * 64
CONTENT = b"a program\n" * 1000


def fill(cache: Cache, content: bytes = CONTENT, key: str = KEY) -> Artifact:
    """Put something in as a build does."""
    with cache.building(key) as room:
        (room / "built").write_bytes(content)
        return cache.keep(key, "dlv", room / "built")


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    """The same artifact, without reading its bytes."""
    cache = Cache(tmp_path)
    assert fill(cache) == cache.find(KEY, "dlv")


def test_an_artifact_is_named_by_its_content(tmp_path: Path) -> None:
    """So is its file."""
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    kept = fill(Cache(tmp_path))
    assert (sha256, len(CONTENT), sha256) == (kept.sha256, kept.size_bytes, kept.path.name)


def test_the_packed_twin_holds_the_same_bytes(tmp_path: Path) -> None:
    """A push sends it and lets the target unpack it."""
    kept = fill(Cache(tmp_path))
    assert kept.packed is not None
    assert CONTENT == gzip.decompress(kept.packed.read_bytes())


def test_packing_is_reproducible(tmp_path: Path) -> None:
    """No time and no file name go into the packed form."""
    packed = [fill(Cache(tmp_path / name)).packed for name in ("one", "two")]
    assert 1 == len({twin.read_bytes() for twin in packed if twin})


def test_the_program_can_be_executed(tmp_path: Path) -> None:
    """It may be tried out here, too."""
    assert 0o755 == fill(Cache(tmp_path)).path.stat().st_mode & 0o777


def test_nothing_is_found_before_anything_was_kept(tmp_path: Path) -> None:
    """An empty or missing cache is no error."""
    assert Cache(tmp_path / "missing").find(KEY, "dlv") is None


@pytest.mark.parametrize("damaged", ["path", "packed"])
def test_a_file_of_another_size_counts_as_missing(tmp_path: Path, damaged: str) -> None:
    """Whoever cut it, it will be built again."""
    cache = Cache(tmp_path)
    file: Path = getattr(fill(cache), damaged)
    file.write_bytes(file.read_bytes()[:-1])
    assert cache.find(KEY, "dlv") is None


@pytest.mark.parametrize("removed", ["path", "packed"])
def test_a_file_that_is_gone_counts_as_missing(tmp_path: Path, removed: str) -> None:
    """Caches are emptied by people and tools."""
    cache = Cache(tmp_path)
    file: Path = getattr(fill(cache), removed)
    file.unlink()
    assert cache.find(KEY, "dlv") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"sha256": "../../etc/passwd"}'])
def test_a_damaged_entry_counts_as_missing(tmp_path: Path, text: str) -> None:
    """The index is only a way to find things again."""
    cache = Cache(tmp_path)
    fill(cache)
    (tmp_path / "index" / f"{KEY}.json").write_text(text)
    assert cache.find(KEY, "dlv") is None


def test_two_recipes_with_the_same_result_share_it(tmp_path: Path) -> None:
    """Bytes are kept once."""
    cache = Cache(tmp_path)
    assert fill(cache, key="a" * 64) == fill(cache, key="b" * 64)


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    """Neither an entry nor its working directory."""
    with pytest.raises(ZeroDivisionError):
        _fail_halfway(Cache(tmp_path))
    assert [] == [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"]


def _fail_halfway(cache: Cache) -> None:
    with cache.building(KEY) as room:
        (room / "half").write_bytes(b"x")
        raise ZeroDivisionError


def test_the_rest_of_a_killed_build_is_swept_away(tmp_path: Path) -> None:
    """By the next build of the same thing, which alone knows that nobody works there any more."""
    rest = tmp_path / "work" / f"{KEY}-dead"
    rest.mkdir(parents=True)
    fill(Cache(tmp_path))
    assert not rest.exists()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Here a file stands where a directory should be."""
    (tmp_path / "locks").write_text("")
    with pytest.raises(CacheWriteError, match=str(tmp_path / "locks")):
        fill(Cache(tmp_path))
