"""JSON with comments, read with positions: what VS Code allows in launch.json, settings.json, tasks.json.

Comments and trailing commas become spaces of the same length, and the standard library's strict
parser reads the rest. So every offset it gives is an offset into the user's own text, and nothing
but comments and trailing commas is allowed beyond RFC 8259.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from remotego.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH = 400
"""Nesting allowed; the standard parser recurses, and no file a person edits comes near."""

DIGITS = 640
"""Digits allowed in a number: the least that Python can be configured to read as an integer."""

BOM = "\ufeff"
SPACE = " \t\r\n"
"""White space between tokens (RFC 8259, section 2)."""

_STRING = r'"(?:[^"\\\r\n]|\\.)*+"?'
"""A string, or what is left of a line after a quote: whatever it is, no text is gone over twice."""

_COMMENT = re.compile(rf"{_STRING}|(//[^\r\n]*|/\*.*?\*/)|/\*.*", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_STRING}|(?:[\[{{,:][ \t\r\n]*)?,(?=[ \t\r\n]*[\]}}])", re.DOTALL)
_TOKEN = re.compile(rf'{_STRING}|[\[{{]|[\]}}]|[^\s\[\]{{}},:"]+', re.DOTALL)
_GAP = re.compile(r"[ \t\r\n]*+")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_DECODER = json.JSONDecoder()


@dataclass(eq=False)
class JsoncError(UsageError):
    """A file that cannot be edited safely. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    reason: str
    what = "{file}:{line}:{column}: {reason}"
    remedy = "nothing was written; correct that place in an editor and run the command again"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands: ``start`` is that of its key if it has one, ``end`` is past the value."""

    key: str | None
    start: int
    value_start: int
    end: int
    value: Any


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text. ``plain`` lacks comments, ``bare`` lacks trailing commas too; all are equally long."""

    file: str
    text: str
    plain: str
    bare: str
    root: Node
    _known: dict[int, tuple[Node, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def has_value(self) -> bool:
        """Whether there is more than white space and comments."""
        return bool(self.bare.strip(SPACE))

    def error(self, offset: int, reason: str) -> JsoncError:
        """Describe a fault at an offset."""
        return _error(self.file, self.text, offset, reason)

    def children(self, node: Node) -> tuple[Node, ...]:
        """Members of an object or elements of an array, in order; () for any other value."""
        if not isinstance(node.value, (dict, list)):
            return ()
        if node.value_start not in self._known:
            self._known[node.value_start] = tuple(self._walk(node, keyed=isinstance(node.value, dict)))
        return self._known[node.value_start]

    def child(self, node: Node, key: str) -> Node | None:
        """Member of an object by its key. Raises JsoncError for other values, and for a key given twice."""
        if not isinstance(node.value, dict):
            raise self.error(node.value_start, f'an object with the member "{key}" was expected here')
        found = [child for child in self.children(node) if child.key == key]
        if len(found) > 1:
            raise self.error(found[1].start, f'the member "{key}" stands here a second time')
        return found[0] if found else None

    def _walk(self, node: Node, *, keyed: bool) -> Iterator[Node]:
        at = self._skip(node.value_start + 1)
        while self.bare[at] not in "]}":
            start, key = at, None
            if keyed:
                key, at = _DECODER.raw_decode(self.bare, at)
                at = self._skip(self._skip(at) + 1)
            value, end = _DECODER.raw_decode(self.bare, at)
            yield Node(key, start, at, end, value)
            at = self._skip(end)
            if self.bare[at] == ",":
                at = self._skip(at + 1)

    def _skip(self, at: int) -> int:
        return _past_space(self.bare, at)


def parse_jsonc(text: str, *, file: str) -> Document:
    """Read a text; ``file`` is its name in errors.

    A text of nothing but space and comments reads as null.
    Raises JsoncError for what is not JSON with comments, for nesting deeper than DEPTH, numbers of
    more than DIGITS digits, NaN, and text with half of a surrogate pair, which UTF-8 cannot hold.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _error(file, text, error.start, "half of a surrogate pair") from error
    plain = _COMMENT.sub(_blank_comment, text)
    if plain.startswith(BOM):
        plain = " " + plain[1:]
    bare = _TRAILING_COMMA.sub(_blank_comma, plain)
    _check_limits(file, text, bare)
    start = _past_space(bare, 0)
    try:
        value, end = _DECODER.raw_decode(bare, start) if start < len(bare) else (None, start)
    except json.JSONDecodeError as error:
        reason = "a comment that is never closed" if bare.startswith("/*", error.pos) else error.msg
        raise _error(file, text, error.pos, f"not JSON with comments: {reason}") from error
    if (rest := _past_space(bare, end)) < len(bare):
        raise _error(file, text, rest, "not JSON with comments: more text after the end of the value")
    return Document(file, text, plain, bare, Node(None, start, start, end, value))


def _blank_comment(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else " " * len(match[0])


def _blank_comma(match: re.Match[str]) -> str:
    return " " if match[0] == "," else match[0]


def _past_space(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def _check_limits(file: str, text: str, bare: str) -> None:
    """Refuse what the standard parser would take or die on, and say where."""
    depth = 0
    for match in _TOKEN.finditer(bare):
        word = match[0]
        depth += (word in "[{") - (word in "]}")
        if depth > DEPTH:
            raise _error(file, text, match.start(), f"nested deeper than {DEPTH} levels")
        if reason := _unfit(word):
            raise _error(file, text, match.start(), reason)


def _unfit(word: str) -> str | None:
    if word.startswith('"'):
        return "half of a surrogate pair" if _SURROGATE.search(word) and _is_broken(word) else None
    if word.lstrip("-") in ("NaN", "Infinity"):
        return f"{word} is not JSON"
    if len(word) > DIGITS and word.lstrip("-").isdigit():
        return f"a number of more than {DIGITS} digits"
    return None


def _is_broken(word: str) -> bool:
    try:
        json.loads(word).encode()
    except UnicodeEncodeError:
        return True
    except json.JSONDecodeError:
        return False
    return False


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Give an offset as an editor shows it, both from 1; a byte order mark takes no column."""
    before = re.split(r"\r\n|\n|\r", text[:offset])
    return len(before), len(before[-1].removeprefix(BOM)) + 1


def _error(file: str, text: str, offset: int, reason: str) -> JsoncError:
    line, column = line_and_column(text, offset)
    return JsoncError(file=file, line=line, column=column, reason=reason)
