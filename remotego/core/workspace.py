"""Workspace: the folder VS Code has open, its Go modules, and its source files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module: the absolute ``directory`` of its go.mod and the module ``path`` written there.

    ``requires`` are path and version of the modules its go.mod names.
    """

    directory: str
    path: str
    requires: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """``files`` are Go files relative to ``root``, with forward slashes; ``complete`` unless too many.

    ``modules`` are those below the root, the one around it if the root is no module itself, and those
    that a go.work or a replace directive takes from elsewhere; ``around`` are Go files of the latter,
    absolute. ``native`` are C, C++, Objective-C and assembler files relative to the root. ``vendors``
    are absolute directories that ``go mod vendor`` has filled; ``external`` is where Bazel keeps what
    it has fetched, None without Bazel.
    """

    root: str
    modules: tuple[Module, ...] = ()
    files: tuple[str, ...] = ()
    complete: bool = True
    around: tuple[str, ...] = ()
    native: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    external: str | None = None
