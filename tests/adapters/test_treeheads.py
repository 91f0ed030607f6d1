"""What is remembered of a checksum database."""

import stat
import threading
from pathlib import Path

import pytest

from remotego.adapters.claims import ForeignFolderError
from remotego.adapters.treeheads import HeadsUnwritableError, TreeHeads, tree_heads


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    """And nothing is made by asking."""
    heads = TreeHeads(tmp_path / "db")
    assert (b"", (), False) == (heads.latest(), heads.unproven(), heads.folder.exists())


def test_a_head_is_replaced_only_by_who_knows_it(tmp_path: Path) -> None:
    """Another process may have been faster: then it has to be looked at first."""
    heads = TreeHeads(tmp_path / "db")
    assert (True, False, True) == (
        heads.replace(b"", b"one"),
        heads.replace(b"", b"evil"),
        heads.replace(b"one", b"two"),
    )
    assert b"two" == heads.latest()


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    """Each counts on what the one before it wrote."""
    heads = TreeHeads(tmp_path / "db")

    def count() -> None:
        for _ in range(20):
            while not heads.replace(old := heads.latest(), b"%d" % (int(old or b"0") + 1)):
                pass

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"80" == heads.latest()


def test_unproven_heads_are_kept_once(tmp_path: Path) -> None:
    """Until they are proven."""
    heads = TreeHeads(tmp_path / "db")
    heads.remember(b"a")
    heads.remember(b"a")
    heads.remember(b"b")
    heads.forget(b"b")
    assert (b"a",) == heads.unproven()


def test_the_folder_is_ours_alone(tmp_path: Path) -> None:
    """Who may write there could hide a fork."""
    heads = tree_heads("sums.example.com/path+01234567", tmp_path)
    heads.replace(b"", b"one")
    assert (0o700, tmp_path) == (stat.S_IMODE(heads.folder.stat().st_mode), heads.folder.parent)
    heads.folder.chmod(0o777)
    with pytest.raises(ForeignFolderError):
        heads.replace(b"one", b"two")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Verification without memory would be less than what was promised."""
    (tmp_path / "file").write_text("")
    with pytest.raises((HeadsUnwritableError, NotADirectoryError)) as caught:
        TreeHeads(tmp_path / "file" / "db").replace(b"", b"one")
    assert isinstance(caught.value, HeadsUnwritableError)
