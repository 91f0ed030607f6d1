"""Patterns of module paths, as GOPRIVATE, GONOPROXY, GONOSUMDB, GOINSECURE and GOVCS have them.

A pattern fits a path whose first elements it fits, so ``corp.example`` fits all modules below (x/mod,
module.MatchPrefixPatterns; the pattern language is that of Go's path.Match).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache


def matches(patterns: str, path: str) -> bool:
    """Tell whether a list with commas fits a path. Empty and malformed patterns fit nothing."""
    return first_match(patterns, path) is not None


def first_match(patterns: str, path: str) -> str | None:
    """Give the pattern of a list that fits a path, the first one; None if none does."""
    elements = path.split("/")
    for given in patterns.split(","):
        pattern = given.removesuffix("/")
        count = pattern.count("/") + 1
        if pattern and count <= len(elements) and _fits(pattern, "/".join(elements[:count])):
            return given
    return None


def tidied(patterns: str) -> str:
    """Give a list without what fits no module path: what is empty, is malformed, or has other characters in it."""
    given = patterns.split(",")
    return ",".join(one for one in given if _LISTED.fullmatch(one) and _compiled(one.removesuffix("/")))


def _fits(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return bool(compiled and compiled.fullmatch(text))


def fitting(pattern: str) -> str | None:
    """Give a path that a pattern fits; None where it is malformed, empty, or fits nothing."""
    samples = [_sample(token) for token in _tokens(pattern.removesuffix("/"))]
    path = "".join(filter(None, samples))
    return path if path and matches(pattern, path) else None


def _sample(token: re.Match[str]) -> str | None:
    if not token["ranges"]:
        return "any" if token["any"] else "x" if token["one"] else token["quoted"] or token["plain"]
    form = _written(token)
    return next((char for char in token["ranges"] + string.ascii_lowercase if re.fullmatch(form, char)), None)


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Write a pattern of path.Match as a regular expression; None where it is malformed."""
    tokens = list(_tokens(pattern))
    if sum(len(token[0]) for token in tokens) < len(pattern):
        return None
    return re.compile("".join(map(_written, tokens)), re.DOTALL)


def _tokens(pattern: str) -> Iterator[re.Match[str]]:
    """Split a pattern up to where it is malformed."""
    at = 0
    while token := _TOKEN.match(pattern, at):
        yield token
        at = token.end()


_LISTED = re.compile(r"[A-Za-z0-9._~!+*?^\[\]\\/-]+", re.ASCII)
"""What module paths and the patterns of path.Match consist of."""

_CHAR = r"(?:\\(?:.)|[^\\\]-])"
_TOKEN = re.compile(
    rf"(?P<any>\*+)|(?P<one>\?)|\[(?P<not>\^?)(?P<ranges>(?:{_CHAR}(?:-{_CHAR})?)+)\]|\\(?P<quoted>.)|(?P<plain>[^*?\[\\])",
    re.DOTALL,
)


def _written(token: re.Match[str]) -> str:
    if token["any"]:
        return "[^/]*"
    if token["one"]:
        return "[^/]"
    if token["ranges"]:
        return _range(token["ranges"], negated=bool(token["not"]))
    return re.escape(token["quoted"] or token["plain"])


def _range(text: str, *, negated: bool) -> str:
    """Write a class; a range that runs backwards fits nothing, as in Go."""
    found = re.findall(r"(\\.|[^\\-])(?:-(\\.|[^\\-]))?", text, re.DOTALL)
    pairs = [(low[-1], (high or low)[-1]) for low, high in found]
    inside = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in pairs if low <= high)
    if negated:
        return f"[^{inside}]" if inside else "."
    return f"[{inside}]" if inside else "(?!)"
