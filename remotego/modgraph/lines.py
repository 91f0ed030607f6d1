"""Lines of go.mod and go.sum as cmd/go takes them: a line ends with a line feed, whatever else stands in it.

Bytes that are not UTF-8 stand in a text as half surrogates, so that a file is written as it was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

ENCODING, ERRORS = "utf-8", "surrogateescape"


def text_of(data: bytes) -> str:
    """Read a file of any encoding; its line ends stay."""
    return data.decode(ENCODING, ERRORS)


def bytes_of(text: str) -> bytes:
    """Give back what ``text_of`` has read."""
    return text.encode(ENCODING, ERRORS)


def lines_of(text: str) -> list[str]:
    """Split into lines, without their ends."""
    return [_bare(line) for line in _ended(text)]


def without(text: str, lines: frozenset[str]) -> str:
    """Leave out the lines that are exactly one of these; all others keep their bytes and their ends."""
    return "".join(line for line in _ended(text) if _bare(line) not in lines)


def _ended(text: str) -> Iterable[str]:
    return StringIO(text, newline="\n")


def _bare(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def with_ends_of(before: str, after: str) -> str:
    """Give ``after`` the line ends of Windows where ``before`` has no others: go writes its own."""
    windows = 0 < before.count("\n") == before.count("\r\n")
    return after.replace("\r\n", "\n").replace("\n", "\r\n") if windows else after
