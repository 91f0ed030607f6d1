"""The verb that has a workspace, and hosts, use one Go."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.outcomes import SEEN, View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb
from remotego.core.errors import UsageError

if TYPE_CHECKING:
    from remotego.cli.request import Request
    from remotego.ops.agreement import Witness
    from remotego.ops.one_go import Here
    from remotego.ops.one_go_there import There

NONE = "none"
RELOAD = "run `Developer: Reload Window` there, and open terminals anew: what runs keeps the Go it was started with"
_ABSENT: Mapping[str, Any] = {"go": None, "files": [], "diff": [], "changes": [], "agreement": []}


@dataclass(eq=False)
class NoneThereError(UsageError):
    """What was done on a host is in its journal, not in settings that could be taken out by themselves."""

    host: str
    what = "none takes settings out of a workspace here; it does nothing on a host"
    remedy = (
        "run `remotego undo --host {host}` for the host, and `remotego sdk.use none` without --host for the workspace"
    )


@verb(
    "use",
    iterable=("host",),
    positional=("version",),
    explain={
        "version": "a version of Go, such as 1.26.6, or none: take our settings out again",
        "fetch": "fetch and verify the SDK for this machine if it has none of that version",
    },
)
def use(
    c: Context,
    version: str,
    host: list[str],
    fetch: bool = False,
    workspace: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Have one Go used by all of a workspace: VS Code and its tools, terminals, tasks and the debugger.

    With --host also by `ssh HOST go`, and by windows and terminals there: the SDK that sdk.install has put there
    becomes current. Nothing is fetched behind your back: GOTOOLCHAIN is local, and a go.mod or go.work that needs a
    newer Go is an error that names its line. goenv, asdf, mise, gvm and g are left as they are. A second run finds
    nothing to do; with --dry it only shows the differences. `sdk.use none` takes the settings of the workspace out
    again exactly; what was done on a host is taken back by `undo`.

    Examples:
        sdk.use 1.26.6
        sdk.use 1.26.6 --fetch
        sdk.use 1.26.6 --host app1
        sdk.use none
    """
    from remotego.ops.one_go import release_of, use_none_here

    request = c.request
    if version == NONE:
        if host:
            raise NoneThereError(host[0])
        return _report_here(use_none_here(request.settings, dry=request.dry), dry=request.dry)
    wanted = release_of(version)
    named = bool(host)
    here, notes = _here(wanted, request, needed=not named, fetch=fetch)
    report = _report_here(here, dry=request.dry) if here else _nothing_here(wanted)
    report = replace(report, notes=[*report.notes, *(f"note: {note}" for note in notes)])
    report = replace(report, document={**report.document, "notes": [*report.document["notes"], *notes]})
    return _with_hosts(report, wanted, request) if named else report


def _here(version: str, request: Request, *, needed: bool, fetch: bool) -> tuple[Here | None, list[str]]:
    """Do the workspace's part. Where hosts are named, a folder that is none, or lacks the SDK, is no error."""
    from remotego.ops.one_go import NoSdkHereError, is_workspace, use_here

    folder = Path(request.settings.workspace)
    if not needed and not is_workspace(folder):
        return None, []
    try:
        return use_here(version, request.settings, request.printer, fetch=fetch, dry=request.dry), []
    except NoSdkHereError as error:
        if needed:
            raise
        return None, [f"the workspace is as it was: {error}; {error.advice}"]


def _nothing_here(version: str) -> Report:
    return Report("sdk-use", {"version": version, "workspace": None, "hosts": [], "notes": []})


def _report_here(here: Here, *, dry: bool) -> Report:
    status = _status(here, dry=dry)
    planned = [f"planned: fetch and verify Go {here.version} for this machine"] if dry and here.fetched else []
    notes = [*planned, *here.notes, *(one.described for one in here.managers), *_files(here), *_strays(here)]
    notes += [RELOAD] if status in ("written", "removed") else []
    return Report(
        "sdk-use",
        {"version": here.version, "workspace": document_here(here, status), "hosts": [], "notes": notes},
        columns=("where", "status", ""),
        rows=[
            (str(here.file), status, here.go or ""),
            *((one.by, _word(one, here.version, here.go), one.go) for one in here.agreement),
        ],
        notes=[*(here.diff if dry else ()), *(f"note: {note}" for note in notes)],
    )


def _with_hosts(report: Report, version: str, request: Request) -> Report:
    """Do the hosts' part too."""
    from remotego.ops.one_go_there import use_there

    done = on_each_host(
        request,
        "sdk-use",
        lambda name, settings: use_there(request.network, name, version, settings, request.printer, dry=request.dry),
        lambda there: view_there(there, version, dry=request.dry),
        absent=_ABSENT,
    )
    return replace(
        report,
        document={**report.document, **done.document},
        columns=("where", "status", ""),
        rows=[*report.rows, *done.rows],
        notes=[*report.notes, *done.notes],
        errors=done.errors,
        exit_code=done.exit_code,
    )


def view_there(there: There, version: str, *, dry: bool) -> View:
    """Show what was chosen and written on a host, and what each of its shells finds."""
    from remotego.cli.deploying import document_changes

    paths = [there.plan.home.path_of(edit.name) for edit in there.plan.edits]
    status = "nothing to do" if not there.changes else "planned" if dry else "written"
    found = [(SEEN, f"{one.by}: {_word(one, version, there.go)}") for one in there.agreement]
    return View(
        status,
        [f"go is {there.go} ({version})", *paths],
        {
            "go": there.go,
            "files": paths,
            "diff": list(there.plan.diff()),
            "changes": document_changes(there.changes),
            "agreement": [_document(one, version, there.go) for one in there.agreement],
        },
        notes=[*(there.plan.diff() if dry else ()), *_notes_there(there)],
        others=found,
    )


def _notes_there(there: There) -> Iterator[str]:
    for one in there.dissents:
        if one.context == "ssh command" and not there.plan.shells.command:
            shell = there.plan.home.shell.rpartition("/")[2]
            yield f"`ssh host command` reads no file in {shell}: say {there.go} there"
        else:
            place = f", because of {one.cause}" if one.cause else ""
            yield f"{one.context} finds {one.go or 'no go'}{place}"
    for each in there.exports:
        place = f" by {each.cause}" if each.cause else ""
        yield f"{each.name} is exported in {', '.join(each.contexts)}{place}: {each.advice}"


def document_here(here: Here, status: str) -> dict[str, Any]:
    """Give what became of the workspace as JSON."""
    return {
        "status": status,
        "file": str(here.file),
        "go": here.go,
        "found": here.place,
        "diff": list(here.diff),
        "agreement": [_document(one, here.version, here.go) for one in here.agreement],
        "managers": [
            {
                "name": one.manager.name,
                "root": one.root,
                "first": one.go is not None,
                "files": [{"file": each.file, "line": each.line, "version": each.version} for each in one.files],
            }
            for one in here.managers
        ],
    }


def _document(one: Witness, version: str | None, go: str | None) -> dict[str, Any]:
    return {"by": one.by, "go": one.go, "version": one.version, "agrees": one.agrees(version, go)}


def _status(here: Here, *, dry: bool) -> str:
    if not here.diff and not here.fetched:
        return "nothing to do"
    return "planned" if dry else "written" if here.version else "removed"


def _word(one: Witness, version: str | None, go: str | None) -> str:
    return one.version if one.agrees(version, go) else f"differs: {_found(one)}"


def _found(one: Witness) -> str:
    found = one.version or one.complaint or "no go"
    return f"{found} with GOROOT={one.goroot}" if one.goroot else found


def _files(here: Here) -> list[str]:
    """Name files for managers that name another version."""
    files = [(one.manager.name, each) for one in here.managers for each in one.files]
    return [
        f"{each.file}:{each.line} says {each.version}: {name} takes that in shells outside of this editor"
        for name, each in files
        if each.version != here.version
    ]


def _strays(here: Here) -> list[str]:
    """Say what to do about a way of starting programs that finds another Go."""
    return [
        f"the {one.by} finds {one.go or 'no go'} ({_found(one)}): a start-up file of the shell has the last word; "
        f"with this line at its end this workspace has: {_line()}"
        for one in here.agreement
        if not one.agrees(here.version, here.go)
    ]


def _line() -> str:
    from remotego.vscode.onego import CHOICE

    if os.environ.get("SHELL", "").endswith("/fish"):
        return f'test -z "${CHOICE}"; or begin; set -gx PATH ${CHOICE} $PATH; set -e GOROOT; end'
    return f'[ -z "${CHOICE}" ] || {{ PATH=${CHOICE}:$PATH; unset GOROOT; }}'
