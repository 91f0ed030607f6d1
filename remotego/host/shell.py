"""The one place that turns actions into sh, and the only one that quotes.

A batch is one script: for each change, directories first, then its journal entry, then the rest,
so that nothing is ever there without a record. When a change fails, what this batch made is taken
back, but nothing another controller may have put there in the meantime.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import assert_never

from remotego.core.change import Action, Change, MakeDir, Push, RemoveDir, RemoveFile, RemoveTree
from remotego.core.transport import Payload, Script
from remotego.host.journal import Entry, check_undo, write_entry
from remotego.host.survey import Survey


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes, and all that rendering them needs to know of the target and of us."""

    changes: Sequence[Change]
    have: Survey
    nonce: str
    by: str


def render_batch(batch: Batch) -> Script:
    """Render changes as one script. It ends with 0, or with 1 and the first cause on standard error."""
    changes = batch.changes
    words = {
        "root": batch.have.root,
        "digest": batch.have.digest,
        "nonce": batch.nonce,
        "home": next((str(number) for number, change in enumerate(changes) if _makes_only_room(change)), ""),
    }
    parts = [assign(words), _read("batch")]
    parts += [_render_abandon(number, change) for number, change in enumerate(changes)]
    parts += [_render_change(number, change, batch.by) for number, change in enumerate(changes)]
    payloads = [_payload(act) for change in changes for act in change.do if isinstance(act, Push)]
    return Script("\n".join(parts), tuple(payloads))


def render_undo(entries: Sequence[Entry], have: Survey) -> Script:
    """Take back entries: files newest first, then the entries, then directories, the deepest first.

    What cannot be removed ends the script with 1, before its entry is gone. What pushes that were
    broken off have left goes too, but not the room of one that began after the journal was read;
    directories that hold something else stay. Raises ForeignPathError.
    """
    check_undo(entries, have.root)
    rooms = [f"{have.root}/store/.{entry.name.removesuffix('.json')}" for entry in entries]
    made = [act.path for entry in entries for act in entry.undo if isinstance(act, RemoveDir)]
    newest_first = [act for entry in reversed(entries) for act in entry.undo if isinstance(act, RemoveFile)]
    lines = [f"rm -f -- {shlex.quote(act.path)} || exit 1" for act in newest_first]
    lines += [f"rm -rf -- {shlex.quote(path)} || exit 1" for path in (*rooms, *have.stale)]
    lines += [f"rm -f -- {shlex.quote(f'{have.root}/journal/{entry.name}')} || exit 1" for entry in entries]
    lines += [f"rmdir -- {shlex.quote(path)} 2>/dev/null" for path in sorted(set(made), key=len, reverse=True)]
    return Script("\n".join([*lines, "true"]))


def assign(words: Mapping[str, str]) -> str:
    """Set shell variables."""
    return "\n".join(f"{name}={shlex.quote(value)}" for name, value in words.items())


def _render_change(number: int, change: Change, by: str) -> str:
    makes = [act for act in change.do if isinstance(act, MakeDir)]
    rest = [act for act in change.do if not isinstance(act, MakeDir)]
    notes = [f"note {shlex.quote(write_entry(change, by))} || fail"] if change.undo else []
    return "\n".join([f"at={number}", *map(_render_action, makes), *notes, *map(_render_action, rest)])


def _render_action(action: Action) -> str:
    match action:
        case MakeDir(path):
            return f"own_dir {shlex.quote(path)}"
        case RemoveTree(path):
            return f"rm -rf -- {shlex.quote(path)} || fail"
        case Push(artifact, path, prove, packed):
            size = str(_payload(action).size_bytes)
            return shlex.join(["push", path, artifact.sha256, size, "gzip -dc" if packed else "cat", *prove])
        case _:
            assert_never(action)


def _render_abandon(number: int, change: Change) -> str:
    """What takes a failed change back: its directories, if they are still empty."""
    made = [act.path for act in change.undo if isinstance(act, RemoveDir)]
    lines = [f"rmdir -- {shlex.quote(path)} 2>/dev/null" for path in made]
    return "\n".join([f"abandon_{number}() {{", *lines, "true", "}"])


def _makes_only_room(change: Change) -> bool:
    return all(isinstance(act, MakeDir) for act in change.do)


def _payload(push: Push) -> Payload:
    artifact = push.artifact
    if push.packed and artifact.packed is not None:
        return Payload(artifact.packed, artifact.packed_bytes)
    return Payload(artifact.path, artifact.size_bytes)


def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sh").read_text(encoding="utf-8")
