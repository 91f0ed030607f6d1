"""The journal on a target: one file a change, each with what takes it back.

Files instead of one log: an entry appears by rename and goes by unlink, so controllers at
work at the same time never touch each other's entries and a crash leaves whole ones only.
Names begin with the target's own clock, so sorting them by name is sorting them by time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from remotego.core.change import Change, RemoveDir, RemoveFile, Reversal, parse_reversal, reversal_as_json
from remotego.core.errors import HostError, RefusedError
from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.host.root import guarded

_SCRIPT = """\
for file in "$root"/journal/*.json; do
  [ -f "$file" ] && printf '%s\\t%s\\n' "${file##*/}" "$(cat "$file")"
done
true
"""

_NAME = re.compile(r"[0-9]+-[0-9a-f]+-[0-9]+\.json")


@dataclass(eq=False)
class BadJournalError(HostError):
    """A journal entry cannot be read by this version."""

    entry: str
    why: str
    what = "journal entry {entry} cannot be read: {why}"
    remedy = "use the newer remotego that wrote it, or read the file there and undo it by hand"


@dataclass(eq=False)
class ForeignPathError(RefusedError):
    """A journal entry would remove what we never make."""

    entry: str
    path: str
    root: str
    what = "journal entry {entry} would remove {path}, which is not ours in {root}; nothing was removed"
    remedy = "if --store has changed its spelling, give the old one; else read the entry and remove the file by hand"


@dataclass(frozen=True, slots=True)
class Entry:
    """A change done earlier: the ``name`` of its file, who did it and why, and its reversals in order."""

    name: str
    by: str
    reason: str
    undo: tuple[Reversal, ...]


def write_entry(change: Change, by: str) -> str:
    """Give the one line of JSON that records a change."""
    undo = [reversal_as_json(action) for action in change.undo]
    return json.dumps({"by": by, "reason": change.reason, "undo": undo}, ensure_ascii=True)


def check_undo(entries: Iterable[Entry], root: str) -> None:
    """Raise ForeignPathError unless entries remove only what we make for ``root``.

    That are files in its store, and, where they are empty, itself, its children and the directories above it.
    """
    for entry in entries:
        for act in entry.undo:
            if not _is_ours(act, root):
                raise ForeignPathError(entry.name, inert(act.path), root)


def _is_ours(act: Reversal, root: str) -> bool:
    match act:
        case RemoveFile(path):
            return _is_child(path, f"{root}/store")
        case RemoveDir(path):
            return path == root or _is_child(path, root) or (path != "" and root.startswith(f"{path}/"))
        case _:
            assert_never(act)


def _is_child(path: str, parent: str) -> bool:
    above, _, name = path.rpartition("/")
    return above == parent and name not in ("", ".", "..")


def journal(store: str | None = None) -> Fact[tuple[Entry, ...]]:
    """Ask for all entries, oldest first. ``store`` overrides where we keep things on the target."""
    return guarded("journal", store, _SCRIPT, _parse)


def _parse(_: str, text: str) -> tuple[Entry, ...]:
    lines = (line for line in text.split("\n") if line.strip())
    return tuple(sorted((_parse_entry(line) for line in lines), key=lambda entry: entry.name))


def _parse_entry(line: str) -> Entry:
    name, _, body = line.partition("\t")
    try:
        match json.loads(body):
            case {"by": str(by), "reason": str(reason), "undo": [*undo]} if _NAME.fullmatch(name):
                return Entry(name, inert(by), inert(reason), tuple(parse_reversal(action) for action in undo))
            case _:
                raise ValueError("it is no entry of ours")
    except (ValueError, RecursionError) as error:
        raise BadJournalError(inert(name), inert(str(error))) from error
