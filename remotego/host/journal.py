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

from remotego.core.change import (
    Change,
    RemoveDir,
    RemoveFile,
    RemovePrivileged,
    RestoreFile,
    RestoreGoEnv,
    RestoreScope,
    Reversal,
    UndoAs,
    describe,
    parse_reversal,
    reversal_as_json,
)
from remotego.core.errors import HostError, RefusedError
from remotego.core.fact import Fact
from remotego.core.framing import USER
from remotego.core.modechange import RestoreMode
from remotego.core.proxychange import RemoveProxy
from remotego.core.sdkchange import LoseSdk, Relink, RemoveSdk
from remotego.core.terminal import inert
from remotego.host.bundles import layout as bundles
from remotego.host.homefiles import is_home_file, is_plain_file
from remotego.host.ptrace import CANDIDATES, PERSISTENT
from remotego.host.root import HOMELESS, guarded
from remotego.host.sdk.layout import CURRENT, VERSION, folder

_SCRIPT = """\
for file in "$root"/journal/*.json; do
  [ -f "$file" ] && printf '%s\\t%s\\n' "${file##*/}" "$(cat "$file")"
done
true
"""

SESSION = re.compile(r"[0-9a-f]{8,32}")
"""What sessions that root works for are called."""

SHA256 = re.compile(r"[0-9a-f]{64}")

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
    """A journal entry would take back what we never do."""

    entry: str
    act: str
    root: str
    what = "journal entry {entry} would {act}, which is not ours in {root}; nothing was taken back"
    remedy = (
        "if --store has changed its spelling, give the old one; else read the entry and do it by hand if it is right"
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A change done earlier: the ``name`` of its file, who did it and why, and its reversals in order."""

    name: str
    by: str
    reason: str
    undo: tuple[Reversal, ...]

    @property
    def stem(self) -> str:
        """What the names of all files of this change begin with."""
        return self.name.removesuffix(".json")


def write_entry(change: Change, by: str) -> str:
    """Give the one line of JSON that records a change."""
    undo = [reversal_as_json(action) for action in change.undo]
    return json.dumps({"by": by, "reason": change.reason, "undo": undo}, ensure_ascii=True)


def check_undo(entries: Iterable[Entry], root: str) -> None:
    """Raise ForeignPathError unless entries take back only what we do for ``root``.

    That are files in its store, SDKs in it and the link to one, those of a home that we edit (homefiles), go's own
    wherever GOENV says it is, and, where they are empty, itself, its children and the directories above it; of root's
    things our own directories in the few places we make them, our file for sysctl, and a level of Yama that can be; of
    other users' theirs.
    """
    for entry in entries:
        for act in entry.undo:
            if not _is_ours(act, root):
                raise ForeignPathError(entry.name, inert(describe(act)), root)


def _is_ours(act: Reversal, root: str) -> bool:  # noqa: C901 - a case for each kind, a line or two each
    if isinstance(act, RestoreMode):
        mine = act.path == root or any(_is_child(act.path, one) for one in _own(root))
        return mine and act.mode in range(0o1000)
    match act:
        case RemoveFile(path):
            return _is_child(path, f"{root}/store")
        case RemoveDir(path):
            return path == root or _is_child(path, root) or (path != "" and root.startswith(f"{path}/"))
        case RestoreFile():
            return _is_an_edit(act)
        case RestoreScope(session, level):
            return level in range(3) and bool(SESSION.fullmatch(session))
        case RemovePrivileged(path):
            place, _, name = path.rpartition("/")
            return path == PERSISTENT or (place in CANDIDATES and bool(SESSION.fullmatch(name)))
        case Relink() | RemoveSdk() | LoseSdk():
            return _is_about_our_sdks(act, root)
        case RemoveProxy(path):
            return path == f"{root}/proxy"
        case UndoAs(user, store):
            return bool(USER.fullmatch(user)) and (store is None or _is_another_users(store, root))
        case _:
            assert_never(act)


def _own(root: str) -> tuple[str, ...]:
    return root, f"{root}/store", f"{root}/journal"


def _is_an_edit(act: RestoreFile) -> bool:
    """Tell whether it takes back an edit of a file that we edit: one of a home, or go's own, wherever that is."""
    if not (SHA256.fullmatch(act.now) and (act.was == "" or SHA256.fullmatch(act.was))):
        return False
    if isinstance(act, RestoreGoEnv):
        return is_plain_file(act.path) and act.made in range(act.path.count("/"))
    return is_home_file(act.path) and act.made in range(5)


def _is_about_our_sdks(act: Relink | RemoveSdk | LoseSdk, root: str) -> bool:
    match act:
        case Relink(path, was, now):
            ends = [version for version in (was, now) if version]
            return path == f"{folder(root)}/{CURRENT}" and all(map(VERSION.fullmatch, ends))
        case RemoveSdk(path):
            above, _, name = path.rpartition("/")
            is_sdk = above == folder(root) and bool(VERSION.fullmatch(name))
            return is_sdk or (above == bundles.folder(root) and bool(bundles.NAME.fullmatch(name)))
        case LoseSdk(version):
            return bool(VERSION.fullmatch(version))
        case _:
            assert_never(act)


def _is_another_users(store: str, root: str) -> bool:
    """Tell whether it is beside our directory, or in the place for users without a home; named by a uid."""
    place, _, uid = store.rpartition("-")
    return place in (root, HOMELESS) and uid.isascii() and uid.isdecimal()


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
