"""Which of two versions of a module is the higher one, as cmd/go has it (go.dev/ref/mod#versions).

The nodes ``go`` and ``toolchain`` of a module graph are ordered as versions of Go are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from semver import Version

from remotego.golang.version import parse_go_version

GO, TOOLCHAIN = "go", "toolchain"
_MAJOR = re.compile(r"(?P<path>.+?)(?:/v(?P<major>[1-9]\d*)|\.v(?P<gopkg>\d+)(?:-unstable)?)")
LOWEST: tuple[Any, ...] = (0,)


@lru_cache(maxsize=65536)
def rank(path: str, version: str) -> tuple[Any, ...]:
    """Give what sorts versions of one module; what is no version comes first."""
    try:
        if path in (GO, TOOLCHAIN):
            return (1, parse_go_version(version.removeprefix("go")))
        return (1, Version.parse(version.removeprefix("v")))
    except ValueError:
        return LOWEST


def is_higher(path: str, one: str, other: str) -> bool:
    """Tell whether ``one`` is a higher version of the module than ``other``."""
    return rank(path, one) > rank(path, other)


def family(path: str) -> str:
    """Give a module path without its major version: ``example.com/a`` for ``example.com/a/v2``."""
    found = _MAJOR.fullmatch(path)
    if found is None or (found["gopkg"] and not path.startswith("gopkg.in/")):
        return path
    return found["path"]
