"""The journal on a target: one file a change, each with what takes it back.

Files instead of one log: an entry appears by rename and goes by unlink, so controllers at
work at the same time never touch each other's entries and a crash leaves whole ones only.
Names begin with the target's own clock, so sorting them by name is sorting them by time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from remotego.core.change import Change, Reversal, parse_reversal, reversal_as_json
from remotego.core.errors import HostError
from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.host.survey import root_word

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


def journal(store: str | None = None) -> Fact[tuple[Entry, ...]]:
    """Ask for all entries, oldest first. ``store`` overrides where we keep things on the target."""
    return Fact("journal", f"root={root_word(store)}\n{_SCRIPT}", _parse)


def _parse(text: str) -> tuple[Entry, ...]:
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
