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
from remotego.vscode.edits import Entry, look_up, set_value
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.validity import check

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
class ForeignEntryError(UsageError):
    """An entry has the name we would give ours, and is something else."""

    file: str
    name: str
    kind: str
    what = '{file} has an entry "{name}" that is a {kind}, not a remote attach of Go'
    remedy = "rename that entry, and run the command again"


@dataclass(eq=False)
class NoPortError(UsageError):
    """Port 0 is any free one, which is known only once a session holds it."""

    name: str
    what = 'the entry "{name}" needs a port that stays the same, and the port is given as 0'
    remedy = "give a port, such as --port 23450"


def entry_name(process: str, host: str) -> str:
    """Name of the entry for a process on a host, as the debug menu shows it."""
    return f"Attach {process}@{host}"


def configuration(name: str, port: int, rules: Sequence[Rule], *, workspace: str) -> dict[str, Any]:
    """Build the entry. ``rules`` are absolute; ``workspace`` is the folder VS Code has open.

    ``port`` is the local end of the forward, on 127.0.0.1. A rule below the workspace is written
    with ${workspaceFolder}, so that the entry holds for every checkout of it.
    Raises NoPortError for port 0.
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
        "substitutePath": [{"from": _below_workspace(rule.local, workspace), "to": rule.binary} for rule in rules],
    }


def plan_launch(text: str | None, config: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = FILE) -> str:
    """Give the text of launch.json with ``config`` in it; None for ``text`` means there is no file.

    Our entry is the one of that name. Attributes a user added to it stay, save those FORBIDDEN.
    The same text comes back when nothing has to change. ``schema`` is that of launch.json.
    Raises JsoncError for a text that cannot be edited safely, ForeignEntryError for a name that is
    taken, SchemaError if the result is not a launch.json that VS Code would take.
    """
    path = ("configurations", Entry("name", str(config["name"])))
    before = parse_jsonc(text or "", file=file)
    existing = look_up(before, path)
    if existing is not None:
        _check_ours(existing, file)
    kept = {key: value for key, value in (existing or {}).items() if key not in FORBIDDEN}
    dated = before.text if before.has_value else set_value(before.text, ("version",), VERSION, file=file)
    result = set_value(dated, path, kept | dict(config), file=file)
    check(parse_jsonc(result, file=file), schema)
    return result


def _check_ours(entry: Mapping[str, Any], file: str) -> None:
    kind = tuple(entry.get(key) for key in ("type", "request", "mode"))
    if kind not in (("go", "attach", "remote"), ("go", "attach", None)):
        words = " ".join(str(word) for word in kind if word is not None)
        raise ForeignEntryError(file=file, name=str(entry["name"]), kind=words or "nameless kind")


def _below_workspace(path: str, workspace: str) -> str:
    if path == workspace:
        return WORKSPACE
    below = path.removeprefix(workspace.rstrip("/") + "/")
    return path if below == path else f"{WORKSPACE}/{below}"
