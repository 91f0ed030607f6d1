"""The look of a file: its indentation, its line ends, and new values written in that look."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from remotego.vscode.jsonc import BOM, Document, Node


@dataclass(frozen=True, slots=True)
class Style:
    """``unit`` indents one level; ``eol`` ends a line."""

    unit: str = "    "
    eol: str = "\n"


def style_of(document: Document) -> Style:
    """Read the style off a file: the first line end, and how far the first member is indented.

    A file that shows neither gets what VS Code writes by default: four spaces, LF.
    """
    line_end = re.search(r"\r\n|\n|\r", document.text)
    eol = line_end[0] if line_end else Style().eol
    for child in document.children(document.root)[:1]:
        base, own = indentation(document, document.root.start), indentation(document, child.start)
        if stands_alone(document, child) and own.startswith(base) and own != base:
            return Style(own.removeprefix(base), eol)
    return Style(eol=eol)


def indentation(document: Document, offset: int) -> str:
    """Space at the beginning of the line that holds ``offset``."""
    before = document.text[_line_start(document, offset) : offset].removeprefix(BOM)
    return before[: len(before) - len(before.lstrip(" \t"))]


def stands_alone(document: Document, node: Node) -> bool:
    """Whether nothing stands before the node on its line, and a line above it."""
    line_start = _line_start(document, node.start)
    return line_start > 0 and not document.text[line_start : node.start].strip(" \t")


def _line_start(document: Document, offset: int) -> int:
    return max(document.text.rfind("\n", 0, offset), document.text.rfind("\r", 0, offset)) + 1


def render(value: Any, style: Style | None, indent: str) -> str:
    """Write a value whose first line is already indented; on one line if ``style`` is None."""
    if style is None or not isinstance(value, (dict, list)) or not value or _is_pair(value):
        return json.dumps(value, ensure_ascii=False)
    inner = indent + style.unit
    if isinstance(value, dict):
        opening, closing = "{", "}"
        items = [f"{render(key, None, '')}: {render(item, style, inner)}" for key, item in value.items()]
    else:
        opening, closing = "[", "]"
        items = [render(item, style, inner) for item in value]
    lines = f",{style.eol}{inner}".join(items)
    return f"{opening}{style.eol}{inner}{lines}{style.eol}{indent}{closing}"


def _is_pair(value: Any) -> bool:
    """Whether a value is an object of two scalars, as a substitutePath rule is: best read on one line."""
    return (
        isinstance(value, dict)
        and len(value) == 2
        and not any(isinstance(item, (dict, list)) for item in value.values())
    )
