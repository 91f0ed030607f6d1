"""Turning: settings of one profile in a workspace's file in the place of another's, and out to the text of before.

What was written is on record: the settings of ours by their paths, with what stood there before. A file that is as a
record left it goes back to the very text of before; in one that was changed since only our settings go. There are two
records while a change is under way, so a command that is killed in it leaves a file that one of them describes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remotego.golang.telling import told_value
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.onego import Entry, entries_of, without_entries
from remotego.vscode.settings import leaves, plan_settings
from remotego.vscode.workspacefile import place_of

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A profile as it was written: the text it ``was`` without any (None: no file), and the digest of it ``now``.

    ``kept`` are the paths where the user had another value since: they are the user's.
    """

    profile: str
    was: str | None
    now: str
    entries: tuple[Entry, ...]
    kept: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Turned:
    """A file from one profile to another: its ``base`` without any, the new ``text``, our ``entries`` in that.

    ``kept`` are values of the user's that stay in the place of ours, by their paths.
    """

    base: str | None
    text: str
    entries: tuple[Entry, ...]
    kept: Mapping[Path, Any] = field(default_factory=dict)

    def record(self, profile: str) -> Record:
        """Give what has to be known to take it back."""
        return Record(profile, self.base, digest(self.text), self.entries, tuple(self.kept))


@dataclass(frozen=True, slots=True)
class File:
    """A file of settings: its ``name``, its ``text`` (None: there is none), and the schema of settings.json.

    ``others`` are the paths that another command of ours holds there: they are left to it.
    """

    name: str
    text: str | None
    schema: Mapping[str, Any]
    others: frozenset[Path] = frozenset()


def turned(file: File, records: Sequence[Record], wanted: Mapping[str, Any], *, replace: bool = False) -> Turned:
    """Plan settings in the place of those of ``records``, the newest first; ``replace``: also what the user changed.

    Raises JsoncError, SchemaError.
    """
    values = dict(leaves(wanted))
    kept = {} if replace else {path: value for path, value in changed(file, records).items() if path in values}
    kept = {path: value for path, value in kept.items() if value != values[path]}
    ours = _without(wanted, file.others | kept.keys())
    base = base_of(file, records)
    text = plan_settings(_less(file, records, dict(leaves(ours))), ours, file.schema, file=file.name)
    carried = [one for record in records[:1] for one in record.entries if one.path in file.others]
    return Turned(base, text, (*entries_of(base, ours, file=file.name), *carried), kept)


def _less(file: File, records: Sequence[Record], wanted: Mapping[Path, Any]) -> str | None:
    """Give the text without what ``records`` have written and nobody wants any more; the rest keeps its place."""
    text = file.text
    for record in records:
        surplus = [one for one in record.entries if one.path not in wanted and one.path not in file.others]
        text = without_entries(text, surplus, file.schema, file=file.name) if text and surplus else text
    return text


def base_of(file: File, records: Sequence[Record]) -> str | None:
    """Give the text without what ``records``, the newest first, have written; None where they made the file."""
    text = file.text
    if text is None:
        return None
    if (at := in_force(text, records)) is not None:
        return at.was
    if digest(text) in {digest(record.was) for record in records if record.was is not None}:
        return text
    for record in records:
        entries = [one for one in record.entries if one.path not in file.others]
        text = without_entries(text, entries, file.schema, file=file.name)
    return text


def changed(file: File, records: Sequence[Record]) -> dict[Path, Any]:
    """Give the settings that a profile has set and the user has changed since, with the user's value.

    One that is not there any more is no value to keep.
    """
    if file.text is None:
        return {}
    known = {digest(record.was) for record in records if record.was is not None} | {one.now for one in records}
    values: dict[Path, list[Any]] = {path: [] for record in records for path in record.kept}
    if digest(file.text) not in known:
        for one in (entry for record in records for entry in record.entries):
            values.setdefault(one.path, []).append(one.value)
    found = _held(file, values)
    return {path: value for path, value in found.items() if value not in values[path] and path not in file.others}


def values_at(name: str, text: str | None, paths: Iterable[Path]) -> dict[Path, str]:
    """Give the values of settings as JSON, without secrets; one that is not there is left out. Raises JsoncError."""
    file = File(name, text, {})
    return {
        path: told_value(path[-1], json.dumps(value, ensure_ascii=False)) for path, value in _held(file, paths).items()
    }


def in_force(text: str | None, records: Sequence[Record]) -> Record | None:
    """Give the record by which a text is as it is, to the letter; None where there is none."""
    return None if text is None else next((one for one in records if one.now == digest(text)), None)


def digest(text: str) -> str:
    """Digest of a text as a record holds it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def record_as_json(record: Record) -> dict[str, Any]:
    """Give a record as plain data."""
    rows = [
        {"path": list(one.path), "value": one.value, "there": one.there, "before": one.before} for one in record.entries
    ]
    kept = [list(path) for path in record.kept]
    return {"profile": record.profile, "was": record.was, "now": record.now, "entries": rows, "kept": kept}


def parse_record(data: Any) -> Record:
    """Read a record back. Raises ValueError for what is none."""
    match data:
        case {"profile": str(name), "was": str() | None as was, "now": str(now), "entries": [*rows], "kept": [*kept]}:
            return Record(name, was, now, tuple(map(_entry, rows)), tuple(tuple(map(str, path)) for path in kept))
        case _:
            raise ValueError("it is no record of a profile")


def _entry(row: Any) -> Entry:
    match row:
        case {"path": [*path], "value": value, "there": bool(there), "before": before}:
            return Entry(tuple(map(str, path)), value, there, before)
        case _:
            raise ValueError("it is no entry of a record")


def _held(file: File, paths: Iterable[Path]) -> dict[Path, Any]:
    """Give the values at paths; one that is not there is left out."""
    root = parse_jsonc(file.text or "", file=file.name).root.value
    at = place_of("settings", file=file.name)
    pairs = ((path, _above(root, (*at, *path[:-1]))) for path in paths)
    return {path: above[path[-1]] for path, above in pairs if path[-1] in above}


def _above(value: Any, path: Path) -> Mapping[str, Any]:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _without(wanted: Mapping[str, Any], paths: frozenset[Path], above: Path = ()) -> dict[str, Any]:
    """Leave out members by their paths, and objects that have none left."""
    rest: dict[str, Any] = {}
    for key, value in wanted.items():
        path = (*above, key)
        if path in paths:
            continue
        if isinstance(value, Mapping) and value:
            if inner := _without(value, paths, path):
                rest[key] = inner
        else:
            rest[key] = value
    return rest
