"""Workspace: the folder VS Code has open, its Go modules, and its Go files."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module: the absolute ``directory`` of its go.mod and the module ``path`` written there."""

    directory: str
    path: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """``files`` are Go files relative to ``root``, with forward slashes; ``complete`` unless too many.

    ``modules`` are those below the root, and the one around it if the root is no module itself.
    """

    root: str
    modules: tuple[Module, ...] = ()
    files: tuple[str, ...] = ()
    complete: bool = True


def parse_module_path(text: str) -> str | None:
    """Read the module path out of a go.mod; None if it has none (go.dev/ref/mod#go-mod-file-module)."""
    for line in text.splitlines():
        words = re.fullmatch(r"\s*module\s+(\"[^\"]+\"|`[^`]+`|[^\s\"`(]\S*)\s*(?://.*)?", line)
        if words:
            return words[1].strip('"`')
    return None
