"""The desk: an editor's files of a workspace against what is really there.

Two steps, as pure code cannot look: ``wonders`` says what the files make one ask of this machine, ``judge_desk`` reads
the answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remotego.doctor.check import EditHere, Finding, failure, ok, warning
from remotego.doctor.entries import Entry, judge_entries
from remotego.vscode import launch as launch_file
from remotego.vscode.difference import difference
from remotego.vscode.inert import Finding as Inert
from remotego.vscode.settings import TOOLS, held, plan_withdrawal

UNREAD = "unread-file"
_ELSEWHERE: Mapping[str, tuple[str, str]] = {
    UNREAD: ("editor-files", "failure"),
    "mode-attach": ("launch-mode", "failure"),
    "remote-path": ("launch-paths", "failure"),
    "go-goroot": ("editor-goroot", "warning"),
    "tools-without-names": ("editor-tools", "failure"),
}
"""Inert recipes that have a check of their own, and how bad they are."""

_VARIABLE = re.compile(r"\$\{workspaceFolder(:[^}]*)?\}")
_FOLDER = "${workspaceFolder}"


@dataclass(frozen=True, slots=True)
class Files:
    """The texts of settings.json and launch.json (None where there is none), and the labels of all tasks.

    ``root`` is the workspace's directory; a file that cannot be parsed counts as not there, and is in ``inert``.
    """

    root: str
    settings: str | None = None
    launch: str | None = None
    tasks: frozenset[str] = frozenset()
    inert: tuple[Inert, ...] = ()
    entries: tuple[Mapping[str, Any], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wonders:
    """What one has to know of this machine: ``paths`` of programs, ``ports`` of 127.0.0.1, ``pids``."""

    paths: frozenset[str]
    ports: frozenset[int]
    pids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Seen:
    """The answers: which of them are programs, which are listened at, which live. ``own_dlv`` is where we put one."""

    paths: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()
    pids: frozenset[int] = frozenset()
    own_dlv: str = ""


def wonders(files: Files) -> Wonders:
    """Say what is to be looked up."""
    entries = list(_entries(files))
    paths = {path for _, path in _tools(files)} | {one.program for one in entries if one.program}
    return Wonders(
        frozenset(paths),
        frozenset(one.port for one in entries if one.port),
        frozenset(one.pid for one in entries if one.pid),
    )


def judge_desk(files: Files, seen: Seen) -> Iterator[Finding]:
    """Judge settings, inert recipes and launch entries."""
    yield from _inert(files)
    yield from _tool_findings(files, seen)
    yield from _adapter(files)
    if any(one.go for one in _entries(files)):
        yield from judge_entries(tuple(_entries(files)), files.tasks, seen.paths, seen.ports, seen.pids)


def _inert(files: Files) -> Iterator[Finding]:
    told: set[str] = set()
    for one in files.inert:
        check, verdict = _ELSEWHERE.get(one.rule, ("editor-inert", "warning"))
        told.add(check)
        what = one.why if one.rule == UNREAD else f'"{one.found}" does nothing: {one.why}'
        fix = _repair(files, one)
        yield Finding(check, verdict, f"{one.file}:{one.line}: {what}", one.instead, fix)  # type: ignore[arg-type]  # of the table above
    told |= {"launch-mode", "launch-paths"}
    quiet = {"editor-files": "they can be read", "editor-goroot": "it is not set", "editor-inert": "nothing is inert"}
    yield from (ok(check, said) for check, said in quiet.items() if check not in told)


def _repair(files: Files, one: Inert) -> EditHere | None:
    """Take an attribute out of an entry of ours that does nothing there; what is not ours stays."""
    if files.launch is None or not one.file.endswith(launch_file.FILE) or one.rule == UNREAD:
        return None
    from remotego.vscode.edits import Entry as Step
    from remotego.vscode.edits import remove

    after = files.launch
    for entry in filter(is_ours, files.entries):
        for name in launch_file.idle(entry):
            after = remove(after, ("configurations", Step("name", str(entry["name"])), name), file=one.file)
    mine = any(one.found in launch_file.idle(entry) for entry in filter(is_ours, files.entries))
    return _edit(one.file, files.launch, after) if mine else None


def is_ours(entry: Mapping[str, Any]) -> bool:
    """Tell whether remotego wrote an entry: it begins with a task of ours, and is a remote attach."""
    task = entry.get("preLaunchTask")
    return isinstance(task, str) and task.startswith("remotego: ") and entry.get("mode") == "remote"


def _edit(file: str, before: str, after: str) -> EditHere | None:
    lines = difference(file, before, after)
    return EditHere(file, before, after, lines) if lines else None


def _tool_findings(files: Files, seen: Seen) -> Iterator[Finding]:
    tools = list(_tools(files))
    lost = [(name, path) for name, path in tools if path not in seen.paths]
    for name, path in lost:
        fix = None
        if path == seen.own_dlv and files.settings is not None:
            file = f"{files.root}/.vscode/settings.json"
            fix = _edit(file, files.settings, plan_withdrawal(files.settings, [(name, path, None)], file=file))
        remedy = "correct that path, or take the entry out: the extension then looks in PATH"
        yield failure("editor-tools", f"go.alternateTools names {path} as {name}, and no program is there", remedy, fix)
    if not lost:
        named = ", ".join(f"{name} is {path}" for name, path in tools)
        yield ok("editor-tools", named or "go.alternateTools names none: PATH decides")


def _tools(files: Files) -> Iterator[tuple[str, str]]:
    """Give the tools that settings name by a path which can be looked at."""
    tools = files.values.get(TOOLS)
    for name, path in tools.items() if isinstance(tools, dict) else ():
        plain = _plain(path, files.root)
        if plain:
            yield str(name), plain


def _plain(path: Any, root: str) -> str:
    text = _VARIABLE.sub(root, path) if isinstance(path, str) else ""
    return text if text.startswith(("/", "~/")) and "${" not in text else ""


def _adapter(files: Files) -> Iterator[Finding]:
    config = files.values.get("go.delveConfig")
    legacy = [f'"{one.name}"' for one in _entries(files) if one.go and one.adapter == "legacy"]
    legacy += ["go.delveConfig"] if isinstance(config, dict) and config.get("debugAdapter") == "legacy" else []
    if legacy:
        remedy = 'use "debugAdapter": "dlv-dap": the legacy adapter is no longer maintained'
        yield warning("editor-adapter", f"the legacy adapter is asked for by {', '.join(legacy)}", remedy)
    unsaid = [f'"{one.name}"' for one in _entries(files) if one.go and one.remote and not one.adapter]
    unsaid = [] if isinstance(config, dict) and config.get("debugAdapter") else unsaid
    if unsaid:
        remedy = 'add "debugAdapter": "dlv-dap"; without it the extension may fall back to the legacy one silently'
        yield warning("editor-adapter", f"no adapter is named in {', '.join(unsaid)}", remedy)
    if not (legacy or unsaid):
        yield ok("editor-adapter", "it is dlv-dap")


def _entries(files: Files) -> Iterable[Entry]:
    return [_entry(one, files.root) for one in files.entries]


def _entry(raw: Mapping[str, Any], root: str) -> Entry:
    rules = raw.get("substitutePath")
    process = raw.get("processId")
    port = raw.get("port")
    return Entry(
        name=str(raw.get("name", "")),
        go=raw.get("type") == "go",
        remote=raw.get("request") == "attach" and raw.get("mode") == "remote",
        mode=str(raw.get("mode", "")),
        request=str(raw.get("request", "")),
        adapter=str(raw.get("debugAdapter", "")),
        host=str(raw.get("host", "127.0.0.1")),
        port=port if type(port) is int else None,
        rules=_rules(rules),
        has_rules=isinstance(rules, list),
        pid=process if type(process) is int else None,
        program=_program(raw, root),
        before=_text(raw.get("preLaunchTask")),
        after=_text(raw.get("postDebugTask")),
    )


def _program(raw: Mapping[str, Any], root: str) -> str:
    """Only a program that exists before the build: modes exec and core."""
    return _plain(raw.get("program"), root) if raw.get("mode") in ("exec", "core") else ""


def _rules(rules: Any) -> Sequence[tuple[str, str]]:
    found = [one for one in rules if isinstance(one, dict)] if isinstance(rules, list) else []
    return tuple((str(one.get("from", "")), str(one.get("to", ""))) for one in found)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def dlv_named(files: Files) -> Any:
    """Give what settings name as dlv; None if nothing."""
    return held(files.settings or "", (TOOLS, "dlv"), file=".vscode/settings.json")
