"""The one place that turns actions into sh, and the only one that quotes.

A batch is one script: for each change, directories first, then its journal entry, then the rest,
so that nothing is ever there without a record. When a change fails, what this batch made is taken
back, but nothing another controller may have put there in the meantime.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from remotego.core.change import Action, Change, EditFile, MakeDir, Push, RemoveDir, RemoveFile, RemoveTree, RestoreFile
from remotego.core.modechange import Recheck, RestoreMode, SetMode
from remotego.core.proxychange import DropProxy, StartProxy
from remotego.core.sdkchange import Forget, Relink, RemoveSdk, Unpack
from remotego.core.transport import Payload, Script
from remotego.host.journal import Entry, check_undo, write_entry
from remotego.host.proxy import abandon_proxies, about_proxies, render_proxy_action, undo_proxies
from remotego.host.scripts import assign, read
from remotego.host.sdk.shell import about_sdks, render_sdk_action, undo_sdks
from remotego.host.survey import Survey

SdkAction = Unpack | Relink | RemoveSdk | Forget
ProxyAction = StartProxy | DropProxy


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
    parts = [assign(words), read("batch"), *about_sdks([act for change in changes for act in change.do])]
    parts += about_proxies([act for change in changes for act in change.do])
    parts += [_render_abandon(number, change) for number, change in enumerate(changes)]
    rendered = [_render_change(number, change, batch.by) for number, change in enumerate(changes)]
    edits = [number for number, change in enumerate(changes) if _checks(change)]
    if edits:
        checks = [line for number in edits for line in _checks(changes[number])]
        rendered.insert(edits[0], "\n".join([f"at={edits[0]}", *checks]))
    parts += rendered
    payloads = [_payload(act) for change in changes for act in change.do if isinstance(act, Push | Unpack)]
    return Script("\n".join(parts), tuple(payloads))


def render_undo(entries: Sequence[Entry], have: Survey, *, whole: bool = False) -> Script:
    """Take back entries: files newest first, then the entries, then directories, the deepest first.

    What cannot be removed ends the script with 1, before its entry is gone. What pushes that were
    broken off have left goes too, but not the room of one that began after the journal was read. ``whole``:
    the entries are all there are, so notes of sessions that have ended go, and what servers of credentials have
    there, also those that live. Directories that hold something else stay. Raises ForeignPathError.
    """
    check_undo(entries, have.root)
    names = [entry.stem for entry in entries]
    rooms = [f"{have.root}/{place}/.{name}" for name in names for place in ("store", "sdk", "bundles")]
    made = [act.path for entry in entries for act in entry.undo if isinstance(act, RemoveDir)]
    newest_first = [act for entry in reversed(entries) for act in entry.undo if isinstance(act, RemoveFile)]
    lines = [assign({"digest": have.digest}), read("restore")] if _restores(entries) else []
    lines += undo_sdks(entries)
    lines += undo_proxies(entries, have.root)
    lines += [f"rm -f -- {shlex.quote(act.path)} || exit 1" for act in newest_first]
    lines += [_render_restore(act, entry, have) for act, entry in _in_turn(entries)]
    lines += [f"{_remove_tree(path)} || exit 1" for path in (*rooms, *have.stale)]
    lines += [f"rm -f -- {_names(entry, have)} || exit 1" for entry in entries]
    lines += [f"rm -f -- {shlex.quote(have.root)}/journal/*.ended", _remove_lent(have.root)] if whole else []
    lines += [_render_mode(act) for entry in reversed(entries) for act in entry.undo if isinstance(act, RestoreMode)]
    lines += [f"rmdir -- {shlex.quote(path)} 2>/dev/null" for path in sorted(set(made), key=len, reverse=True)]
    return Script("\n".join([*lines, "true"]))


def _restores(entries: Sequence[Entry]) -> bool:
    return any(isinstance(act, RestoreFile) for entry in entries for act in entry.undo)


def _in_turn(entries: Sequence[Entry]) -> list[tuple[RestoreFile, Entry]]:
    """Put edits of one file in the order of their contents, the last first: clocks tell seconds only."""
    rest = [(act, entry) for entry in reversed(entries) for act in entry.undo if isinstance(act, RestoreFile)]
    turns = []
    while rest:
        due = next((one for one in rest if not any(_follows(other, one[0]) for other, _ in rest)), rest[0])
        rest.remove(due)
        turns.append(due)
    return turns


def _follows(act: RestoreFile, other: RestoreFile) -> bool:
    return act.path == other.path and act.was == other.now


def _render_restore(act: RestoreFile, entry: Entry, have: Survey) -> str:
    copy = f"{have.root}/journal/{entry.name.removesuffix('.json')}.before"
    return shlex.join(["restore", act.path, act.was, act.now, str(act.made), copy])


def _remove_lent(root: str) -> str:
    """Remove what a server of credentials that was killed has left; of one that still serves, the way to it."""
    place = f"{shlex.quote(root)}/auth"
    names = " ".join(f"{place}/{one}" for one in ("*.sock", "*.git", "*.netrc", "gitconfig", "lock"))
    link = f"case $(readlink ~/.netrc 2>/dev/null) in {place}/*.netrc) rm -f ~/.netrc ;; esac"
    return f"{link}; rm -f -- {names}; rmdir -- {place} 2>/dev/null"


def _render_mode(act: RestoreMode) -> str:
    path = shlex.quote(act.path)
    return f"[ ! -O {path} ] || [ -h {path} ] || chmod {act.mode:o} {path} || exit 1"


def _names(entry: Entry, have: Survey) -> str:
    """Name the files of an entry: its own, and the copy beside it if it has one."""
    file = f"{have.root}/journal/{entry.name}"
    return shlex.join([file, f"{file.removesuffix('.json')}.before"] if _restores([entry]) else [file])


def _render_change(number: int, change: Change, by: str) -> str:
    makes = [act for act in change.do if isinstance(act, MakeDir | SetMode)]
    rest = [act for act in change.do if not isinstance(act, MakeDir | SetMode)]
    notes = [f"note {shlex.quote(write_entry(change, by))} || fail"] if change.undo else []
    return "\n".join([f"at={number}", *map(_render_action, makes), *notes, *map(_render_action, rest)])


def _checks(change: Change) -> list[str]:
    """Have files read as they shall be: all of them before the first is changed."""
    return [
        shlex.join(["check", act.path, str(act.offset), str(act.cut), act.was, octal(act.text), *act.check])
        for act in change.do
        if isinstance(act, EditFile) and act.check
    ]


def _render_action(action: Action) -> str:
    if isinstance(action, SetMode):
        return shlex.join(["set_mode", action.path, f"{action.mode:o}"])
    if isinstance(action, Recheck):
        return shlex.join(["recheck", action.path])
    return _render_more(action)


def _render_more(action: MakeDir | RemoveTree | EditFile | Push | SdkAction | ProxyAction) -> str:
    if isinstance(action, StartProxy | DropProxy):
        return render_proxy_action(action)
    match action:
        case MakeDir(path):
            return f"own_dir {shlex.quote(path)}"
        case RemoveTree(path):
            return f"{_remove_tree(path)} || fail"
        case EditFile(path, offset, cut, text, was, now):
            return shlex.join(["edit", path, str(offset), str(cut), was, now, octal(text)])
        case Push(artifact, path, prove, packed):
            size = str(_payload(action).size_bytes)
            return shlex.join(["push", path, artifact.sha256, size, "gzip -dc" if packed else "cat", *prove])
        case Unpack() | Relink() | RemoveSdk() | Forget():
            return render_sdk_action(action)
        case _:
            assert_never(action)


def octal(text: str) -> str:
    """Write a text for ``printf %b``: what is not plain ASCII, or has a meaning there, as ``\\0ooo``."""
    data = text.encode("utf-8", "surrogateescape")
    return "".join(
        chr(byte) if byte == ord("\n") or (0x20 <= byte < 0x7F and byte != ord("\\")) else f"\\0{byte:03o}"
        for byte in data
    )


def _remove_tree(path: str) -> str:
    """Remove what a push has left; an SDK is read-only by then."""
    word = shlex.quote(path)
    return f"{{ [ ! -d {word} ] || chmod -R u+w -- {word} 2>/dev/null; rm -rf -- {word}; }}"


def _render_abandon(number: int, change: Change) -> str:
    """What takes a failed change back: a proxy it has started, and its directories, if they are still empty."""
    made = [act.path for act in change.undo if isinstance(act, RemoveDir)]
    made += [path for act in change.undo if isinstance(act, RestoreFile) for path in parents(act.path, act.made)]
    lines = [f"rmdir -- {shlex.quote(path)} 2>/dev/null" for path in made]
    return "\n".join([f"abandon_{number}() {{", *abandon_proxies(change), *lines, "true", "}"])


def parents(path: str, number: int) -> list[str]:
    """Give the nearest directories above a path, the innermost first."""
    found = []
    for _ in range(number):
        path = path.rpartition("/")[0]
        found.append(path)
    return found


def _makes_only_room(change: Change) -> bool:
    return bool(change.do) and all(isinstance(act, MakeDir) for act in change.do)


def _payload(push: Push | Unpack) -> Payload:
    artifact = push.artifact
    if isinstance(push, Push) and push.packed and artifact.packed is not None:
        return Payload(artifact.packed, artifact.packed_bytes)
    return Payload(artifact.path, artifact.size_bytes)
