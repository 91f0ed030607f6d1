"""Tiles: how a database hands out the hashes of its tree, 256 at a time (golang.org/x/mod/sumdb/tlog, height 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from remotego.golang.sumdb.merkle import node_hash

HEIGHT = 8
FULL = 1 << HEIGHT
HASH_BYTES = 32
CAP_BYTES = FULL * HASH_BYTES

Read = Callable[[str], bytes | None]
"""Reads a path below a database, such as ``tile/8/0/000``; None where there is no such thing."""


class UnprovableError(ValueError):
    """Hashes that a proof takes are not to be had: nothing is shown, neither for nor against."""


@dataclass(frozen=True, slots=True)
class Tile:
    """``width`` hashes of ``level`` * 8, from number * 256 on."""

    level: int
    number: int
    width: int

    @property
    def path(self) -> str:
        """Where it lies: ``tile/8/0/x233/367.p/193``."""
        number, text = self.number, f"{self.number % 1000:03d}"
        while number >= 1000:
            number //= 1000
            text = f"x{number % 1000:03d}/{text}"
        return f"tile/{HEIGHT}/{self.level}/{text}" + (f".p/{self.width}" if self.width < FULL else "")

    @property
    def full(self) -> Tile:
        """The same one once it is complete."""
        return Tile(self.level, self.number, FULL)


@dataclass(slots=True)
class TileHashes:
    """The hashes of a tree of ``size`` records, out of tiles. None of them is proven to be right.

    Raises UnprovableError where a tile is missing, ValueError where one has not its size.
    """

    size: int
    read: Read
    _known: dict[Tile, bytes] = field(default_factory=dict)

    def __call__(self, level: int, n: int) -> bytes:
        """Give the hash of the n'th subtree of 2**level records."""
        above, within = divmod(level, HEIGHT)
        number, offset = divmod(n << within, FULL)
        width = min(FULL, (self.size >> (above * HEIGHT)) - number * FULL)
        if offset + (1 << within) > width:
            raise ValueError(f"a tree of {self.size} records has no subtree {level}, {n}")
        data = self._data(Tile(above, number, width))
        return _folded(data[offset * HASH_BYTES : (offset + (1 << within)) * HASH_BYTES])

    def _data(self, tile: Tile) -> bytes:
        if tile not in self._known:
            self._known[tile] = self._fetched(tile)
        return self._known[tile]

    def _fetched(self, tile: Tile) -> bytes:
        """A partial tile may be gone once the full one is there, which begins with it."""
        for candidate in dict.fromkeys((tile, tile.full)):
            data = self.read(candidate.path)
            if data is None:
                continue
            if len(data) != candidate.width * HASH_BYTES:
                raise ValueError(f"{candidate.path} has {len(data)} bytes instead of {candidate.width * HASH_BYTES}")
            return data[: tile.width * HASH_BYTES]
        raise UnprovableError(f"{tile.path} is not there")


def _folded(data: bytes) -> bytes:
    """Hash 2**k hashes into one."""
    if len(data) == HASH_BYTES:
        return data
    half = len(data) // 2
    return node_hash(_folded(data[:half]), _folded(data[half:]))
