"""Zed's .zed/debug.json: an array of scenarios, one of them ours (zed.dev/docs/debugger, zed.dev/docs/languages/go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from remotego.vscode.entries import ForeignEntryError, put_entry
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.launch import below_workspace
from remotego.vscode.validity import check

if TYPE_CHECKING:
    from remotego.delve.substitution import Rule

FILE = ".zed/debug.json"
WORKTREE = "$ZED_WORKTREE_ROOT"


def scenario(name: str, port: int, rules: Sequence[Rule], *, workspace: str) -> dict[str, Any]:
    """Build the entry that attaches to dlv at the local end of the tunnel."""
    return {
        "label": name,
        "adapter": "Delve",
        "request": "attach",
        "mode": "remote",
        "tcp_connection": {"host": "127.0.0.1", "port": port},
        "stopOnEntry": False,
        "substitutePath": [
            {"from": below_workspace(rule.local, workspace, WORKTREE), "to": rule.binary} for rule in rules
        ],
    }


def plan_zed(text: str | None, wanted: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = FILE) -> str:
    """Give the text of debug.json with our scenario in it, found by its label; all else stays.

    Raises JsoncError, ForeignEntryError, SchemaError.
    """
    before = parse_jsonc(text or "", file=file)
    whole = before.text if before.has_value else f"{before.text}[\n]\n"
    result = put_entry(whole, "", "label", wanted, lambda entry: _ours(entry, file), file=file)
    check(parse_jsonc(result, file=file), schema)
    return result


def _ours(entry: Mapping[str, Any], file: str) -> Mapping[str, Any]:
    kind = (entry.get("adapter"), entry.get("request"))
    if kind != ("Delve", "attach"):
        words = " ".join(str(word) for word in kind if word)
        raise ForeignEntryError(file=file, name=str(entry["label"]), kind=words, wanted="a Delve attach")
    return entry
