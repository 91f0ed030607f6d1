"""Which tiles prove records and histories: neither fewer nor, at the edge, of another width than a client asks for."""

import hashlib
from collections.abc import Sequence
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from remotego.golang.sumdb.cover import continuing, covering
from remotego.golang.sumdb.lookup import check_timeline
from remotego.golang.sumdb.merkle import node_hash, record_hash, root_with, roots
from remotego.golang.sumdb.tiles import FULL, HEIGHT, Tile, TileHashes
from remotego.golang.sumdb.tree import Tree

MOST = 70_000


@cache
def levels() -> list[list[bytes]]:
    """The hashes of all complete subtrees of a tree of MOST records, by level."""
    found = [[record_hash(number.to_bytes(4, "big")) for number in range(MOST)]]
    while len(found[-1]) > 1:
        row = found[-1]
        found.append([node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)])
    return found


def tile_data(tile: Tile) -> bytes:
    """What a database would answer."""
    row = levels()[tile.level * HEIGHT]
    return b"".join(row[tile.number * FULL : tile.number * FULL + tile.width])


def tree(size: int) -> Tree:
    """The tree of the first records."""
    root, _ = roots(size, size, lambda level, n: levels()[level][n])
    return Tree(size, root)


def only(tiles: Sequence[Tile], size: int) -> TileHashes:
    """The hashes that can be had out of these tiles, by the very paths that are asked for."""
    files = {tile.path: tile_data(tile) for tile in tiles}
    return TileHashes(size, files.get)


SIZE = st.one_of(st.integers(1, 1200), st.integers(65_000, MOST))


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_the_tiles_prove_their_records(data: st.DataObject) -> None:
    """With nothing else to be had."""
    size = data.draw(SIZE)
    indexes = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5))
    hashes = only(covering(size, indexes), size)
    leaves = [record_hash(index.to_bytes(4, "big")) for index in indexes]
    assert {tree(size).root} == {root_with(leaf, at, size, hashes) for leaf, at in zip(leaves, indexes, strict=True)}


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_the_tiles_prove_the_history(data: st.DataObject) -> None:
    """That a tree continues an older one."""
    size = data.draw(SIZE)
    older = data.draw(st.integers(1, size))
    files = {tile.path: tile_data(tile) for tile in (*continuing(older, size), *covering(size, ()))}
    check_timeline(tree(older), tree(size), files.get)


def test_the_empty_tree_takes_nothing() -> None:
    """It is the beginning of all."""
    assert () == continuing(0, 5)


def test_the_hash_is_that_of_the_standard() -> None:
    """A leaf of RFC 6962."""
    assert hashlib.sha256(b"\x00" + bytes(4)).digest() == levels()[0][0]
