"""Validity: whether a document is what its JSON Schema says, and where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remotego.core.errors import UsageError
from remotego.vscode.edits import look_up
from remotego.vscode.jsonc import line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from remotego.vscode.jsonc import Document


@dataclass(eq=False)
class SchemaError(UsageError):
    """A file that would not be valid with our change in it. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    place: str
    reason: str
    what = "{file}:{line}:{column}: with our entry this file would not be valid: {place}: {reason}"
    remedy = "nothing was written; correct that place in an editor and run the command again"


def check(document: Document, schema: Mapping[str, Any], *, at: Sequence[str] = ()) -> None:
    """Raise SchemaError for the fault that tells most about why the document, or its part ``at``, is not valid."""
    from jsonschema import Draft202012Validator  # 60 ms, paid only when a file is about to change
    from jsonschema.exceptions import best_match

    fault = best_match(Draft202012Validator(schema).iter_errors(look_up(document, at)))
    if fault is None:
        return
    path = [*at, *fault.absolute_path]
    line, column = line_and_column(document.text, _offset(document, path))
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    raise SchemaError(
        file=document.file, line=line, column=column, place=place.lstrip(".") or "root", reason=fault.message
    )


def _offset(document: Document, path: Iterable[str | int]) -> int:
    """Find where a value stands; the closest one around it if it is not there."""
    node = document.root
    for step in path:
        children = document.children(node)
        named = [child for place, child in enumerate(children) if step in (child.key, place)]
        if not named:
            break
        node = named[-1]
    return node.start
