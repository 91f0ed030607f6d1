"""A file on a target, read by blocks."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remotego.ops.remote_file import BLOCK_BYTES, RemoteFile, UnreadableFileError
from tests.ops.local_transport import LocalTransport

SIZE_BYTES = 3 * BLOCK_BYTES + 1234
CONTENT = random.Random(1).randbytes(SIZE_BYTES)
EDGES = (0, BLOCK_BYTES, SIZE_BYTES)
NEAR_EDGES = st.sampled_from([edge + off for edge in EDGES for off in (0, 1, 9)])
STEPS = st.lists(st.tuples(NEAR_EDGES | st.integers(0, SIZE_BYTES), NEAR_EDGES | st.integers(0, 300)), max_size=4)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of a little more than three blocks, with a name that needs quotes."""
    path = tmp_path / "it's a file"
    path.write_bytes(CONTENT)
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_reads_give_what_a_local_file_gives(file: Path, steps: list[tuple[int, int]]) -> None:
    """Wherever it is read, and how often, the bytes are those of the file."""
    remote, here = RemoteFile(LocalTransport(file.parent), str(file)), io.BytesIO(CONTENT)
    for place, size in steps:
        assert here.seek(place) == remote.seek(place)
        assert (here.read(size), here.tell()) == (remote.read(size), remote.tell())


def test_seeking_from_the_end(local: LocalTransport, file: Path) -> None:
    """The size is asked for when it is needed."""
    remote = RemoteFile(local, str(file))
    assert (SIZE_BYTES - 10, CONTENT[-10:]) == (remote.seek(-10, io.SEEK_END), remote.read())


def test_seeking_from_here(local: LocalTransport, file: Path) -> None:
    """Relative moves add up."""
    remote = RemoteFile(local, str(file))
    remote.seek(100)
    remote.seek(-40, io.SEEK_CUR)
    assert CONTENT[60:70] == remote.read(10)


def test_whole_file(local: LocalTransport, file: Path) -> None:
    """Without a size it is read to its end."""
    assert CONTENT == RemoteFile(local, str(file)).read()


def test_block_is_fetched_once(tmp_path: Path, file: Path) -> None:
    """What was read is kept."""
    remote = RemoteFile(LocalTransport(tmp_path), str(file))
    first = remote.read(100)
    file.unlink()
    remote.seek(0)
    assert first == remote.read(100)


def test_missing_file_is_named(local: LocalTransport, tmp_path: Path) -> None:
    """The target's own words are in the error."""
    path = str(tmp_path / "gone")
    with pytest.raises(UnreadableFileError) as caught:
        RemoteFile(local, path).read(1)
    assert (path, True) == (caught.value.path, "o such file" in caught.value.said or "onexistent" in caught.value.said)
