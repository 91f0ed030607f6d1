"""Delve's own loop over rules where a path or a rule is of Windows, line by line (SubstitutePath, pkg/locspec)."""

import re
from collections.abc import Sequence


def substitute(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Do what Delve does; ``pairs`` are from and to. A match that fails late has made the path lower-case."""
    for old, new in pairs:
        if path == old:
            return new
        if old == "":
            if not re.match(r"/|\\\\|.:[/\\]", path):
                return _joined(new, path)
        elif path.lower().startswith(old.lower()):
            path = path.lower()
            rest = path[len(old) :]
            if old.endswith(("/", "\\")) or rest.startswith(("/", "\\")):
                return _joined(new, rest)
    return path


def _joined(new: str, rest: str) -> str:
    if new == "":
        return rest[1:] if rest.startswith(("/", "\\")) else rest
    separator = "".join({mark for mark in new if mark in "/\\"})
    if len(separator) == 1:
        rest = rest.replace("\\" if separator == "/" else "/", separator)
    else:
        separator = "/"
    if new.endswith(("/", "\\")) and rest.startswith(("/", "\\")):
        return new[:-1] + rest
    return new + rest if new.endswith(("/", "\\")) or rest.startswith(("/", "\\")) else new + separator + rest
