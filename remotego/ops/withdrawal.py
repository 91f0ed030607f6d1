"""Withdrawal: taking what is ours out of files that somebody has changed since: editors' settings, go's own file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from remotego.core.change import Change, RestoreGoEnv, RestoreProfile, RestoreSettings, Reversal
from remotego.core.progress import Progress
from remotego.core.transport import Transport
from remotego.golang.profilefile import unwound
from remotego.host.homeedit import follow_up, sha256
from remotego.host.homefiles import UnfitHomeFileError, contents
from remotego.host.journal import Entry
from remotego.host.survey import Survey
from remotego.ops.engine import apply, ask
from remotego.vscode.settings import plan_withdrawal


def withdraw(host: Transport, entries: Sequence[Entry], have: Survey, progress: Progress) -> tuple[Entry, ...]:
    """Take what is ours out of changed files; give the entries with what is left to take back, the oldest first.

    The entries have been checked. A file that is as we left it needs nothing here: its copy will do. Raises
    JsoncError for one that cannot be edited safely.
    """
    acts = [act for entry in entries for act in entry.undo if isinstance(act, RestoreSettings | RestoreGoEnv)]
    if not acts:
        return tuple(entries)
    found = ask(host, contents(sorted({act.path for act in acts})))
    settled: dict[Reversal, Reversal] = {}
    changes: list[Change] = []
    for path, content in found.items():
        own = [act for act in reversed(acts) if act.path == path]
        if _copies_do(content, own):
            continue
        after = _withdrawn(content, own)
        if after is None:
            settled |= {act: replace(act, was="", now=sha256(content)) for act in own}
            continue
        settled |= {act: replace(act, was=sha256(after)) for act in own}
        changes += [follow_up(path, content, after)] if after != content else []
    apply(host, changes, have, progress)
    return tuple(_with(entry, settled) for entry in entries)


def _with(entry: Entry, settled: Mapping[Reversal, Reversal]) -> Entry:
    return replace(entry, undo=tuple(settled.get(act, act) for act in entry.undo))


def _copies_do(content: bytes, acts: Sequence[RestoreSettings | RestoreGoEnv]) -> bool:
    """Tell whether copies lead all the way back: each act, the newest first, finds the file as it left it, or undone.

    The copy of a profile is no help where it was changed for another.
    """
    digest = sha256(content)
    rest = list(acts)
    while rest:
        act = next((one for one in rest if one.now == digest), rest[0])
        rest.remove(act)
        if isinstance(act, RestoreProfile) or digest not in (act.was, act.now):
            return False
        digest = act.was
    return True


def _withdrawn(content: bytes, acts: Sequence[RestoreSettings | RestoreGoEnv]) -> bytes | None:
    """Give a file without what is ours; None where it was made by us and nothing else is in it."""
    for act in acts:
        if isinstance(act, RestoreSettings):
            content = _without_tools(content, act)
    return unwound(content, [act for act in acts if isinstance(act, RestoreGoEnv)])


def _without_tools(content: bytes, act: RestoreSettings) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise UnfitHomeFileError(act.path, f"it is not UTF-8 (byte {error.start})") from error
    return plan_withdrawal(text, act.tools, file=act.path).encode()
