"""Verbs about environments: what reaches an editor, its tools and its terminals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.outcomes import View
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.core.settings import Settings
    from remotego.ops.devcontainer import Container
    from remotego.ops.environment import Written
    from remotego.ops.remote_env import RemoteEnv
    from remotego.vscode.inert import Finding

RELOAD = "run `Developer: Reload Window` there: gopls, and what the Go extension has read at its start, are older"

RECONNECT = "a window that is open keeps its environment: run `Kill VS Code Server on Host` there, and connect again"
_NO_REMOTE_ENV: Mapping[str, Any] = {
    "go": None,
    "shell": None,
    "tools": {},
    "files": [],
    "diff": [],
    "changes": [],
    "reaches": None,
}


@verb("gen-settings", explain={"profile": "intranet, extranet or mixed: what the network lets go reach"})
def gen_settings(c: Context, profile: str | None = None, workspace: str | None = None) -> Report:
    """Write what remotego.toml says of Go's proxies, tools and gopls into .vscode/settings.json.

    Comments, order and all other settings stay; a second run changes nothing, and so does a change of
    profile and back. With --dry it only shows the difference. If you open several folders by a workspace file,
    name that file: an editor reads what terminals get from there, and not from the folders.

    Examples:
        gen-settings --profile intranet
        gen-settings --profile intranet --workspace svc.code-workspace
        gen-settings --profile mixed --dry
    """
    from remotego.ops import environment
    from remotego.ops.explaining import inert_notes

    request = c.request
    done = environment.gen_settings(profile, request.settings, dry=request.dry)
    status = "nothing to do" if not done.diff else "planned" if request.dry else "written"
    return Report(
        "gen-settings",
        {
            "file": str(done.file),
            "profile": done.profile.name,
            "status": status,
            "settings": done.settings,
            "diff": list(done.diff),
            "replaced": [asdict(one) for one in done.replaced],
            "notes": list(done.notes),
        },
        columns=("file", "status", ""),
        rows=[(str(done.file), status, variable) for variable in _settings_shown(done)],
        notes=[
            *(done.diff if request.dry else ()),
            *(f"note: {note}" for note in done.notes),
            *([f"note: {RELOAD}"] if status == "written" else []),
            *inert_notes(request.settings.workspace),
        ],
    )


def _settings_shown(done: Written) -> Iterator[str]:
    """List the variables of the profile, and what else there is, with its place."""
    from remotego.vscode.settings import leaves

    variables = done.profile.variables
    yield from (f"{name}={value}" for name, value in variables.items())
    for (*above, name), value in leaves(done.settings):
        if variables.get(name) != value:
            text = value if isinstance(value, str) else json.dumps(value)
            yield f"{': '.join(above)}: {name}={text}"


@verb(
    "gen-remote-env",
    iterable=("host",),
    explain={
        "print_": "only print the remoteEnv block for devcontainer.json; write nothing anywhere",
        "devcontainer": "a devcontainer.json to write (default: that of the workspace, if there is one)",
        "profile": "intranet, extranet or mixed: have its variables in remoteEnv too",
    },
)
def gen_remote_env(
    c: Context,
    host: list[str],
    print_: bool = False,
    devcontainer: str | None = None,
    profile: str | None = None,
    remote_go: str | None = None,
    workspace: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Have go found in a Remote-SSH window, its terminals and `ssh HOST command`, and in a dev container.

    On each HOST it writes the machine settings of editors' servers and the start-up files of the login's own shell;
    `undo` takes that back byte for byte. In the workspace it writes remoteEnv into devcontainer.json, if there is
    one. A second run finds nothing to do; with --dry it only shows the differences.

    Examples:
        gen-remote-env --host app1
        gen-remote-env --host app1 --remote-go /opt/go/bin/go --dry
        gen-remote-env --host app1 --print
    """
    from remotego.cli.outcomes import on_each_host
    from remotego.ops import remote_env
    from remotego.ops.devcontainer import find_container, gen_devcontainer
    from remotego.ops.environment import chosen
    from remotego.ops.explaining import inert_notes

    request = c.request
    variables = dict(chosen(profile, request.settings).variables) if profile else {}
    container = find_container(request.settings, devcontainer)
    dry = request.dry or print_
    seen: dict[str, tuple[str, ...]] = {}

    def work(name: str, settings: Settings) -> RemoteEnv:
        done = remote_env.gen_remote_env(request.network, name, settings, request.printer, dry=dry)
        seen[name] = done.directories
        return done

    report = on_each_host(
        request, "gen-remote-env", work, lambda done: view_remote_env(done, dry=dry), absent=_NO_REMOTE_ENV
    )
    directories = next((seen[name] for name in request.settings.hosts if name in seen), None)
    if directories is None:
        return replace(report, document={**report.document, "devcontainer": None})
    notes = [] if print_ else inert_notes(request.settings.workspace)
    report = replace(report, notes=[*report.notes, *notes])
    made = gen_devcontainer(directories, variables, container, dry=dry)
    return _with_container(report, made, dry=request.dry, only=print_)


def view_remote_env(done: RemoteEnv, *, dry: bool) -> View:
    """Show what was chosen and written on a host; with ``dry``, the exact differences."""
    from remotego.cli.deploying import document_changes

    paths = [f"{done.home.path}/{edit.name}" for edit in done.edits]
    status = "nothing to do" if not paths else "planned" if dry else "written"
    version = f", {done.go.version}" if done.go.version else ""
    return View(
        status,
        [f"go is {done.go.path} ({done.go.found}{version})", *paths],
        {
            "go": {"path": done.go.path, "found": done.go.found, "version": done.go.version},
            "shell": done.home.shell,
            "tools": dict(done.tools),
            "files": paths,
            "diff": list(done.diff()),
            "changes": document_changes(done.changes),
            "reaches": {"login": done.shells.login, "command": done.shells.command},
        },
        notes=[*(done.diff() if dry else ()), *_reach(done), *([RECONNECT] if status == "written" else [])],
    )


def _reach(done: RemoteEnv) -> list[str]:
    if done.shells.limit:
        return [done.shells.limit]
    if not done.shells.login:
        return [f"its login shell {done.home.shell} is none we know: only the editors' settings lead to go"]
    if not done.shells.command:
        shell = done.home.shell.rpartition("/")[2]
        return [f"`ssh host command` reads no file in {shell}: say {done.go.path} there"]
    return []


def _with_container(report: Report, made: Container, *, dry: bool, only: bool) -> Report:
    """Add what became of devcontainer.json to a report; with ``only``, the block is all that people see."""
    status = "printed" if only else "no file" if made.file is None else "nothing to do" if not made.diff else ""
    status = status or ("planned" if dry else "written")
    document = {
        "file": made.file and str(made.file),
        "status": status,
        "remoteEnv": made.block,
        "diff": list(made.diff),
    }
    whole = {**report.document, "devcontainer": document}
    if only:
        block = json.dumps({"remoteEnv": made.block}, indent=4).splitlines()[1:-1]
        return replace(report, document=whole, rows=[], notes=block)
    rows = [] if made.file is None else [(str(made.file), status, "remoteEnv")]
    return replace(
        report, document=whole, rows=[*report.rows, *rows], notes=[*report.notes, *(made.diff if dry else ())]
    )


@verb("explain-vscode")
def explain_vscode(c: Context, workspace: str | None = None) -> Report:
    """Name what does nothing in a workspace's editor files, why, and what does it instead.

    It reads .vscode/*.json, devcontainer.json and *.code-workspace, and changes nothing. A file that cannot be read
    is named too, and makes it end with 2.

    Examples:
        explain-vscode
        explain-vscode --workspace ~/svc --json
    """
    from remotego.core.errors import UsageError
    from remotego.ops.explaining import UNREAD, describe_finding, explain_workspace

    found = explain_workspace(c.request.settings.workspace)
    return Report(
        "explain-vscode",
        {"findings": [document_finding(one) for one in found]},
        notes=[line for one in found for line in describe_finding(one)] or ["nothing inert was found"],
        exit_code=UsageError.exit_code if any(one.rule == UNREAD for one in found) else 0,
    )


def document_finding(finding: Finding) -> dict[str, Any]:
    """Give a finding as JSON."""
    return asdict(finding)
