"""The verb that writes launch.json and tasks.json, or what other editors have instead."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.debugging import check_goals, goal_of
from remotego.cli.render import Report
from remotego.cli.verb import verb
from remotego.core.errors import UsageError

if TYPE_CHECKING:
    from remotego.core.settings import Settings
    from remotego.ops.drafts import Draft
    from remotego.ops.kits import Entry
    from remotego.ops.launch import Made


@dataclass(eq=False)
class UnknownEditorError(UsageError):
    """An editor we know nothing of."""

    editor: str
    known: str
    what = "there is nothing to write for {editor}"
    remedy = "give --editor one of {known}; others that speak DAP attach to the port that `debug` shows"


@dataclass(eq=False)
class NoContainerError(UsageError):
    """We are outside the container whose paths are wanted."""

    what = "--devcontainer is for a terminal in the dev container, and this is none"
    remedy = "run it there: the folders of Go and of the workspace are others outside"


@dataclass(eq=False)
class PickOneError(UsageError):
    """A choice was asked for where nothing is left to choose."""

    flags: str
    what = "--pick chooses a process that runs, and does not go with {flags}"
    remedy = "leave one of them out"


@verb(
    "gen-launch",
    iterable=("host", "env"),
    explain={
        "exec": "debug this command, which F5 starts there, such as './svc -v'",
        "cwd": "the directory there that --exec runs in (default: where a login begins)",
        "env": "NAME=VALUE for --exec; it is written into tasks.json. May be given several times",
        "wait_for": "debug the next process of this name that appears after F5",
        "core": "open this core file there",
        "program": "the program that --core is of (default: the core file tells)",
        "lease": "how long the session outlives a lost connection (default 10s)",
        "max_pause": "let the process run on when it has stood still for so long, such as 30s (default: never)",
        "hold": "keep the process paused when the editor that paused it goes",
        "yes": "let the task do what --ptrace needs root for without asking",
        "pick": "one entry that asks for host and process, whichever is not named here",
        "editor": "vscode (default), cursor, vscodium, zed or neovim",
        "command": "what tasks call remotego by (default: the absolute path of this one); a name is looked up in PATH",
        "remote_ssh": "this runs on the target, in a window of Remote-SSH: no tunnel, no host",
        "devcontainer": "this runs in a dev container: tasks find remotego by its name there",
        "no_tasks": "only the entry of launch.json: you run `debug` yourself before F5",
        "print": "show the whole files instead of writing them",
    },
)
def gen_launch(
    c: Context,
    host: list[str],
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    unit: str | None = None,
    exec: str | None = None,  # noqa: A002 - a flag's name
    cwd: str | None = None,
    env: list[str] | None = None,
    wait_for: str | None = None,
    core: str | None = None,
    program: str | None = None,
    pick: bool = False,
    local_port: str | None = None,
    lease: str | None = None,
    max_pause: str | None = None,
    hold: bool = False,
    channel: str | None = None,
    ptrace: str | None = None,
    yes: bool = False,
    dlv_version: str | None = None,
    workspace: str | None = None,
    editor: str = "vscode",
    command: str | None = None,
    remote_ssh: bool = False,
    devcontainer: bool = False,
    no_tasks: bool = False,
    print: bool = False,  # noqa: A002 - a flag's name
    go: str | None = None,
) -> Report:
    """Write .vscode/launch.json and tasks.json so that F5 alone debugs a process on HOST.

    F5 runs `debug --task`, attaches, and frees the process afterwards with `release`. Source paths are read from the
    process's own binary. Comments, order and other entries of the files stay as they are; a second run changes
    nothing. With --dry it only shows what it would write. Several hosts get an entry each, and one for all.

    Examples:
        gen-launch --host app1 --process svc
        gen-launch --host app1 --host app2 --process svc
        gen-launch --host app1 --pick
        gen-launch --host app1 --exec './svc -v' --cwd /srv/svc
        gen-launch --host app1 --core /var/crash/core.4711
        gen-launch --host app1 --process svc --editor zed
        gen-launch --remote-ssh --process svc
        gen-launch --host app1 --process svc --local-port 23451 --dry
    """
    from remotego.cli.flags import CONNECTION, given, goal_words, selector
    from remotego.cli.flags import program as own_program
    from remotego.ops import launch
    from remotego.ops.fleet import NoHostError
    from remotego.ops.kits import EDITORS

    request = c.request
    settings = request.settings
    if editor not in EDITORS:
        raise UnknownEditorError(editor, ", ".join(EDITORS))
    named = {"--process": process, "--pid": pid, "--port": port, "--unit": unit}
    goals = {"--exec": exec, "--core": core, "--wait-for": wait_for}
    check_goals(goals, named)
    goal = goal_of(exec, cwd, tuple(env or ()), wait_for, core, program)
    if pick and goal:
        raise PickOneError(", ".join(flag for flag, value in goals.items() if value is not None))
    dry = request.dry or print
    if remote_ssh:
        from remotego.ops.here import NotHereError, gen_here

        if host:
            raise NotHereError("--host", "this is the target")
        made = gen_here(settings, goal, request.printer, dry=dry)
        return _report(made, dry=dry, whole=print, secretive=bool(env), workspace=settings.workspace)
    if not settings.hosts:
        raise NoHostError
    if devcontainer:
        check_container()
        command = command or "remotego"
    words = goal_words({**goals, "--cwd": cwd, "--program": program}, env or ())

    def flags(own: Settings) -> launch.Flags:
        chosen = words or selector(own)
        debug = (*chosen, *given(own), *(["--yes"] if yes else []))
        return launch.Flags(debug, tuple(given(own, CONNECTION)))

    hosts = tuple(dict.fromkeys(settings.hosts))
    order = launch.Order(hosts, own_program(command), flags, goal, editor, not no_tasks, pick)
    made = launch.gen_launch(request.network, order, settings, request.printer, dry=dry)
    return _report(made, dry=dry, whole=print, secretive=bool(env), workspace=settings.workspace)


def check_container() -> None:
    """Raise NoContainerError unless this is a dev container: its paths, not those outside, are the editor's."""
    marks = (Path("/.dockerenv"), Path("/run/.containerenv"))
    if not any(mark.exists() for mark in marks) and not {"REMOTE_CONTAINERS", "CODESPACES"} & set(os.environ):
        raise NoContainerError


def _report(made: Made, *, dry: bool, whole: bool, secretive: bool, workspace: str) -> Report:
    from remotego.ops.explaining import inert_notes

    files = [{"file": str(one.original.path), "status": _status(one, dry=dry)} for one in made.drafts]
    warnings = [*made.warnings, *(["the values of --env stand in the files: put no secret there"] if secretive else [])]
    shown = [line for one in made.drafts if dry for line in (one.text.splitlines() if whole else _diff(one))]
    return Report(
        "gen-launch",
        {
            "files": files,
            "configurations": [_document(one) for one in made.entries],
            "dlv": asdict(made.dlv) if made.dlv else None,
            "commands": list(made.commands),
            "warnings": warnings,
        },
        columns=("file", "status", ""),
        rows=[
            *((one["file"], one["status"], "") for one in files),
            *((one.path, one.status, f"dlv {one.version} for the editor") for one in [made.dlv] if one),
            *(row for one in made.entries for row in _rows(one)),
        ],
        notes=[
            *shown,
            *(f"note: run this before you attach: {command}" for command in made.commands),
            *(f"note: {warning}" for warning in warnings),
            *(note for one in made.entries for note in _unmapped(one.unmapped)),
            *inert_notes(workspace),
        ],
    )


def _status(draft: Draft, *, dry: bool) -> str:
    if not draft.changed:
        return "nothing to do"
    return "planned" if dry else "written"


def _document(entry: Entry) -> dict[str, Any]:
    return {
        "host": entry.host,
        "name": entry.name,
        "port": entry.port or None,
        "rules": [{"from": rule.local, "to": rule.binary} for rule in entry.rules],
        "unmapped": len(entry.unmapped),
    }


def _rows(entry: Entry) -> list[tuple[str, str, str]]:
    head = (f'"{entry.name}"', f"port {entry.port}" if entry.port else "no port", "")
    return [head, *(("", "", f"{rule.local} -> {rule.binary}") for rule in entry.rules)]


def _diff(draft: Draft) -> list[str]:
    from difflib import unified_diff

    name = str(draft.original.path)
    before, after = ((text or "").splitlines() for text in (draft.original.text, draft.text))
    return list(unified_diff(before, after, name, name, lineterm=""))


def _unmapped(files: tuple[str, ...]) -> list[str]:
    if not files:
        return []
    return [f"note: {len(files)} source files have no place here, such as {files[0]}"]
