"""Patterns of modules, as in GOPRIVATE and GONOSUMDB: globs of path prefixes (x/mod, module.MatchPrefixPatterns)."""

from __future__ import annotations

import fnmatch


def matches(patterns: str, path: str) -> bool:
    """Tell whether one of the patterns, with commas between them, matches a beginning of a module's path."""
    parts = path.split("/")
    globs = [glob for pattern in patterns.split(",") if (glob := pattern.removesuffix("/"))]
    return any(_matches_one(glob.split("/"), parts) for glob in globs)


def _matches_one(pattern: list[str], parts: list[str]) -> bool:
    """Element by element: a star does not go beyond a slash."""
    pairs = zip(pattern, parts, strict=False)
    return len(pattern) <= len(parts) and all(fnmatch.fnmatchcase(part, _glob(one)) for one, part in pairs)


def _glob(element: str) -> str:
    """Go negates a class by a caret, Python by an exclamation mark."""
    return element.replace("[^", "[!")
