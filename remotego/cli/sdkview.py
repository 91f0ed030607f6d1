"""How the verbs about SDKs show what they found and did."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from remotego.cli.deploying import document_changes
from remotego.cli.outcomes import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from remotego.core.change import Change
    from remotego.host.sdk.store import Kept
    from remotego.ops.sdk.check import Verified
    from remotego.ops.sdk.hosts import InstalledSdk, Listed, RemovedSdk


def view_installed(done: InstalledSdk, *, dry: bool) -> View:
    """What installing came to."""
    changes = _with_fetch(done)
    what = f"go{done.version} {done.platform}"
    document = {
        "sdk": {
            "version": done.version,
            "platform": done.platform,
            "path": done.path,
            "current": done.current,
            "h1": (done.note and done.note.h1) or None,
            "source": done.note and done.note.source,
            "proof": done.note and done.note.proof,
            "archive": done.note and done.note.artifact,
        },
        "changes": changes,
    }
    if not changes:
        return View("nothing to do", [f"{what} is in {done.path}"], document)
    if dry:
        return View("planned", [what, *(act for change in changes for act in change["do"])], document)
    details = [f"{what} is in {done.path}", *([f"verified: {done.note.proof}"] if done.note else [])]
    return View(_did(done.changes), [*details, *(["current leads to it"] if done.current else [])], document)


def _did(changes: Sequence[Change]) -> str:
    """Say in one word what was done; sweeping up is the least."""
    from remotego.core.sdkchange import Relink, Unpack

    acts = [act for change in changes for act in change.do]
    if any(isinstance(act, Unpack) for act in acts):
        return "installed"
    return "switched" if any(isinstance(act, Relink) for act in acts) else "swept"


def _with_fetch(done: InstalledSdk) -> list[dict[str, Any]]:
    """Give the changes as JSON, and what a dry run cannot plan in detail: the bytes come with the fetching."""
    if not done.fetches:
        return document_changes(done.changes)
    steps = [f"fetch go{done.version} {done.platform} and verify it", f"push it and unpack it to {done.path}"]
    fetch = {
        "reason": f"have go{done.version} in {done.path}",
        "do": steps,
        "undo": [f"remove {done.path} and all in it"],
    }
    return [fetch, *document_changes(done.changes)]


def view_listed(found: Listed) -> View:
    """The SDKs of a host, ours first."""
    from remotego.host.sdk.layout import folder

    ours = found.ours
    rows = [_row(one, current=one.version == ours.current) for one in ours.kept]
    rows += [(one.says or "?", "", "", "not ours", "", one.path) for one in found.foreign]
    return View(
        "listed",
        document={
            "folder": folder(ours.root),
            "current": ours.current or None,
            "sdks": [_document_kept(one, ours.path_of(one.version)) for one in ours.kept],
            "foreign": [asdict(one) for one in found.foreign],
        },
        table=rows or [("none", "", "", "", "", "")],
    )


def _row(one: Kept, *, current: bool) -> tuple[str, ...]:
    state = f"damaged: {one.fault}" if one.fault else "current" if current else ""
    state = f"current, {state}" if current and one.fault else state
    platform, h1, source = (one.note.platform, one.note.h1, one.note.source) if one.note else ("?", "", "")
    return (f"go{one.version}", platform, f"{one.amount.size_bytes / 1e6:.0f} MB", state, h1, source)


def _document_kept(one: Kept, path: str) -> dict[str, Any]:
    return {
        "version": one.version,
        "path": path,
        "platform": one.note and one.note.platform,
        "files": one.amount.files,
        "size_bytes": one.amount.size_bytes,
        "h1": (one.note and one.note.h1) or None,
        "source": one.note and one.note.source,
        "proof": one.note and one.note.proof,
        "fault": one.fault or None,
    }


def view_verified(found: Sequence[Verified]) -> View:
    """What hashing found."""
    faulty = any(one.fault for one in found)
    return View(
        "damaged" if faulty else "whole" if found else "nothing to do",
        document={"sdks": [_document_verified(one) for one in found]},
        table=[(f"go{one.version}", "damaged" if one.fault else "whole", _said(one)) for one in found]
        or [("none", "nothing to do", "")],
    )


def _said(one: Verified) -> str:
    """Say what was found in one line: the fault, or what speaks for it."""
    if one.fault:
        return one.fault
    h1 = [one.h1] if one.note and one.note.h1 else []
    trial = [f"compiled a program: {one.trial}"] if one.trial else []
    return "; ".join([f"{one.files} files as sent", *h1, f"bin/go was built as {one.go}", *trial])


def _document_verified(one: Verified) -> dict[str, Any]:
    return {
        "version": one.version,
        "path": one.path,
        "fault": one.fault or None,
        **{kind: list(paths) for kind, paths in asdict(one.findings).items()},
        "files": one.files,
        "h1": one.h1 or None,
        "go": one.go or None,
        "trial": one.trial or None,
        "source": one.note and one.note.source,
        "proof": one.note and one.note.proof,
    }


def view_removed(done: RemovedSdk, *, dry: bool) -> View:
    """What removing came to."""
    document = {"version": done.version, "changes": document_changes(done.changes)}
    if not done.changes:
        return View("nothing to do", [f"there is no go{done.version} of ours"], document)
    if dry:
        return View("planned", _lines(done.changes), document)
    return View("removed", [f"go{done.version}; only `sdk.install {done.version}` brings it back"], document)


def _lines(changes: Sequence[Change]) -> list[str]:
    """Say what a plan does, and what its undo will do where that is not the reverse."""
    from remotego.core.change import describe
    from remotego.core.sdkchange import LoseSdk

    did = [describe(act) for change in changes for act in change.do]
    lost = [f"undo: {describe(act)}" for change in changes for act in change.undo if isinstance(act, LoseSdk)]
    return [*did, *lost]
