"""Which tiles a client of a database wants: those of the root, and for each record all from its leaf to the root.

cmd/go believes no tile that does not lead to the signed root, so it reads each one's parents too (x/mod, tlog,
TileHashReader). Whoever hands out fewer has an honest client fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remotego.golang.sumdb.merkle import subtrees
from remotego.golang.sumdb.tiles import FULL, HEIGHT, Tile


def covering(size: int, indexes: Iterable[int]) -> tuple[Tile, ...]:
    """Give the tiles by which ``indexes`` are shown to be in the tree of ``size`` records, in a fixed order."""
    wanted = {tile for level, n in subtrees(0, size) if (tile := _at(level // HEIGHT, _number(level, n), size))}
    for index in indexes:
        wanted.update(_upwards(index, size))
    return tuple(sorted(wanted, key=lambda tile: (tile.level, tile.number)))


def continuing(older: int, newer: int) -> tuple[Tile, ...]:
    """Give the tiles by which the tree of ``older`` records is shown to be the beginning of that of ``newer``.

    Such a proof consists of siblings along the way from the root to the last record of the older one, and a sibling
    is in the same tile.
    """
    return covering(newer, (older - 1, min(older, newer - 1))) if older else ()


def _upwards(index: int, size: int) -> Iterator[Tile]:
    level, number = 0, index // FULL
    while tile := _at(level, number, size):
        yield tile
        level, number = level + 1, number // FULL


def _number(level: int, n: int) -> int:
    return (n << (level % HEIGHT)) // FULL


def _at(level: int, number: int, size: int) -> Tile | None:
    width = min(FULL, (size >> (level * HEIGHT)) - number * FULL)
    return Tile(level, number, width) if width > 0 else None
