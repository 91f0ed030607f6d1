"""Patterns of module paths, as GOPRIVATE, GONOPROXY, GONOSUMDB, GOINSECURE and GOVCS have them.

A pattern fits a path whose first elements it fits, so ``corp.example`` fits all modules below (x/mod,
module.MatchPrefixPatterns; the pattern language is that of Go's path.Match).
"""

from __future__ import annotations

import re
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


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Write a pattern of path.Match as a regular expression; None where it is malformed."""
    parts, rest = [], pattern
    while rest:
        token = _TOKEN.match(rest)
        if token is None:
            return None
        part = _written(token)
        if part is None:
            return None
        parts.append(part)
        rest = rest[token.end() :]
    return re.compile("".join(parts), re.DOTALL)


_LISTED = re.compile(r"[A-Za-z0-9._~!+*?^\[\]\\/-]+", re.ASCII)
"""What module paths and the patterns of path.Match consist of."""

_CHAR = r"(?:\\(?:.)|[^\\\]-])"
_TOKEN = re.compile(
    rf"(?P<any>\*+)|(?P<one>\?)|\[(?P<not>\^?)(?P<ranges>(?:{_CHAR}(?:-{_CHAR})?)+)\]|\\(?P<quoted>.)|(?P<plain>[^*?\[\\])",
    re.DOTALL,
)


def _written(token: re.Match[str]) -> str | None:
    if token["any"]:
        return "[^/]*"
    if token["one"]:
        return "[^/]"
    if token["ranges"]:
        return _range(token["ranges"], negated=bool(token["not"]))
    return re.escape(token["quoted"] or token["plain"])


def _range(text: str, *, negated: bool) -> str | None:
    """Write a class; a range that runs backwards fits nothing, as in Go."""
    found = re.findall(r"(\\.|[^\\-])(?:-(\\.|[^\\-]))?", text, re.DOTALL)
    pairs = [(low[-1], (high or low)[-1]) for low, high in found]
    inside = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in pairs if low <= high)
    if negated:
        return f"[^{inside}]" if inside else "."
    return f"[{inside}]" if inside else "(?!)"
