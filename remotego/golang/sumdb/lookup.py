"""Looking a module up: the record, its proof under the signed root, and how two roots fit together."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.golang.sumdb.merkle import EMPTY, record_hash, root_with, roots
from remotego.golang.sumdb.note import Key
from remotego.golang.sumdb.record import parse_record, sum_in
from remotego.golang.sumdb.tiles import Read, TileHashes
from remotego.golang.sumdb.tree import Head, Tree, open_head


@dataclass(frozen=True, slots=True)
class Answer:
    """What a database says: the ``h1`` of a module's zip, in record ``index`` of the tree of ``head``."""

    h1: str
    index: int
    head: Head


def lookup_path(module: str, version: str) -> str:
    """Where the record of a module is asked for; both are of lower case here, so that nothing is escaped."""
    return f"lookup/{module}@{version}"


def check_lookup(answer: bytes, module: str, version: str, key: Key, read: Read) -> Answer:
    """Check an answer by itself: the signature, the proof that the record is in the signed tree, the line.

    ``read`` gives tiles. Raises ValueError for whatever does not hold; UnprovableError where tiles are missing.
    """
    record = parse_record(answer)
    head = open_head(record.note, key)
    root = root_with(record_hash(record.data), record.index, head.tree.size, TileHashes(head.tree.size, read))
    if root != head.tree.root:
        raise ValueError(f"record {record.index} is not in the signed tree of {head.tree.size} records")
    return Answer(sum_in(record, module, version), record.index, head)


def check_timeline(one: Tree, other: Tree, read: Read) -> None:
    """Check that two trees are of one history: that the smaller is the beginning of the larger.

    Raises ValueError where they are not, UnprovableError where tiles are missing.
    """
    older, newer = sorted((one, other), key=lambda tree: tree.size)
    if older.size == newer.size:
        if older.root != newer.root:
            raise ValueError(f"it signed two different trees of {older.size} records: its history is forked")
        return
    if older.size == 0:
        if older.root != EMPTY:
            raise ValueError("the tree without records has a root of its own")
        return
    old, new = roots(older.size, newer.size, TileHashes(newer.size, read))
    if new != newer.root:
        raise ValueError(f"its tiles are not those of the tree of {newer.size} records that it signed")
    if old != older.root:
        raise ValueError(
            f"the tree of {newer.size} records does not begin with its tree of {older.size}: its history is forked"
        )
