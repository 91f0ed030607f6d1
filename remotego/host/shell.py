"""The one place that turns actions into sh, and the only one that quotes.

A batch is one script: for each change, directories first, then its journal entry, then the rest,
so that nothing is ever there without a record. When a change fails, what this batch made is taken
back, but nothing another controller may have put there in the meantime.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from remotego.core.change import Action, Change, MakeDir, Push, RemoveDir, Reversal
from remotego.core.transport import Payload, Script
from remotego.host.journal import Entry, write_entry
from remotego.host.survey import Survey

_PRELUDE = """\
journal={journal}
stamp=$(date +%s)
note() {{ printf '%s\\n' "$2" > "$journal/.$stamp-{nonce}-$1" &&
  mv -f "$journal/.$stamp-{nonce}-$1" "$journal/$stamp-{nonce}-$1.json"; }}
forget() {{ rm -f "$journal/.$stamp-{nonce}-$1" "$journal/$stamp-{nonce}-$1.json"; }}
alone() {{ set -- "$1" "$journal"/*.json; [ $# -eq 2 ] && [ "$2" = "$journal/$stamp-{nonce}-$1.json" ]; }}
fail() {{
  df -Pk "$journal" "${{journal%/journal}}" "$HOME" 2>/dev/null | sed 's/^/#df-k /' >&2
  df -Pi "$journal" "${{journal%/journal}}" "$HOME" 2>/dev/null | sed 's/^/#df-i /' >&2
  trap '' HUP INT TERM; abandon_$1; forget "$1"
  [ "$1" = "$first" ] || ! alone "$first" || {{ forget "$first"; abandon_$first; }}
  echo "failed $1"; exit 1
}}
at=0 first={first}
trap 'fail $at' HUP INT TERM
trap '' PIPE
"""

_PUSH = """\
payload {size}{unpack} > {temporary} || fail {index}
sum=$({digest} {temporary}) && [ "${{sum%% *}}" = {sha256} ] || {{ echo '#digest differs' >&2; fail {index}; }}
chmod 700 {temporary} || fail {index}
{proof}mv -f {temporary} {path} || fail {index}
"""

_PROOF = """\
home={temporary}.home
mkdir -p -m 700 "$home/go/telemetry" && echo 'off 2026-01-01' > "$home/go/telemetry/mode" || fail {index}
(HOME=$home XDG_CONFIG_HOME=$home XDG_CACHE_HOME=$home; export HOME XDG_CONFIG_HOME XDG_CACHE_HOME
  exec {temporary} {arguments}) </dev/null
code=$?
rm -rf "$home"
[ $code = 0 ] || {{ echo "#exit $code" >&2; fail {index}; }}
"""
"""Programs are Go programs: they count their runs below the user's home unless told off (go.dev/doc/telemetry)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes, and all that rendering them needs to know of the target and of us."""

    changes: Sequence[Change]
    have: Survey
    nonce: str
    by: str


def render_batch(batch: Batch) -> Script:
    """Render changes as one script. It prints ``done N`` for each, or ``failed N``."""
    journal = shlex.quote(f"{batch.have.root}/journal")
    first = "0" if all(isinstance(act, MakeDir) for act in batch.changes[0].do) else ""
    parts = [_PRELUDE.format(journal=journal, nonce=batch.nonce, first=first)]
    parts += [_abandon(batch, index) for index in range(len(batch.changes))]
    parts += [_render_change(batch, index) for index in range(len(batch.changes))]
    payloads = [_payload(act) for change in batch.changes for act in change.do if isinstance(act, Push)]
    return Script("\n".join(parts), tuple(payloads))


def render_undo(entries: Sequence[Entry], have: Survey) -> Script:
    """Take back entries, newest first. Prints ``done N`` for each."""
    journal = f"{have.root}/journal"
    parts = []
    for index, entry in reversed(list(enumerate(entries))):
        files = [act for act in entry.undo if not isinstance(act, RemoveDir)]
        directories = [act for act in entry.undo if isinstance(act, RemoveDir)]
        suffix = entry.name.removesuffix(".json")
        parts += [_render_reversal(act, suffix) for act in files]
        parts.append(f"rm -f {shlex.quote(f'{journal}/{entry.name}')}")
        parts += [_render_reversal(act, suffix) for act in directories]
        parts.append(f"echo 'done {index}'")
    return Script("\n".join(parts))


def _render_change(batch: Batch, index: int) -> str:
    change = batch.changes[index]
    directories = [act for act in change.do if isinstance(act, MakeDir)]
    rest = [act for act in change.do if not isinstance(act, MakeDir)]
    line = write_entry(change, batch.by)
    return "\n".join(
        [
            f"at={index}",
            *(_render_action(batch, index, act) for act in directories),
            f"note {index} {shlex.quote(line)} || fail {index}",
            *(_render_action(batch, index, act) for act in rest),
            f"echo 'done {index}'",
        ]
    )


def _render_action(batch: Batch, index: int, action: Action) -> str:
    match action:
        case MakeDir(path):
            return f"mkdir -p -m 700 {shlex.quote(path)} || fail {index}"
        case Push(artifact, path, prove, packed):
            temporary = _temporary(batch, index, path)
            return _PUSH.format(
                size=_payload(action).size_bytes,
                unpack=" | gzip -dc" if packed else "",
                temporary=temporary,
                proof=_prove(temporary, prove, index),
                digest=batch.have.digest,
                sha256=artifact.sha256,
                path=shlex.quote(path),
                index=index,
            )


def _prove(temporary: str, arguments: tuple[str, ...], index: int) -> str:
    """Run a program just received, in a home of its own that goes when it ends."""
    if not arguments:
        return ""
    return _PROOF.format(temporary=temporary, arguments=shlex.join(arguments), index=index)


def _abandon(batch: Batch, index: int) -> str:
    """Undo what only this batch can have made: temporary files, its push, and directories still empty."""
    change = batch.changes[index]
    files = [_temporary(batch, index, act.path) for act in change.do if isinstance(act, Push)]
    lines = [f"rm -rf {file} {file}.home" for file in files]
    lines += [_render_reversal(act, "") for act in change.undo if isinstance(act, RemoveDir)]
    return f"abandon_{index}() {{ :; {'; '.join(lines)}; }}" if lines else f"abandon_{index}() {{ :; }}"


def _render_reversal(action: Reversal, suffix: str) -> str:
    path = shlex.quote(action.path)
    if isinstance(action, RemoveDir):
        return f"rmdir {path} 2>/dev/null"
    return f"rm -f {path} {shlex.quote(f'{action.path}.{suffix}')}"


def _temporary(batch: Batch, index: int, path: str) -> str:
    return f'{shlex.quote(path)}."$stamp"-{batch.nonce}-{index}'


def _payload(push: Push) -> Payload:
    artifact = push.artifact
    if push.packed and artifact.packed is not None:
        return Payload(artifact.packed, artifact.packed_bytes)
    return Payload(artifact.path, artifact.size_bytes)
