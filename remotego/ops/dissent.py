"""Dissent: who on this machine goes by another GOPROXY than the one that shall count."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.environs import Started, holders, is_known
from remotego.adapters.files import UnfitFileError, read_file
from remotego.host.contexts import EDITORS
from remotego.ops.proxyfile import GOPROXY
from remotego.vscode import settings as settings_file
from remotego.vscode.jsonc import JsoncError, parse_jsonc

_STARTERS = ("sh", "bash", "dash", "zsh", "fish", "ksh", "tcsh", "code", "gopls")


@dataclass(frozen=True, slots=True)
class Disagreeing:
    """Somebody goes by another GOPROXY: a process by its ``pid`` (None: a file), ``what`` it is, and the value."""

    pid: int | None
    what: str
    value: str


def disagreeing(url: str, workspace: str) -> list[Disagreeing]:
    """Give the processes of this user, and the workspace's settings, that lead go elsewhere than to the router."""
    others = (one for one in holders(GOPROXY) if one.value.rstrip("/") != url)
    found = [Disagreeing(one.pid, what, one.value) for one in others if (what := _what(one))]
    if not is_known():
        found.append(Disagreeing(None, "processes: this system does not tell what they were started with", ""))
    if value := _of_editor(workspace):
        found += [Disagreeing(None, settings_file.FILE, value)] if value.rstrip("/") != url else []
    return found


def _what(one: Started) -> str:
    """Say what a process is that others are started from, a shell or an editor's server, or gopls; "" for the rest."""
    program = Path(one.words[0].lstrip("-")).name if one.words else ""
    if program in _STARTERS:
        return program
    line = " ".join(one.words)
    editor = next((name for piece, name in EDITORS.items() if piece in line), "")
    return f"{editor}'s {program}" if editor else ""


def _of_editor(workspace: str) -> str:
    """Read GOPROXY from go.toolsEnvVars, which is stronger than go's own file in VS Code."""
    root = Path(workspace)
    with suppress(UnfitFileError, JsoncError, json.JSONDecodeError):
        text = read_file(root / settings_file.FILE, within=root).text
        value = parse_jsonc(text or "{}", file=settings_file.FILE).root.value
        found = value.get("go.toolsEnvVars") if isinstance(value, dict) else None
        return str(found.get(GOPROXY) or "") if isinstance(found, dict) else ""
    return ""
