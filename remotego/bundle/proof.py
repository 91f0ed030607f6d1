"""Proving what a bundle holds: each zip and go.mod by its hash, each hash by the database's signature or the manifest.

Everything is read through a function from a path to bytes; nothing is asked of anybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from remotego.bundle.layout import SUMDB, database_path, info_path, list_path, lookup_path, mod_path, zip_path
from remotego.bundle.manifest import DATABASE, Base, Manifest, Module
from remotego.golang.modulezip import mod_h1
from remotego.golang.sumdb.merkle import record_hash, root_with
from remotego.golang.sumdb.note import Key
from remotego.golang.sumdb.record import parse_record, sum_in
from remotego.golang.sumdb.tiles import TileHashes
from remotego.golang.sumdb.tree import Tree, hash_of, open_head

Read = Callable[[str], bytes | None]
"""Gives a small file of the tree; None where it is not there."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with a file, or with what the manifest says of one."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Tops:
    """The signed tree that a bundle's records shall be in, and its hashes out of tiles."""

    key: Key
    tree: Tree
    hashes: TileHashes


def tops(base: Base, key: Key, read: Read) -> Tops:
    """Open the tree that a manifest names, by the note in the bundle that ``key`` signed. Raises ValueError."""
    tree = Tree(base.size, hash_of(base.root))
    note = read(database_path(key.name, "latest"))
    if note is None:
        raise ValueError("the signed tree head is missing")
    if open_head(note, key).tree != tree:
        raise ValueError("the signed tree head is of another tree than the manifest says")
    return Tops(key, tree, TileHashes(tree.size, lambda path: read(database_path(key.name, path))))


def prove(module: Module, top: Tops, read: Read) -> int:
    """Show that the database has signed the hashes that a manifest names for a module; give the record's number.

    Raises ValueError.
    """
    answer = read(lookup_path(top.key.name, module.path, module.version))
    if answer is None:
        raise ValueError("its record of the checksum database is missing")
    record = parse_record(answer)
    if open_head(record.note, top.key).tree != top.tree:
        raise ValueError("its record comes with another tree head than the others")
    root = root_with(record_hash(record.data), record.index, top.tree.size, top.hashes)
    if root != top.tree.root:
        raise ValueError(f"record {record.index} is not in the signed tree of {top.tree.size} records")
    for version, named in ((module.version, module.zip), (f"{module.version}/go.mod", module.mod)):
        if named and (signed := sum_in(record, module.path, version)) != named:
            raise ValueError(f"the database has signed {signed} for {version}, and the manifest says {named}")
    return record.index


def faults(manifest: Manifest, key: Key | None, read: Read, zips: Mapping[str, str]) -> Iterator[Fault]:
    """Name all that does not hold. ``zips`` are the hashes of the modules' zips as they were found, by their paths.

    ``key`` is the one that is trusted here; None where the bundle has no database.
    """
    top: Tops | None = None
    if manifest.database is not None and key is not None:
        try:
            top = tops(manifest.database, key, read)
        except ValueError as error:
            yield Fault(database_path(key.name, "latest"), str(error))
    for module in manifest.modules:
        yield from _faults_of(module, top, read, zips)
    yield from _faults_of_lists(manifest, read)


def _faults_of(module: Module, top: Tops | None, read: Read, zips: Mapping[str, str]) -> Iterator[Fault]:
    path, version = module.path, module.version
    mod, zipped = mod_path(path, version), zip_path(path, version)
    if (data := read(mod)) is None or mod_h1(data) != module.mod:
        yield Fault(mod, "it is missing" if data is None else f"it is {mod_h1(data)}, not {module.mod}")
    if module.zip and zips.get(zipped) != module.zip:
        yield Fault(zipped, f"it is {zips[zipped]}, not {module.zip}" if zipped in zips else "it is missing")
    if module.info and read(info_path(path, version)) != info_text(read(info_path(path, version)) or b"", version):
        yield Fault(info_path(path, version), "it does not tell the time of this version")
    if module.vouched == DATABASE:
        yield from _unproven(module, top, read)


def _unproven(module: Module, top: Tops | None, read: Read) -> Iterator[Fault]:
    place = lookup_path(top.key.name, module.path, module.version) if top else SUMDB
    if top is None:
        yield Fault(place, f"there is no checksum database to vouch for {module.name}")
        return
    try:
        prove(module, top, read)
    except ValueError as error:
        yield Fault(place, f"{module.name}: {error}")


def _faults_of_lists(manifest: Manifest, read: Read) -> Iterator[Fault]:
    for path, text in lists(manifest.modules).items():
        if read(path) != text:
            yield Fault(path, "it does not list the versions that are there")


def files_of(module: Module) -> tuple[str, ...]:
    """Name the files of a module."""
    path, version = module.path, module.version
    info = (info_path(path, version),) if module.info else ()
    return (*info, mod_path(path, version), *((zip_path(path, version),) if module.zip else ()))


def lists(modules: tuple[Module, ...]) -> dict[str, bytes]:
    """Give the lists of versions: those whose zip is there, so that what is newest can be had."""
    found: dict[str, list[str]] = {}
    for module in sorted(modules):
        if module.zip:
            found.setdefault(list_path(module.path), []).append(module.version)
    return {path: "".join(f"{version}\n" for version in versions).encode() for path, versions in found.items()}


def info_text(data: bytes, version: str) -> bytes:
    """Give the ``.info`` of a version with its time alone: where it came from may be nobody's business.

    b"" for what is none.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return b""
    if not isinstance(document, dict) or document.get("Version") != version:
        return b""
    told = {name: document[name] for name in ("Version", "Time") if isinstance(document.get(name), str)}
    return json.dumps(told, separators=(",", ":")).encode()
