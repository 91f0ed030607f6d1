"""Merkle proofs of RFC 6962: that a record is in a tree, and that a tree is the beginning of another.

A proof is a choice of hashes; whoever gives them cannot make a wrong one hold, so they need not be trusted.
Coordinates are (level, n): the n'th complete subtree of 2**level records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

EMPTY = hashlib.sha256().digest()
"""Root of the tree without records."""

Hashes = Callable[[int, int], bytes]
"""Gives the hash at (level, n)."""


def record_hash(data: bytes) -> bytes:
    """Hash a record, the leaf of a tree."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_with(leaf: bytes, index: int, size: int, hashes: Hashes) -> bytes:
    """Compute the root of a tree of ``size`` records of which number ``index`` hashes to ``leaf``."""
    if not 0 <= index < size:
        raise ValueError(f"record {index} is not in a tree of {size}")
    return _with_leaf(leaf, index, 0, size, hashes)


def roots(older: int, newer: int, hashes: Hashes) -> tuple[bytes, bytes]:
    """Compute the roots of the first ``older`` and the first ``newer`` records from the same hashes."""
    if not 0 < older <= newer:
        raise ValueError(f"a tree of {older} is not the beginning of one of {newer}")
    return _both(0, newer, older, hashes)


def _with_leaf(leaf: bytes, index: int, low: int, high: int, hashes: Hashes) -> bytes:
    if low + 1 == high:
        return leaf
    middle = low + _split(high - low)
    if index < middle:
        return node_hash(_with_leaf(leaf, index, low, middle, hashes), _hash(middle, high, hashes))
    return node_hash(_hash(low, middle, hashes), _with_leaf(leaf, index, middle, high, hashes))


def _both(low: int, high: int, end: int, hashes: Hashes) -> tuple[bytes, bytes]:
    """Hash the records from ``low`` to ``end`` and those to ``high``; ``low`` < ``end`` <= ``high``."""
    if end == high:
        whole = _hash(low, high, hashes)
        return whole, whole
    middle = low + _split(high - low)
    if end <= middle:
        old, new = _both(low, middle, end, hashes)
        return old, node_hash(new, _hash(middle, high, hashes))
    left = _hash(low, middle, hashes)
    old, new = _both(middle, high, end, hashes)
    return node_hash(left, old), node_hash(left, new)


def _hash(low: int, high: int, hashes: Hashes) -> bytes:
    """Hash the records from ``low`` to ``high`` out of complete subtrees."""
    *parts, result = [hashes(level, n) for level, n in subtrees(low, high)]
    for part in reversed(parts):
        result = node_hash(part, result)
    return result


def subtrees(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Give the complete subtrees that make up a range, from the left; a range begins at a multiple of its largest."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def _split(count: int) -> int:
    """The largest power of two below ``count``, which is at least 2."""
    return int(1 << ((count - 1).bit_length() - 1))
