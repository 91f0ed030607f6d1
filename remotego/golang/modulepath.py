"""Module paths and versions as file names: an upper-case letter is written as "!" and the lower-case one.

Source: golang.org/x/mod/module, EscapePath and CheckPath.
"""

from __future__ import annotations

import re

_PATH = re.compile(r"[a-z0-9][a-z0-9.-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", re.ASCII)
_VERSION = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?", re.ASCII)


def escaped(text: str) -> str:
    """Write a path or a version so that it is the same file where upper and lower case are alike."""
    return "".join(f"!{char.lower()}" if char.isascii() and char.isupper() else char for char in text)


def unescaped(text: str) -> str:
    """Read it back. Raises ValueError for what ``escaped`` does not write."""
    if re.search("![^a-z]|!$|[A-Z]", text):
        raise ValueError(f"{text!r} is no escaped path")
    return re.sub("!(.)", lambda found: found[1].upper(), text)


def is_module_path(text: str) -> bool:
    """Tell whether a module may be called so."""
    return bool(_PATH.fullmatch(text)) and ".." not in text


def is_version(text: str) -> bool:
    """Tell whether this is a version in full, v1.2.3 or longer."""
    return bool(_VERSION.fullmatch(text))
