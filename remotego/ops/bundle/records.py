"""The checksum database in a bundle: every record with one and the same signed tree, and the tiles that prove it.

Answers that go has stored come with the tree of the moment at which each was asked, so that a client that asks in
another order wants proofs nobody has. Any later tree that the database has signed covers a record as well.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remotego.adapters.doors import AbsentError, Door, NoAnswerError
from remotego.adapters.filetree import FileTree
from remotego.bundle.layout import database_path, lookup_path
from remotego.bundle.manifest import Base
from remotego.core.errors import BuildError
from remotego.golang.sumdb.cover import continuing, covering
from remotego.golang.sumdb.database import Database
from remotego.golang.sumdb.lookup import check_timeline
from remotego.golang.sumdb.note import CAP_BYTES as NOTE_BYTES
from remotego.golang.sumdb.record import CAP_BYTES, Record, parse_record
from remotego.golang.sumdb.tiles import CAP_BYTES as TILE_BYTES
from remotego.golang.sumdb.tiles import Tile
from remotego.golang.sumdb.tree import Head, open_head

Version = tuple[str, str]
"""Path and version of a module."""


@dataclass(eq=False)
class UnprovableRecordError(BuildError):
    """The database's answers do not make a proof."""

    database: str
    reason: str
    what = "what {database} says of these modules cannot be proven: {reason}"
    remedy = (
        "try again; if it stays so, see with `remotego proxy.probe` whether your proxies pass its answers on unchanged"
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of the database already: the answers in other bundles' ``trees``, the ``head`` of the earlier
    bundle, and the sizes of its tree and of those before.

    ``seen`` are signed trees that some go has seen elsewhere, which the one of the bundle shall continue; ``standing``
    is the head of the bundle that was made of the same before.
    """

    trees: tuple[FileTree, ...]
    head: Head | None = None
    sizes: tuple[int, ...] = ()
    seen: tuple[bytes, ...] = ()
    standing: Head | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a bundle holds of a database: the tree, and the ``files`` by their paths."""

    base: Base
    files: Mapping[str, bytes]


def settle(
    database: Database, versions: Iterable[Version], there: FileTree, afar: Door, earlier: Earlier
) -> Answers | None:
    """Give the records of modules under one signed tree, with all the tiles that a client may want.

    ``there`` is what go has stored; what it lacks is asked ``afar``. Where the tree of the standing or of the earlier
    bundle covers all records it stays, so that nothing need change; else it is shown that the new one continues it.
    Where no record is wanted the tree is the one that the database names now, so that it stays on where the bundle is
    used; None where it names none.

    Raises UnprovableRecordError.
    """
    try:
        records = {one: _record(one, database, (there, *earlier.trees)) for one in versions}
        heads = [open_head(record.note, database.key) for record in records.values()]
        seen = [open_head(note, database.key) for note in earlier.seen]
        if not (heads or seen or earlier.head or earlier.standing):
            if (now := _now(database, afar)) is None:
                return None
            heads = [now]
        highest = max((record.index for record in records.values()), default=0)
        head = max((*_chosen(heads, (earlier.standing, earlier.head), highest), *seen), key=lambda one: one.tree.size)
        doors = (there, *earlier.trees, afar)
        for one in (*([earlier.head] if earlier.head else []), *seen):
            check_timeline(one.tree, head.tree, lambda path: _read(path, doors))
        sizes = {*earlier.sizes, *(one.tree.size for one in seen)}
        older = tuple(sorted(size for size in sizes if size < head.tree.size))
        indexes = (record.index for record in records.values())
        tiles = (*covering(head.tree.size, indexes), *(tile for size in older for tile in _between(size, head)))
        files = {tile.path: _tile(tile, doors) for tile in tiles}
    except (AbsentError, NoAnswerError, ValueError) as error:
        raise UnprovableRecordError(database.name, str(error)) from error
    files |= {"supported": b"", "latest": head.note}
    named = {database_path(database.name, path): data for path, data in files.items()}
    named |= {lookup_path(database.name, *one): _answer(record, head) for one, record in records.items()}
    return Answers(_base(database, head, older), named)


def _between(older: int, head: Head) -> tuple[Tile, ...]:
    """Give the tiles for a go that has seen an older tree: it computes that one's root too, by its own edge."""
    return (*covering(older, ()), *continuing(older, head.tree.size))


def _now(database: Database, afar: Door) -> Head | None:
    """Ask for the tree of the moment; None where nobody passes it on, as in a network without the database."""
    try:
        return open_head(afar.read("latest", NOTE_BYTES), database.key)
    except (AbsentError, NoAnswerError):
        return None


def _chosen(heads: Sequence[Head], kept: Sequence[Head | None], highest: int) -> Sequence[Head]:
    """Give the tree that stays, else those that came with the records."""
    stays = next((head for head in kept if head is not None and head.tree.size > highest), None)
    return heads if stays is None else [stays]


def _record(one: Version, database: Database, doors: Sequence[FileTree]) -> Record:
    path = lookup_path("", *one).partition("//")[2]
    for door in doors:
        if door.has(path):
            return parse_record(door.read(path, CAP_BYTES))
    raise AbsentError(database.name, path)


def _tile(tile: Tile, doors: Sequence[Door]) -> bytes:
    data = _read(tile.path, doors)
    if data is None:
        data = (_read(tile.full.path, doors) or b"")[: tile.width * 32]
    if len(data) != tile.width * 32:
        raise ValueError(f"{tile.path} is not to be had")
    return data


def _read(path: str, doors: Sequence[Door]) -> bytes | None:
    for door in doors:
        try:
            return door.read(path, TILE_BYTES)
        except AbsentError:
            continue
    return None


def _answer(record: Record, head: Head) -> bytes:
    return f"{record.index}\n{record.text}\n".encode() + head.note


def _base(database: Database, head: Head, older: tuple[int, ...]) -> Base:
    key = database.key
    blob = base64.b64encode(b"\x01" + key.public).decode()
    root = base64.b64encode(head.tree.root).decode()
    return Base(f"{key.name}+{key.mark.hex()}+{blob}", head.tree.size, root, older)
