"""One Go for a workspace: the settings by which an editor, its tools, terminals, tasks and debugger use the same one.

What reaches what: see vscode/environment. ``go.alternateTools.go``, absolute, comes before everything else by which
the Go extension looks for go, the choice of its status bar among it, and it puts that go's directory first in the
PATH of terminals and of what it starts (golang/vscode-go: src/util.ts, src/goEnvironmentStatus.ts). An empty GOROOT
counts as none for go, a null in a terminal's environment takes the variable out: an exported GOROOT of another
version would break every build.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remotego.vscode.edits import look_up, set_value
from remotego.vscode.jsonc import Document, Node, line_and_column, parse_jsonc
from remotego.vscode.settings import TOOLS, held, leaves, plan_settings
from remotego.vscode.workspacefile import place_of

ENV = "terminal.integrated.env"
TOOLCHAIN = "local"
CHOICE = "REMOTEGO_GO_BIN"
"""Names the directory of the go that is used, for a start-up file that puts another one first in PATH."""

_OURS = ("GOROOT", "GOTOOLCHAIN", "PATH")


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting of ours: its ``path``, our value, and what stood there ``before`` if it was ``there``."""

    path: tuple[str, ...]
    value: Any
    there: bool
    before: Any


def settings_of_one_go(
    go: str, directory: str, text: str | None, aside: Mapping[str, str], *, system: str, separator: str, file: str
) -> dict[str, Any]:
    """Give what settings.json shall hold so that all use ``go``, whose directory comes before what PATH is there now.

    ``system`` is linux, osx or windows, ``aside`` what has managers of versions step aside.
    """
    terminal = f"{ENV}.{system}"
    path = held(text or "", (*place_of("settings", file=file), terminal, "PATH"), file=file)
    rest = path if isinstance(path, str) and path else "${env:PATH}"
    variables = {"PATH": f"{directory}{separator}{rest}", CHOICE: directory, "GOROOT": None, "GOTOOLCHAIN": TOOLCHAIN}
    return {
        TOOLS: {"go": go},
        "go.toolsEnvVars": {"GOROOT": "", "GOTOOLCHAIN": TOOLCHAIN},
        terminal: {**variables, **aside},
    }


def entries_of(text: str | None, wanted: Mapping[str, Any], *, file: str) -> tuple[Entry, ...]:
    """Say what each of our settings stands in the place of."""
    document, at = parse_jsonc(text or "", file=file), place_of("settings", file=file)
    return tuple(Entry(path, value, *_there(document, (*at, *path))) for path, value in leaves(wanted))


def without_entries(text: str, entries: Sequence[Entry], schema: Mapping[str, Any], *, file: str) -> str:
    """Take our settings out of a text that has been changed since; one that is another by now is the user's."""
    at = place_of("settings", file=file)
    ours = [one for one in entries if _there(parse_jsonc(text, file=file), (*at, *one.path)) == (True, one.value)]
    for one in ours:
        if one.there:
            text = set_value(text, (*at, *one.path), one.before, file=file)
    gone = [one.path for one in ours if not one.there]
    return plan_settings(text, {}, schema, file=file, unwanted=gone)


def dissenters(text: str, *, file: str) -> Iterator[tuple[int, str]]:
    """Find what sets one of our variables for a task or a launch of its own: line, name and value."""
    document = parse_jsonc(text, file=file)
    yield from _dissenters(document, document.root)


def _dissenters(document: Document, node: Node) -> Iterator[tuple[int, str]]:
    for child in document.children(node):
        if child.key == "env" and isinstance(child.value, dict):
            for one in document.children(child):
                if one.key in _OURS:
                    line, _ = line_and_column(document.text, one.start)
                    yield line, f"{one.key}={json.dumps(one.value, ensure_ascii=False)}"
        else:
            yield from _dissenters(document, child)


def _there(document: Document, path: Sequence[str]) -> tuple[bool, Any]:
    above = look_up(document, path[:-1]) if document.has_value else None
    return (True, above[path[-1]]) if isinstance(above, dict) and path[-1] in above else (False, None)
