"""Edits of JSON with comments, as data: which span of the user's text becomes what.

An edit touches only what the change needs: a scalar, a member, a comma. A comment goes only with
the member or entry it stands inside of, when that is removed or becomes a value of another kind.
A change that is already there needs no edit at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remotego.vscode.jsonc import BOM, SPACE, Document, Node, parse_jsonc
from remotego.vscode.rendering import Style, indentation, render, stands_alone, style_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``text`` in place of the characters from ``start`` up to ``end``."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A step into an array: its object whose member ``key`` is ``value``."""

    key: str
    value: str


Step = str | Entry
"""A step into an object (the name of a member) or into an array (an Entry)."""

Path = Sequence[Step]


def set_value(text: str, path: Path, value: Any, *, file: str) -> str:
    """Give the text in which ``path`` holds ``value``, with everything else as it was.

    Objects and arrays that are missing on the way are made; values that differ only in parts are
    changed in those parts. A text of nothing but comments gets a new object below them.
    Raises JsoncError where the text cannot be parsed, the way leads through a value of
    another kind, or a key or entry on the way is there twice.
    """
    document = parse_jsonc(text, file=file)
    if surplus := plan_removals(document, path, value):
        document = parse_jsonc(apply_edits(text, surplus), file=file)
    return apply_edits(document.text, plan_value(document, path, value))


def remove(text: str, path: Path, *, file: str) -> str:
    """Give the text without the member or entry at ``path``; the same text if it is not there."""
    document = parse_jsonc(text, file=file)
    node, rest = _descend(document, path[:-1])
    found = None if rest else find(document, node, path[-1])
    return apply_edits(text, _removal(document, node, [found] if found else []))


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits, all given in offsets of ``text``. Spans that are only deleted may overlap."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [text[at : edit.start], edit.text]
        at = max(at, edit.end)
    return "".join([*pieces, text[at:]])


def find(document: Document, node: Node, step: Step) -> Node | None:
    """Take one step down. Raises JsoncError when the value is of another kind, or the step is ambiguous."""
    match step:
        case str():
            return document.child(node, step)
        case Entry(key, value):
            if not isinstance(node.value, list):
                raise document.error(node.value_start, "an array was expected here")
            found = [
                child
                for child in document.children(node)
                if isinstance(child.value, dict) and child.value.get(key) == value
            ]
            if len(found) > 1:
                raise document.error(found[1].start, f'a second entry has the {key} "{value}"')
            return found[0] if found else None


def look_up(document: Document, path: Path) -> Any:
    """Value at ``path``, None where the path ends early."""
    node, rest = _descend(document, path)
    return None if rest else node.value


def plan_removals(document: Document, path: Path, value: Any) -> list[Edit]:
    """Plan the first half of a change: what is there and must not be."""
    node, rest = _descend(document, path)
    return [] if rest else list(_surplus(document, node, value))


def plan_value(document: Document, path: Path, value: Any) -> list[Edit]:
    """Plan the second half, once nothing is too much: what differs and what is missing."""
    node, rest = _descend(document, path)
    if not rest:
        return list(_difference(document, node, value))
    missing = _nested(value, rest[1:])
    if not document.has_value:
        return _first_value(document, {rest[0]: missing})
    return _insertion(document, node, [(rest[0], missing)])


def _descend(document: Document, path: Path) -> tuple[Node, Path]:
    """Follow the path as far as it goes; give what is left of it."""
    node = document.root
    if path and not document.has_value:
        return node, path
    for taken, step in enumerate(path):
        child = find(document, node, step)
        if child is None:
            return node, path[taken:]
        node = child
    return node, ()


def _nested(value: Any, path: Path) -> Any:
    """Wrap a value in the objects and arrays a path names."""
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [_named(step, value)]
    return value


def _named(entry: Entry, value: Any) -> Any:
    return {entry.key: entry.value, **value}


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does: 1, 1.0 and true are three values, the order of members says nothing."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _surplus(document: Document, node: Node, value: Any) -> Iterator[Edit]:
    children = document.children(node)
    match node.value, value:
        case dict(), dict():
            pairs = [(child, value[child.key]) for child in children if child.key in value]
            victims = [child for child in children if child.key not in value]
        case list(), list():
            pairs, victims = list(zip(children, value, strict=False)), list(children[len(value) :])
        case _:
            return
    for child, wanted in pairs:
        yield from _surplus(document, child, wanted)
    yield from _removal(document, node, victims)


def _difference(document: Document, node: Node, value: Any) -> Iterator[Edit]:
    match node.value, value:
        case dict(), dict():
            pairs = [(document.child(node, key), key, wanted) for key, wanted in value.items()]
            for child, _, wanted in pairs:
                if child is not None:
                    yield from _difference(document, child, wanted)
            missing = [(key, wanted) for child, key, wanted in pairs if child is None]
            yield from _insertion(document, node, missing)
        case list(), list():
            children = document.children(node)
            for child, wanted in zip(children, value, strict=False):
                yield from _difference(document, child, wanted)
            yield from _insertion(document, node, [(None, wanted) for wanted in value[len(children) :]])
        case _ if not _same(node.value, value):
            style = style_of(document)
            yield Edit(node.value_start, node.end, render(value, style, indentation(document, node.start)))


def _insertion(document: Document, node: Node, items: Sequence[tuple[Step | None, Any]]) -> list[Edit]:
    """Append members or elements behind everything the container holds, its last comment included."""
    if not items:
        return []
    if not isinstance(node.value, (dict, list)):
        raise document.error(node.value_start, "an object or an array was expected here")
    style, children = style_of(document), document.children(node)
    last_end = children[-1].end if children else node.value_start + 1
    gap = slice(last_end, node.end - 1)
    tail = _tail(document, last_end, node.end - 1)
    broken = bool(re.search(r"[\r\n]", document.text[gap]))
    own_lines = not children or broken or stands_alone(document, children[-1])
    if children and stands_alone(document, children[-1]):
        indent = indentation(document, children[-1].start)
    else:
        indent = indentation(document, node.start) + style.unit
    texts = [_item_text(step, value, style if own_lines else None, indent) for step, value in items]
    lead = style.eol + indent if own_lines else " "
    comma = "," if "," in document.plain[gap] else ""
    text = lead + ("," + lead).join(texts) + comma
    if own_lines and not broken:
        text += style.eol + indentation(document, node.start)
    separator = [Edit(last_end, last_end, ",")] if children and not comma else []
    return [*separator, Edit(tail, node.end - 1 if own_lines and not broken else tail, text)]


def _tail(document: Document, start: int, end: int) -> int:
    """Find the end of all that is no space; blanks at the end of that line belong to it."""
    text = document.text[start:end]
    held = len(text.rstrip(SPACE))
    blanks = re.match(r"[ \t]*(?=[\r\n])", text[held:])
    return start + held + (blanks.end() if blanks else 0)


def _item_text(step: Step | None, value: Any, style: Style | None, indent: str) -> str:
    match step:
        case str():
            return f"{json.dumps(step, ensure_ascii=False)}: {render(value, style, indent)}"
        case Entry():
            return render(_named(step, value), style, indent)
        case None:
            return render(value, style, indent)


def _first_value(document: Document, value: Any) -> list[Edit]:
    """Write the first value of a text that has none, below the comments it may have."""
    style, text = style_of(document), document.text
    held = text.removeprefix(BOM).strip(SPACE)
    end = len(text) if held and text[-1] not in "\r\n" else _tail(document, 0, len(text))
    above = style.eol if held else ""
    return [Edit(end, len(text), above + render(value, style, "") + style.eol)]


def _removal(document: Document, node: Node, victims: Sequence[Node]) -> list[Edit]:
    """Take members or elements out, each with one comma, and the lines that are blank without them."""
    children, edits = document.children(node), []
    doomed = {victim.start for victim in victims}
    survivors = [child for child in children if child.start not in doomed]
    if children and not survivors and _is_bare(document, node, children):
        return [Edit(node.value_start + 1, node.end - 1)]
    for place, child in enumerate(children):
        if child.start not in doomed:
            continue
        limit = children[place + 1].start if place + 1 < len(children) else node.end - 1
        comma = document.plain.find(",", child.end, limit)
        edits += _blanks(document, child, comma, is_last=place + 1 == len(children))
        if comma < 0 and survivors:
            before = document.plain.index(",", survivors[-1].end)
            edits.append(Edit(before, before + 1))
    return edits


def _is_bare(document: Document, node: Node, children: Sequence[Node]) -> bool:
    """Whether nothing but space and commas is between the items of a container."""
    starts, ends = [child.start for child in children], [child.end for child in children]
    gaps = zip([node.value_start + 1, *ends], [*starts, node.end - 1], strict=True)
    return not any(document.text[start:end].replace(",", "").strip(SPACE) for start, end in gaps)


def _blanks(document: Document, child: Node, comma: int, *, is_last: bool) -> list[Edit]:
    """Delete a child and its comma, with its line or the space it leaves."""
    text, start, end = document.text, child.start, child.end
    if comma < 0:
        spans = []
    elif text[end:comma].strip():
        spans = [Edit(comma, comma + 1)]
    else:
        spans, end = [], comma + 1
    after = end + len(text[end:]) - len(text[end:].lstrip(" \t"))
    if stands_alone(document, child):
        if text[after : after + 1] in ("\r", "\n"):
            above = text[:start].rstrip(" \t")
            return [Edit(len(above) - (2 if above.endswith("\r\n") else 1), after), *spans]
    elif is_last:
        return [Edit(len(text[:start].rstrip(" \t")), end), *spans]
    return [Edit(start, after), *spans]
