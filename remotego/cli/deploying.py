"""The verb that puts dlv on hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from remotego.core.change import Change
    from remotego.ops.deploy import Deployed


@verb("deploy-dlv", iterable=("host",))
def deploy_dlv(
    c: Context,
    host: list[str],
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    unit: str | None = None,
    dlv_version: str | None = None,
    parallel: str | None = None,
    go: str | None = None,
) -> Report:
    """Build dlv for each HOST, or take it from the cache, put it there and see it run.

    With --process or --pid: the Delve that fits the Go that process was built by. A second run
    finds nothing to do. With --dry it only shows what it would do.

    Examples:
        deploy-dlv --host app1
        deploy-dlv --host app1 --host app2 --process svc
        deploy-dlv --host app1 --dlv-version 1.26.3 --dry
    """
    from remotego.ops import deploy

    request = c.request
    return on_each_host(
        request,
        "deploy-dlv",
        lambda name, settings: deploy.deploy_dlv(request.network, name, settings, request.printer, dry=request.dry),
        lambda done: view_deployed(done, dry=request.dry),
        absent={"dlv": None, "changes": []},
    )


def view_deployed(done: Deployed, *, dry: bool) -> View:
    """Show a deployment: one row when nothing had to be done, a row an action when planned."""
    from remotego.core.change import Push, describe

    dlv, actions = done.dlv, [act for change in done.changes for act in change.do]
    what = f"dlv {dlv.release.version} {dlv.goarch} {dlv.artifact.sha256[:12] if dlv.artifact else 'not built yet'}"
    if dlv.path is None:
        status, details = "planned", [what, *map(describe, actions), *_unbuilt(done)]
    elif not actions:
        status, details = "nothing to do", [what]
    elif dry:
        status, details = "planned", [what, *map(describe, actions)]
    elif not any(isinstance(act, Push) for act in actions):
        status, details = "swept", [what, *map(describe, actions)]
    else:
        status, details = "pushed", [f"{what} runs there, in {dlv.path.rpartition('/')[0]}"]
    return View(status, details, document_deployed(done))


def document_deployed(done: Deployed) -> dict[str, Any]:
    """Give a deployment as JSON: the dlv and the changes."""
    dlv = done.dlv
    return {
        "dlv": {
            "version": dlv.release.version,
            "goarch": dlv.goarch,
            "sha256": dlv.artifact and dlv.artifact.sha256,
            "size_bytes": dlv.artifact and dlv.artifact.size_bytes,
            "path": dlv.path,
        },
        "changes": [*document_changes(done.changes), *_unbuilt_change(done)],
    }


def document_changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Give changes as JSON, in words."""
    from remotego.core.change import describe

    return [
        {
            "reason": change.reason,
            "do": [describe(act) for act in change.do],
            "undo": [describe(act) for act in change.undo],
        }
        for change in changes
    ]


def _unbuilt_change(done: Deployed) -> list[dict[str, Any]]:
    return [] if done.dlv.artifact else [{"reason": "put dlv in the store", "do": _unbuilt(done), "undo": []}]


def _unbuilt(done: Deployed) -> list[str]:
    """Say what a dry run cannot plan in detail: the bytes and their name come with the build."""
    from remotego.ops.building import name_delve

    return [f"build {name_delve(done.dlv.release.version, done.dlv.goarch)}", "push it to the store"]
