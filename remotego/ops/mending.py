"""What we wrote into a login's home: whether it is still whole, and the changes that mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from remotego.core.change import Change, RestoreFile, RestoreSettings
from remotego.core.errors import RemotegoError
from remotego.core.settings import Settings
from remotego.doctor.check import Finding, HostFix
from remotego.doctor.environment import judge_block, judge_tools
from remotego.host.block import BEGIN
from remotego.host.envtext import Named, directories_named
from remotego.host.homeedit import HomeEdit, change_of, sha256, splice
from remotego.host.homefiles import ENV_FILE, FISH_FILE, MACHINE, SERVERS, Go, Home
from remotego.host.journal import Entry
from remotego.host.shellenv import ShellPlan, plan_named, plan_shellenv
from remotego.host.store import plan_home
from remotego.host.survey import Survey
from remotego.ops.differences import differences
from remotego.ops.remote_go import choose, directories_of
from remotego.vscode.jsonc import JsoncError, parse_jsonc
from remotego.vscode.settings import TOOLS, plan_withdrawal


def judge_written(
    home: Home, entries: Sequence[Entry], programs: frozenset[str], have: Any, settings: Settings
) -> Iterator[Finding]:
    """Judge start-up files and machine settings. Without a Survey as ``have``, nothing is mended."""
    room = plan_home(have) if isinstance(have, Survey) else None
    yield _block(home, entries, settings, room)
    yield from _tools(home, entries, programs, room)


def _block(home: Home, entries: Sequence[Entry], settings: Settings, room: Any) -> Finding:
    ours = [name for name, text in home.files.items() if name in (ENV_FILE, FISH_FILE) or BEGIN.encode() in text]
    if not ours:
        return judge_block(ours=False, edits=(), fix=None)
    try:
        edits = _as_written(home, settings).edits
        changes = tuple(_mend(edit, home, entries) for edit in edits)
    except RemotegoError as error:
        return judge_block(ours=True, edits=(), fix=None, problem=str(error))
    fix = HostFix((*room, *changes), differences(home, edits)) if changes and room is not None else None
    paths = [home.path_of(edit.name) for edit in edits]
    return judge_block(ours=True, edits=paths, fix=fix, gone=_gone(home))


def _as_written(home: Home, settings: Settings) -> ShellPlan:
    """Plan what we have written, for the go that it leads to as long as that is there: the user has chosen it."""
    there, go = _named_by_us(home), _ours(home)
    if there is not None and (go is not None or there.first is None):
        return plan_named(home, there)
    return plan_shellenv(home, directories_of(go or choose(home, settings.remote_go, host="it"), home))


def _gone(home: Home) -> str:
    there = _named_by_us(home)
    return f"{there.first}/go" if there is not None and there.first is not None and _ours(home) is None else ""


def _ours(home: Home) -> Go | None:
    return next((go for go in home.gos if go.found == "ours"), None)


def _named_by_us(home: Home) -> Named | None:
    own = FISH_FILE if home.shell.endswith("/fish") else ENV_FILE
    return directories_named(home.files[own].decode("utf-8", "replace")) if own in home.files else None


def _mend(edit: HomeEdit, home: Home, entries: Sequence[Entry]) -> Change:
    """Write a file as it shall be. What the journal says we have left there already is not journalled again: the
    entry that there is takes it back, and further than a second one could.
    """
    change = change_of(edit, home)
    acts = [act for entry in entries for act in entry.undo if isinstance(act, RestoreFile)]
    mine = [act for act in acts if act.path == home.path_of(edit.name)]
    known = bool(mine) and mine[-1].now == sha256(edit.after)
    return replace(change, undo=()) if known else change


def _tools(home: Home, entries: Sequence[Entry], programs: frozenset[str], room: Any) -> Iterator[Finding]:
    named = {f"{server}/{MACHINE}": _named(home, f"{server}/{MACHINE}") for server in SERVERS}
    named = {name: tools for name, tools in named.items() if tools}
    fixes = {
        f"{home.path}/{name}": fix
        for name, tools in named.items()
        if room is not None and (fix := _withdrawal(home, name, tools, entries, programs, room))
    }
    yield from judge_tools({f"{home.path}/{name}": tools for name, tools in named.items()}, programs, fixes)


def _named(home: Home, name: str) -> dict[str, str]:
    """Tools that a settings file names by an absolute path."""
    try:
        value = parse_jsonc(home.files.get(name, b"").decode(), file=name).root.value
    except (JsoncError, UnicodeDecodeError):
        return {}
    tools = value.get(TOOLS) if isinstance(value, dict) else None
    pairs = tools.items() if isinstance(tools, dict) else ()
    return {str(key): path for key, path in pairs if isinstance(path, str) and path.startswith("/")}


def _withdrawal(
    home: Home, name: str, tools: Mapping[str, str], entries: Sequence[Entry], programs: frozenset[str], room: Any
) -> HostFix | None:
    """Take out what the journal says is of ours and leads nowhere; what stood there before us comes back."""
    path = f"{home.path}/{name}"
    acts = [act for entry in entries for act in entry.undo if isinstance(act, RestoreSettings) and act.path == path]
    mine = {(tool, now): was for act in acts for tool, now, was in act.tools}
    lost = [(tool, at, mine[tool, at]) for tool, at in tools.items() if at not in programs and (tool, at) in mine]
    if not lost or name in home.locked:
        return None
    before = home.files[name]
    after = plan_withdrawal(before.decode(), lost, file=path)
    edit = splice(name, before, after.encode())
    return HostFix((*room, change_of(edit, home)), differences(home, (edit,)))
