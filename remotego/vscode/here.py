"""Entries for a window whose extensions run on the target itself, as with Remote-SSH: no tunnel, no host, no port.

There ``mode: local`` means the target, and a process can be picked by name: the extension takes the one process of
exactly that name, and asks where there are several (golang/vscode-go, pickProcess.ts). ``waitFor`` does not work
there: the extension opens its picker all the same, and Delve takes only one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remotego.vscode.entries import ForeignEntryError, dated, put_entry
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.launch import FILE, VERSION, WORKSPACE
from remotego.vscode.validity import check
from remotego.vscode.workspacefile import place_of

HERE = "here"
PICKER = "${command:pickGoProcess}"


def attach_here(name: str, process: str | int | None) -> dict[str, Any]:
    """Attach to a process by name or number; None asks for it."""
    return _entry(name, "attach", "local", {"processId": PICKER if process is None else process})


def exec_here(
    name: str, program: str, arguments: tuple[str, ...], directory: str, variables: Mapping[str, str]
) -> dict[str, Any]:
    """Start a program under dlv; a path that is not absolute begins at the workspace."""
    program = program if program.startswith(("/", "$")) else f"{WORKSPACE}/{program.removeprefix('./')}"
    place = {"cwd": directory} if directory else {}
    env = {"env": dict(variables)} if variables else {}
    return _entry(name, "launch", "exec", {"program": program, "args": list(arguments), **place, **env})


def core_here(name: str, program: str, file: str) -> dict[str, Any]:
    """Open a core file."""
    return _entry(name, "launch", "core", {"program": program, "coreFilePath": file})


def _entry(name: str, request: str, mode: str, what: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "type": "go", "request": request, "mode": mode, "debugAdapter": "dlv-dap", **what}


def plan_here(text: str | None, config: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = FILE) -> str:
    """Give the text of launch.json with such an entry in it; what a user added to it stays, all else too.

    Raises JsoncError, ForeignEntryError for a name that is taken, SchemaError.
    """

    def keep(entry: Mapping[str, Any]) -> Mapping[str, Any]:
        if any(entry.get(key) != config[key] for key in ("type", "request", "mode")):
            kind = " ".join(str(entry[key]) for key in ("type", "request", "mode") if key in entry)
            raise ForeignEntryError(
                file, str(entry["name"]), kind, wanted=f"a {config['request']} of Go on this machine"
            )
        return entry

    at = place_of("launch", file=file)
    before = dated(text, VERSION, file=file, at=at)
    result = put_entry(before, "configurations", "name", config, keep, file=file, at=at)
    check(parse_jsonc(result, file=file), schema, at=at)
    return result
