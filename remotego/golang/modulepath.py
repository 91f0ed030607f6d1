"""Module paths and versions as file names: an upper-case letter is written as "!" and the lower-case one.

Source: golang.org/x/mod/module, EscapePath and CheckPath.
"""

from __future__ import annotations

import re

_PATH = re.compile(r"[a-z0-9][a-z0-9.-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", re.ASCII)
_ELEMENT = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+", re.ASCII)
_SHORT_NAME = re.compile(r"~[0-9]+$", re.ASCII)
_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))])
_ENDS_AS_MAJOR = re.compile(r".+/v[0-9.]+", re.ASCII)
_MAJOR = re.compile(r".+/v(?:[2-9]|[1-9][0-9]+)", re.ASCII)
_GOPKG = "gopkg.in/"
_GOPKG_MAJOR = re.compile(r".+\.v(?:0|[1-9][0-9]*(?:-unstable)?)", re.ASCII)
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


def fault_of_path(text: str) -> str:
    """Say why go lets no module be fetched by this path; "" where it does (CheckPath)."""
    first, *rest = text.split("/")
    if not text or not all((first, *rest)):
        return "an element of it is empty"
    if text.startswith("-") or not _HOST.fullmatch(first):
        return "its first element is no host: lower-case letters, digits, dots and dashes"
    if "." not in first:
        return "its first element has no dot"
    if fault := next(filter(None, map(_fault_of_element, (first, *rest))), ""):
        return fault
    if text.startswith(_GOPKG):
        return "" if _GOPKG_MAJOR.fullmatch(text) else "a path of gopkg.in ends in .vN"
    if _ENDS_AS_MAJOR.fullmatch(text) and not _MAJOR.fullmatch(text):
        return "its major version is none that a path names: /v2 and up"
    return ""


def _fault_of_element(text: str) -> str:
    """Say why this can be no element of a module's path: each has to be a directory on every system."""
    if "..." in text and not text.strip("."):
        return f"{text!r} makes a pattern of it"
    if text.startswith(".") or text.endswith("."):
        return f"{text!r} has a dot at its beginning or end"
    if not _ELEMENT.fullmatch(text):
        return f"{text!r} has other signs than letters, digits and . _ ~ -"
    short = text.partition(".")[0]
    if short.lower() in _DEVICES:
        return f"{text!r} is a device on Windows"
    return f"{text!r} looks like a short name of Windows" if _SHORT_NAME.search(short) else ""


def is_version(text: str) -> bool:
    """Tell whether this is a version in full, v1.2.3 or longer."""
    return bool(_VERSION.fullmatch(text))
