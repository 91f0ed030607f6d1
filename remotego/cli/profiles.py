"""The verbs that turn a workspace and its hosts from one network to another, and say which one they are set for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.consent import agree
from remotego.cli.outcomes import on_each_host
from remotego.cli.profileview import (
    ABSENT,
    document_here,
    failed_here,
    shown_here,
    view_shown,
    view_there,
    workspace_rows,
)
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.cli.request import Request
    from remotego.core.errors import RemotegoError
    from remotego.core.settings import Settings
    from remotego.ops.profile.aim import Aim
    from remotego.ops.profile.host import There
    from remotego.ops.profile.whole import Whole

_NAMES = "intranet, extranet or mixed; none takes what a profile has written out again"


@verb(
    "use",
    iterable=("host",),
    positional=("name",),
    explain={
        "name": _NAMES,
        "yes": "do it without asking on a terminal",
        "replace": "take the place also of what somebody has changed since an earlier profile was written",
        "restart_server": "end servers of editors, and gopls, that hold an old environment; editors start theirs anew",
    },
)
def use(
    c: Context,
    name: str,
    host: list[str],
    yes: bool = False,
    replace: bool = False,
    restart_server: bool = False,
    workspace: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Turn a workspace and its hosts to the profile of a network, or back: `profile.use none`.

    In the workspace that are the editor's settings, on each HOST (default: all of remotego.toml) go's own file, as
    `go env -w` keeps it. On a terminal the differences are shown first. Another profile takes the place of the one
    before; none gives the bytes of before the first one. What you have changed in the meantime stays and is named. A
    place that fails keeps what it has, and the next run completes it; a second run finds nothing to do.

    Examples:
        profile.use intranet --dry
        profile.use intranet --host app1 --host app2 --yes
        profile.use none
    """
    from remotego.ops.profile.aim import aim_at
    from remotego.ops.profile.whole import plan_all
    from remotego.ops.profile.workspace import alone

    request = c.request
    aim = aim_at(name, request.settings, replace=replace)
    with nullcontext() if request.dry else alone(request.settings):
        whole = plan_all(request.network, aim, request.settings, request.printer)
        if whole.is_due and not (request.dry or yes):
            agree(request.printer, list(_differences(whole)), _question(aim, whole))
        return _turned(request, aim, whole, restart=restart_server)


def _turned(request: Request, aim: Aim, whole: Whole, *, restart: bool) -> Report:
    from remotego.ops.profile.host import carry_out_there
    from remotego.ops.profile.whole import turn_here

    desk, dry = whole.desk, request.dry
    failure = turn_here(desk) if desk and desk.is_due and not dry else None
    here = document_here(desk, failure, dry=dry) if desk else None

    def work(name: str, settings: Settings) -> There:
        return carry_out_there(request.network, whole.plan(name), request.printer, restart=restart, dry=dry)

    report = _report(request, "profile-use", work, lambda done: view_there(done, dry=dry))
    document = {"profile": aim.name, "workspace": here, "hosts": [], **report.document, "notes": list(aim.notes)}
    rows, notes = workspace_rows(desk, here, dry=dry) if desk and here else ([], [])
    report = _with_failure(replace(report, document=document), failure)
    told = [f"note: {note}" for note in aim.notes]
    return replace(report, rows=[*rows, *report.rows], notes=[*notes, *report.notes, *told])


def _report(request: Request, verb_name: str, work: Any, view: Any) -> Report:
    if not request.settings.hosts:
        return Report(verb_name, {}, columns=("where", "status", ""))
    done = on_each_host(request, verb_name, work, view, absent=ABSENT)
    return replace(done, columns=("where", "status", ""))


def _with_failure(report: Report, failure: RemotegoError | None) -> Report:
    if failure is None:
        return report
    return replace(report, errors=[("workspace", failure), *report.errors], exit_code=failure.exit_code)


def _question(aim: Aim, whole: Whole) -> str:
    desk = ["the workspace"] if whole.desk and whole.desk.is_due else []
    hosts = [name for name, one in whole.hosts.items() if one.result and one.result.is_due]
    places = ", ".join((*desk, *hosts))
    return f"turn {places} to {aim.name}?" if aim.name else f"take the profile out of {places}?"


def _differences(whole: Whole) -> Iterator[str]:
    """List all that would be written, and the hosts that cannot be looked at."""
    yield from whole.desk.diff if whole.desk else ()
    for name, one in whole.hosts.items():
        if one.error is not None:
            yield f"{name}: {one.error}"
        yield from (f"{name}: {line}" for line in one.result.diff) if one.result else ()


@verb(
    "show",
    iterable=("host",),
    explain={"against": "compare with this profile (intranet, extranet, mixed), not with the one in force"},
)
def show(
    c: Context,
    host: list[str],
    against: str | None = None,
    workspace: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Say which profile is in force in a workspace and on its hosts, what has changed since, and what go says there.

    The differences are those to the profile in force as remotego.toml has it now, or to the one
    named by --against. Nothing is changed.

    Examples:
        profile.show
        profile.show --against extranet --host app1
    """
    from remotego.ops.profile.host import carry_out_there
    from remotego.ops.profile.whole import compare_all

    request = c.request
    whole = compare_all(request.network, against, request.settings, request.printer)
    here = shown_here(whole.desk, named=against is not None) if whole.desk else None
    if whole.failure is not None:
        here = failed_here(whole.failure, request.settings)

    def work(host_name: str, settings: Settings) -> There:
        return carry_out_there(request.network, whole.plan(host_name), request.printer, restart=False, dry=True)

    report = _report(request, "profile-show", work, lambda done: view_shown(done, named=against is not None))
    report = _with_failure(report, whole.failure)
    document: Mapping[str, Any] = {"against": against, "workspace": here and here.document, "hosts": []}
    rows = [("workspace", here.status, line) for line in here.details] if here else []
    return replace(
        report,
        document={**document, **report.document},
        rows=[*rows, *report.rows],
        notes=[*(here.notes if here else ()), *report.notes],
    )
