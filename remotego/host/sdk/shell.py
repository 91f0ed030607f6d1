"""Actions about SDKs as sh, and what takes them back; a part of ``host.shell``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import assert_never

from remotego.core.sdkchange import Forget, Relink, RemoveSdk, Unpack
from remotego.host.journal import Entry
from remotego.host.scripts import assign, read
from remotego.host.sdk.layout import LISTING, MANIFEST, NOTE


def render_sdk_action(act: Unpack | Relink | RemoveSdk | Forget) -> str:
    """Render one action for a batch."""
    match act:
        case Unpack(artifact, path, program, says, note, anew, content):
            words = (path, artifact.sha256, str(artifact.size_bytes), "anew" * anew, says, note, content, *program)
            return shlex.join(["unpack", *words])
        case Relink(path, was, now):
            relink = f'{shlex.join(["relink", path, was, now])} "$root/sdk/.$batch-$at" || fail'
            return f'if {shlex.join(["leads_to", path, now])}; then forget "$at"; else {relink}; fi' if now else relink
        case RemoveSdk(path, in_use):
            aside = f'{shlex.quote(path.rpartition("/")[0])}"/.$batch-$at"'
            return f"{shlex.join(['remove_sdk', path, 'in use' * in_use])} {aside} || fail"
        case Forget(entries):
            return "rm -f -- " + " ".join(f'"$journal"/{shlex.quote(name)}' for name in entries)
        case _:
            assert_never(act)


def about_sdks(acts: Sequence[object]) -> list[str]:
    """Give the sh that actions about SDKs need; nothing where there are none."""
    kinds = [kind for kind in (Unpack, Relink, RemoveSdk) if any(isinstance(act, kind) for act in acts)]
    names = ["sdk/trees"] * bool(kinds) + ["sdk/unpack"] * (Unpack in kinds)
    return [assign({"note_name": NOTE, "manifest": MANIFEST, "listing": LISTING}), *map(read, names)] if kinds else []


def undo_sdks(entries: Sequence[Entry]) -> list[str]:
    """Take links back, then SDKs; that programs run from one is seen before anything else is done."""
    acts = [(act, entry) for entry in reversed(entries) for act in entry.undo]
    kept = about_sdks([act for act, _ in acts])
    gone = [(act.path, entry) for act, entry in acts if isinstance(act, RemoveSdk)]
    kept += [f"is_idle {shlex.quote(path)} || exit 1" for path, _ in gone]
    links = [act for act, _ in acts if isinstance(act, Relink)]
    kept += [shlex.join(["take_back_link", act.path, act.was, act.now, _room(act.path, "undo")]) for act in links]
    kept += [f"{shlex.join(['remove_sdk', path, '', _room(path, entry.stem)])} || exit 1" for path, entry in gone]
    return kept + [f"drop_dangling {shlex.quote(path)}" for path in sorted({act.path for act in links})]


def _room(path: str, name: str) -> str:
    return f"{path.rpartition('/')[0]}/.{name}"
