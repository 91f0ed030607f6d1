"""Entries: objects in an array of a user's file that carry a name, ours among those of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from remotego.core.errors import UsageError
from remotego.vscode.edits import Entry, Path, look_up, set_value
from remotego.vscode.jsonc import parse_jsonc

Keep = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""What stays of an entry of ours that is there. Raises ForeignEntryError for one that is not ours."""


@dataclass(eq=False)
class ForeignEntryError(UsageError):
    """An entry has the name we would give ours, and is something else."""

    file: str
    name: str
    kind: str
    wanted: str = "a remote attach of Go"
    what = '{file} has an entry "{name}" that is a {kind}, not {wanted}'
    remedy = "rename that entry, and run the command again"


def put_entry(
    text: str, member: str, key: str, wanted: Mapping[str, Any], keep: Keep, *, file: str, at: Path = ()
) -> str:
    """Give the text in which the array ``member`` holds ``wanted``, found by its ``key``; the rest stays as it is.

    ``at`` is where the object of that member is in the file. Without ``member`` the array is the whole.
    """
    path = (*at, *([member] if member else []), Entry(key, str(wanted[key])))
    existing = look_up(parse_jsonc(text, file=file), path)
    kept = dict(keep(existing)) if existing is not None else {}
    return set_value(text, path, kept | dict(wanted), file=file)


def dated(text: str | None, version: str, *, file: str, at: Path = ()) -> str:
    """Give the text in which the object ``at`` that place of it has a version: its own, or else this one."""
    before = parse_jsonc(text or "", file=file)
    value = look_up(before, at)
    if value is not None and not (isinstance(value, dict) and "version" not in value):
        return before.text
    return set_value(before.text, (*at, "version"), version, file=file)


def entries(text: str | None, member: str, *, file: str) -> list[dict[str, Any]]:
    """Give the objects in the array ``member``; none where there is no such array."""
    value = parse_jsonc(text or "", file=file).root.value
    found = value.get(member) if isinstance(value, dict) else value if not member else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
