"""Difference: what a change does to a text, as `diff -u` shows it."""

from __future__ import annotations

import difflib


def difference(file: str, before: str | None, after: str) -> tuple[str, ...]:
    """Give the lines of a unified diff; () when nothing changes. ``before`` is None for a file that is not there."""
    if before == after:
        return ()
    source = "/dev/null" if before is None else file
    lines = difflib.unified_diff(_lines(before or ""), _lines(after), source, file, lineterm="")
    return tuple(line.rstrip("\r\n") for line in lines)


def _lines(text: str) -> list[str]:
    """Split behind line feeds only, as diff does; a last line without one says so."""
    lines = text.split("\n")
    whole, rest = lines[:-1], lines[-1]
    return whole + ([f"{rest}\n\\ No newline at end of file"] if rest else [])
