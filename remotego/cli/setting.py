"""The verb that makes a host's environments agree on one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.outcomes import SEEN, View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.core.settings import Settings
    from remotego.golang.agreement import Dissent, Export
    from remotego.host.contexts import Context as Place
    from remotego.ops.set_env import Plan, Server, SetEnv

NOWHERE, UNKNOWN = "(none)", "(unknown)"
DIFFERS = {
    "written": "written, contexts differ",
    "installed": "installed, contexts differ",
    "nothing to do": "differs",
}
"""What a status becomes where a context still finds another go."""

_ABSENT: Mapping[str, Any] = {
    "go": None,
    "shell": None,
    "files": [],
    "diff": [],
    "changes": [],
    "reaches": None,
    "agrees": False,
    "contexts": [],
    "go_file": None,
    "exports": [],
    "servers": [],
}


@verb(
    "set-env",
    iterable=("host", "set_"),
    explain={
        "set_": "NAME=VALUE for go's own file, as `go env -w` keeps it; may be given several times",
        "profile": "intranet, extranet or mixed: have its variables in go's own file",
        "restart_server": "end servers of editors, and gopls, that hold an old environment; editors start theirs anew",
    },
)
def set_env(
    c: Context,
    host: list[str],
    set_: list[str],
    profile: str | None = None,
    restart_server: bool = False,
    remote_go: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Have every shell of the login on each HOST find the same go, and values of go's in go's own file.

    One file of ours sets PATH, a marked block in the start-up files of the login's own shell reads it; that shell must
    be able to read a file before it gets its name. GOROOT and GOPROXY are never exported: values go into the file of
    `go env -w`, where all other lines stay. What keeps contexts from agreeing is named by file and line. `undo` takes
    it all back byte for byte. A second run finds nothing to do; with --dry it only shows the differences.

    Examples:
        set-env --host app1
        set-env --host app1 --remote-go /opt/go/bin/go --set GOFLAGS=-mod=readonly --dry
        set-env --host app1 --profile intranet --restart-server
    """
    from remotego.golang.goenvfile import check, parse_assignments
    from remotego.ops import set_env as use_case
    from remotego.ops.environment import chosen

    request = c.request
    variables = dict(chosen(profile, request.settings).variables) if profile else {}
    check(variables)
    wish = use_case.Wish(variables | parse_assignments(set_), restart_server)
    report = on_each_host(
        request,
        "set-env",
        lambda name, settings: use_case.set_env(
            request.network, name, settings, wish, request.printer, dry=request.dry
        ),
        lambda done: view_set_env(done, dry=request.dry),
        absent=_ABSENT,
    )
    return replace(report, notes=[*_defaults(profile, request.settings, variables), *report.notes])


def _defaults(profile: str | None, settings: Settings, variables: Mapping[str, str]) -> Iterator[str]:
    """Say that a profile of the company's own network has nothing of the company's in it."""
    if profile not in (None, "extranet") and not settings.table(f"profile.{profile}"):
        proxy = variables["GOPROXY"]
        yield f"no [profile.{profile}] was found in remotego.toml: its defaults are meant (GOPROXY={proxy})"


def view_set_env(done: SetEnv, *, dry: bool) -> View:
    """Show the go that was chosen, what was written, and each context before and after."""
    from remotego.cli.deploying import document_changes

    plan = done.plan
    paths = [plan.home.path_of(edit.name) for edit in plan.edits]
    ended = any(one.outcome == "ended" for one in done.servers)
    status = "planned" if dry and paths else "written" if paths else "restarted" if ended else "nothing to do"
    if status in DIFFERS and any(_is_surprising(one, plan) for one in done.dissents):
        status = DIFFERS[status]
    version = f", {plan.go.version}" if plan.go.version else ""
    return View(
        status,
        [f"go is {plan.go.path} ({plan.go.found}{version})", *paths, *_values(plan)],
        {
            "go": {"path": plan.go.path, "found": plan.go.found, "version": plan.go.version},
            "shell": plan.home.shell,
            "files": paths,
            "diff": list(plan.diff()),
            "changes": document_changes(plan.changes),
            "reaches": {"login": plan.shells.login, "command": plan.shells.command},
            "agrees": not done.dissents,
            "contexts": [_context(name, done) for name in _names(done)],
            "go_file": _go_file(done),
            "exports": [_export(one) for one in done.exports],
            "servers": [document_server(one) for one in done.servers],
        },
        notes=[
            *(() if dry and plan.changes else _goal(done)),
            *(plan.diff() if dry else ()),
            *_limits(plan),
            *_notes(done, dry=dry),
        ],
        others=list(_contexts(done, dry=dry)),
    )


def _names(done: SetEnv) -> list[str]:
    return [one.name for one in done.before.contexts]


def _context(name: str, done: SetEnv) -> dict[str, Any]:
    because = next((one.cause for one in done.dissents if one.context == name), None)
    return {"name": name, "before": done.before.named(name).go, "after": done.after.named(name).go, "because": because}


def _contexts(done: SetEnv, *, dry: bool) -> Iterator[tuple[str, str]]:
    for name in _names(done):
        before, after = _found(done.before.named(name)), _found(done.after.named(name))
        yield SEEN, f"{name}: {before if before == after or dry else f'{before} -> {after}'}"


def _found(one: Place) -> str:
    return one.go or (UNKNOWN if one.error and not one.variables else NOWHERE)


def _go_file(done: SetEnv) -> dict[str, Any] | None:
    from remotego.golang.telling import told_value

    plan = done.plan
    if plan.file is None:
        return None
    rows = [
        {"name": one.name, "value": one.now, "was": None if one.was is None else told_value(one.name, one.was)}
        for one in plan.file.variables
    ]
    return {"path": plan.file.path, "variables": rows, "lost": list(done.lost)}


def _values(plan: Plan) -> Iterator[str]:
    if plan.file is not None:
        yield from (f"{one.name}={one.now} in go's own file" for one in plan.file.variables)


def _export(one: Export) -> dict[str, Any]:
    return {
        "name": one.name,
        "contexts": list(one.contexts),
        "because": one.cause,
        "hides": one.hides,
        "remedy": one.advice,
    }


def document_server(one: Server) -> dict[str, Any]:
    """Give a server with an old environment as JSON."""
    return {
        "pid": one.holder.pid,
        "what": one.holder.what,
        "age_seconds": round(one.start.age_s),
        "go": one.holder.go,
        "outcome": one.outcome,
    }


def _goal(done: SetEnv) -> Iterator[str]:
    """Say what keeps it from being one go everywhere, and what to do about that."""
    if done.dissents:
        yield "not yet one go everywhere:"
        yield from (f"  {_dissent(one, done)}" for one in done.dissents)
    lines = dict.fromkeys(one.line for one in done.dissents if one.line and _is_surprising(one, done.plan))
    if lines:
        yield f"  try: move or remove {', '.join(filter(None, lines))}; run the same again to see"


def _limits(plan: Plan) -> Iterator[str]:
    if not plan.home.checker and plan.shells.edits:
        yield f"{plan.home.shell} is not there, so no shell has read what is written"
    if plan.shells.limit:
        yield plan.shells.limit
    elif not plan.shells.login:
        yield f"its login shell {plan.home.shell} is none we know: none of its files was touched"


def _notes(done: SetEnv, *, dry: bool) -> Iterator[str]:
    from remotego.golang.agreement import other_files

    plan = done.plan
    for one in done.exports:
        hides = "hides what go's own file says" if one.hides else "is exported"
        place = f" by {one.cause}" if one.cause else ""
        yield f"{one.name} {hides} in {', '.join(one.contexts)}{place}: {one.advice}"
    if plan.file and done.lost:
        yield f"{', '.join(done.lost)} was written over in {plan.file.path} by somebody else: run the same again"
    for other in other_files(done.after, plan.file.path) if plan.file else ():
        place = f", because of {other.cause}" if other.cause else ""
        yield f"go reads {other.file} as its own file in {other.context}{place}: what was set is not seen there"
    yield from (age(one) for one in done.servers)
    if any(one.outcome == "kept" for one in done.servers) and not dry:
        yield "--restart-server ends them; an editor starts its server anew when its window connects again"


def _is_surprising(one: Dissent, plan: Plan) -> bool:
    """Tell whether a context finds another go though its shell reads a file of ours for it."""
    reads_none = plan.shells.login and not plan.shells.command
    return not (reads_none and one.context in ("ssh command", "interactive"))


def _dissent(one: Dissent, done: SetEnv) -> str:
    shell = done.plan.home.shell.rpartition("/")[2]
    if done.plan.shells.login and not done.plan.shells.command:
        if one.context == "ssh command":
            return f"`ssh host command` reads no file in {shell}: say {done.plan.go.path} there"
        if one.context == "interactive":
            return f"{shell} reads no file where it is no login shell: it has the PATH of what starts it"
    if done.after.named(one.context).error and not one.go:
        return f"what {one.context} finds is not known: {(one.cause or '').removeprefix('not known: ')}"
    place = f", because of {one.cause}" if one.cause else ""
    return f"{one.context} finds {one.go or 'no go'}{place}"


def age(one: Server) -> str:
    """Say what became of a server with an old environment."""
    outcome = {
        "kept": "holds an old environment",
        "ended": "held an old environment and was ended",
        "gone": "held an old environment and is gone",
        "stays": "holds an old environment and does not end on SIGTERM",
    }[one.outcome]
    return f"{one.holder.what} (pid {one.holder.pid}, started {round(one.start.age_s)} s ago) {outcome}"
