"""launch.json: the attach configuration VS Code needs, merged into what the user already has.

Why each attribute is there, and why others are not: the Go extension's package.json and Delve's
DAP server. ``mode: remote`` takes no processId (dlv holds the process already); without an explicit
``debugAdapter`` the extension may fall back to its legacy adapter; without ``port`` it starts a dlv
of its own; without ``substitutePath`` it guesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remotego.core.errors import UsageError
from remotego.vscode.entries import ForeignEntryError, dated, put_entry
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.validity import check
from remotego.vscode.workspacefile import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from remotego.delve.substitution import Rule

FILE = ".vscode/launch.json"
VERSION = "0.2.0"
WORKSPACE = "${workspaceFolder}"

_OF_A_LOCAL_DLV = frozenset(("backend", "buildFlags", "dlvFlags", "logDest", "logOutput", "output", "showLog"))
_OF_A_PROCESS = frozenset(("args", "asRoot", "console", "env", "envFile", "processId", "program", "waitFor"))
_OF_OTHER_MODES = frozenset(("apiVersion", "coreFilePath", "cwd", "dlvLoadConfig", "remotePath"))
FORBIDDEN = _OF_A_LOCAL_DLV | _OF_A_PROCESS | _OF_OTHER_MODES
"""Attributes that do nothing in a remote attach, or break it; taken out of our entry if found there."""


@dataclass(eq=False)
class NoPortError(UsageError):
    """Port 0 is any free one, which is known only once a session holds it."""

    name: str
    what = 'the entry "{name}" needs a port that stays the same, and the port is given as 0'
    remedy = "give a port, such as --local-port 23450"


TASKS = ("preLaunchTask", "postDebugTask")


def entry_name(process: str, host: str, verb: str = "Attach") -> str:
    """Name of the entry for a process on a host, as the debug menu shows it."""
    return f"{verb} {process}@{host}"


def configuration(
    name: str, port: int, rules: Sequence[Rule], *, workspace: str, tasks: tuple[str, str] | None = None
) -> dict[str, Any]:
    """Build the entry. ``rules`` are absolute; ``workspace`` is the folder VS Code has open.

    ``port`` is the local end of the forward, on 127.0.0.1. A rule below the workspace is written
    with ${workspaceFolder}, so that the entry holds for every checkout of it. ``tasks`` are the labels of what runs
    before and after. Raises NoPortError for port 0.
    """
    if port == 0:
        raise NoPortError(name=name)
    return {
        "name": name,
        "type": "go",
        "request": "attach",
        "mode": "remote",
        "debugAdapter": "dlv-dap",
        "host": "127.0.0.1",
        "port": port,
        "stopOnEntry": False,
        "substitutePath": [{"from": below_workspace(rule.local, workspace), "to": rule.binary} for rule in rules],
        **dict(zip(TASKS, tasks or (), strict=False)),
    }


def plan_launch(text: str | None, config: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = FILE) -> str:
    """Give the text of launch.json, or of a workspace file, with ``config`` in it; None means there is no file.

    Our entry is the one of that name. Attributes a user added to it stay, save those FORBIDDEN, and tasks of ours
    that ``config`` has not. The same text comes back when nothing has to change. ``schema`` is that of launch.json.
    Raises JsoncError for a text that cannot be edited safely, ForeignEntryError for a name that is
    taken, SchemaError if the result is not a launch.json that VS Code would take.
    """
    at = place_of("launch", file=file)
    result = dated(text, VERSION, file=file, at=at)
    result = put_entry(result, "configurations", "name", config, lambda entry: _kept(entry, file), file=file, at=at)
    check(parse_jsonc(result, file=file), schema, at=at)
    return result


def _kept(entry: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    _check_ours(entry, file)
    return {
        key: value
        for key, value in entry.items()
        if key not in FORBIDDEN and not (key in TASKS and str(value).startswith("remotego: "))
    }


def idle(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the attributes of our entry that do nothing in a remote attach, in their order: they are taken out."""
    return tuple(key for key in entry if key in FORBIDDEN)


def own_tasks(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Give the tasks that a user has put into an entry: they are not replaced by ours."""
    return {key: entry[key] for key in TASKS if key in entry and not str(entry[key]).startswith("remotego: ")}


def _check_ours(entry: Mapping[str, Any], file: str) -> None:
    kind = tuple(entry.get(key) for key in ("type", "request", "mode"))
    local = kind[2] is None and "processId" in entry
    if local or kind not in (("go", "attach", "remote"), ("go", "attach", None)):
        words = " ".join(str(word) for word in kind if word is not None)
        raise ForeignEntryError(file=file, name=str(entry["name"]), kind=words or "nameless kind")


def below_workspace(path: str, workspace: str, variable: str = WORKSPACE) -> str:
    """Write a path with the editor's ``variable`` for the workspace if it lies below that."""
    if path == workspace:
        return variable
    below = path.removeprefix(workspace.rstrip("/") + "/")
    return path if below == path else f"{variable}/{below}"
