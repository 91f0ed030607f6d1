"""What every edit of a user's file keeps to, whatever the file: checked on texts, not on how edits are made."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from remotego.vscode.edits import Entry, Path, find, remove, set_value
from remotego.vscode.jsonc import SPACE, Document, Node, parse_jsonc
from tests.vscode.documents import Case

FILE = "f"


def broken_laws(case: Case) -> list[str]:
    """Name the laws that setting the value, setting it again, and removing it do not keep to."""
    new = set_value(case.text, case.path, case.value, file=FILE)
    gone = remove(new, case.path, file=FILE)
    laws = {
        "reads as its model": ordered(case.model) == ordered(value_of(case.text)),
        "holds what was meant": ordered(with_value(case.model, case.path, case.value)) == ordered(value_of(new)),
        "a second run changes nothing": new == set_value(new, case.path, case.value, file=FILE),
        "text outside is byte-equal": outside_is_kept(case, new),
        "comments outside stay in order": comments_outside(case.text, case.path)
        == comments_outside(new, case.path if is_there(case.text, case.path) else None),
        "what did not change reads byte for byte": parts_are_kept(case, new),
        "line ends are those of the file": set(eols(new)) <= {*eols(case.text), *([] if eols(case.text) else ["\n"])},
        "removing takes it out alone": ordered(without(value_of(new), case.path)) == ordered(value_of(gone)),
        "comments outside stay when it goes": comments_outside(new, case.path) == comments_outside(gone, None),
        "removing twice is removing once": gone == remove(gone, case.path, file=FILE),
        "removing undoes adding": not is_undoable(case) or case.text == gone,
    }
    return [law for law, holds in laws.items() if not holds]


def value_of(text: str) -> Any:
    """Read a text's value."""
    return parse_jsonc(text, file=FILE).root.value


def ordered(value: Any) -> str:
    """Write a value so that 1, 1.0 and true differ, and the order of members counts."""
    return json.dumps(value)


def eols(text: str) -> list[str]:
    """List the line ends of a text."""
    return re.findall(r"\r\n|\n|\r", text)


def with_value(model: Any, path: Path, value: Any) -> Any:
    """Do to a value what set_value does to its text."""
    if not path:
        return merged(model, value)
    step, rest = path[0], path[1:]
    match step:
        case str():
            return {**(model or {}), step: with_value((model or {}).get(step), rest, value)}
        case Entry():
            listed = list(model or [])
            places = [place for place, one in enumerate(listed) if is_named(one, step)]
            if not places:
                named = {step.key: step.value} if rest else {}
                return [*listed, {**named, **with_value(None, rest, value)}]
            listed[places[0]] = with_value(listed[places[0]], rest, value)
            return listed


def merged(old: Any, new: Any) -> Any:
    """Give the new value with members in their old order, new ones last."""
    match old, new:
        case dict(), dict():
            kept = [key for key in old if key in new]
            return {key: merged(old.get(key), new[key]) for key in [*kept, *(key for key in new if key not in old)]}
        case list(), list():
            return [merged(old[place] if place < len(old) else None, one) for place, one in enumerate(new)]
        case _:
            return new


def without(model: Any, path: Path) -> Any:
    """Do to a value what remove does to its text."""
    step, rest = path[0], path[1:]
    match step:
        case str() if rest:
            return {**model, step: without(model[step], rest)}
        case str():
            return {key: value for key, value in model.items() if key != step}
        case Entry() if rest:
            return [without(one, rest) if is_named(one, step) else one for one in model]
        case Entry():
            return [one for one in model if not is_named(one, step)]


def is_named(one: Any, entry: Entry) -> bool:
    """Tell whether an element is the entry."""
    return isinstance(one, dict) and one.get(entry.key) == entry.value


def reached(document: Document, path: Path) -> tuple[Node, Path]:
    """Follow a path as far as it goes; give what is left of it.

    Written again on purpose: the laws must not lean on the very code they judge (vscode/edits.py).
    """
    node = document.root
    if not document.has_value:
        return node, path
    for taken, step in enumerate(path):
        child = find(document, node, step)
        if child is None:
            return node, path[taken:]
        node = child
    return node, ()


def outside_is_kept(case: Case, new: str) -> bool:
    """Tell whether all text before and after the value, or the place where it is added, is what it was."""
    document = parse_jsonc(case.text, file=FILE)
    node, rest = reached(document, case.path)
    if not document.has_value:
        return new.startswith(case.text.rstrip(SPACE))
    if not rest:
        return new.startswith(case.text[: node.value_start]) and new.endswith(case.text[node.end :])
    children = document.children(node)
    start = children[-1].end if children else node.value_start + 1
    gap = case.text[start : node.end - 1].rstrip(SPACE)
    comma = "," if children and "," not in document.plain[start : node.end - 1] else ""
    return new.startswith(case.text[:start] + comma + gap) and new.endswith(case.text[node.end - 1 :])


def is_there(text: str, path: Path) -> bool:
    """Tell whether something is at a path."""
    return not reached(parse_jsonc(text, file=FILE), path)[1]


def comments_outside(text: str, path: Path | None) -> list[str]:
    """List the comments that are not inside of what is at ``path``; all of them if there is no such thing."""
    node, rest = reached(parse_jsonc(text, file=FILE), path or ())
    span = range(0) if rest or path is None else range(node.start, node.end)
    found = re.finditer(r'"(?:[^"\\]|\\.)*"|(//[^\r\n]*|/\*.*?\*/)', text, re.DOTALL)
    return [match[0] for match in found if match[1] and match.start() not in span]


def parts_are_kept(case: Case, new: str) -> bool:
    """Tell whether every value that stays the same is written as it was, down to its parts."""
    before, after = parse_jsonc(case.text, file=FILE), parse_jsonc(new, file=FILE)
    return all(one == other for one, other in _pairs(before, before.root, after, after.root))


def _pairs(before: Document, old: Node, after: Document, new: Node) -> Iterator[tuple[str, str]]:
    if ordered(old.value) == ordered(new.value):
        yield before.text[old.start : old.end], after.text[new.start : new.end]
        return
    if type(old.value) is not type(new.value):
        return
    theirs = _numbered(after.children(new))
    for step, child in _numbered(before.children(old)).items():
        if (other := theirs.get(step)) is not None:
            yield from _pairs(before, child, after, other)


def _numbered(children: Iterable[Node]) -> dict[tuple[str | None, int], Node]:
    """Tell children apart by their key, and how many of that key came before."""
    seen: Counter[str | None] = Counter()
    numbered = {}
    for child in children:
        numbered[child.key, seen[child.key]] = child
        seen[child.key] += 1
    return numbered


def is_undoable(case: Case) -> bool:
    """Tell whether what is added can go without a trace.

    The container is there already, and it is written on one line, or each item on its own with the
    bracket on a line of its own too.
    """
    document = parse_jsonc(case.text, file=FILE)
    node, rest = reached(document, case.path)
    if len(rest) != 1 or not document.has_value:
        return False
    children, inner = document.children(node), case.text[node.value_start + 1 : node.end - 1]
    if not children:
        return not inner
    gap = case.text[children[-1].end : node.end - 1]
    if not eols(inner):
        return not gap.strip(SPACE + ",")
    return is_alone(case.text, children[-1]) and bool(re.fullmatch(r",?(?:\r\n|\n|\r)[ \t]*", gap))


def is_alone(text: str, node: Node) -> bool:
    """Tell whether a node is the first thing on its line."""
    return bool(re.search(r"[\r\n][ \t]*\Z", text[: node.start]))
