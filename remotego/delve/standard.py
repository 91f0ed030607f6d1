"""The standard library's files in a binary, and where they are on this machine.

A plain build names them below GOROOT/src, -trimpath by package (``fmt/print.go``), rules_go below
``GOROOT/src``. Every Go program holds runtime/proc.go, which tells which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from remotego.delve.substitution import Rule, directories, is_below

if TYPE_CHECKING:
    from collections.abc import Sequence

_RUNTIME = "runtime/proc.go"
_OTHERS = frozenset(("command-line-arguments", "external", "bazel-out"))
"""First elements of names that are none of the standard library: of files given to go build, and Bazel's."""


@dataclass(frozen=True, slots=True)
class Split:
    """``standard`` files lie below ``root``; "" stands for relative names, None for a root not found."""

    root: str | None
    standard: tuple[str, ...]
    rest: tuple[str, ...]


def split_standard(names: Sequence[str], *, modules: frozenset[str], own: frozenset[str]) -> Split:
    """Tell the standard library's files from all others.

    ``modules`` are module paths, ``own`` relative names that files of the workspace have.
    """
    root = _root(names)
    standard = tuple(name for name in names if _is_standard(name, root, modules, own))
    kept = frozenset(standard)
    return Split(root, standard, tuple(name for name in names if name not in kept))


def standard_rules(split: Split, goroot: str | None, own: Sequence[Rule]) -> list[Rule]:
    """Map GOROOT/src; package by package where it lies inside a directory that has another rule."""
    if goroot is None or not split.standard or split.root is None:
        return []
    source = f"{goroot}/src"
    if split.root:
        return [Rule(source, split.root)]
    if any(is_below(source, rule.local) for rule in own):
        tops = sorted({name.partition("/")[0] for name in split.standard})
        return [Rule(f"{source}/{top}", top) for top in tops]
    return [Rule(source, "")]


def _root(names: Sequence[str]) -> str | None:
    if _RUNTIME in names:
        return ""
    ends = [name.removesuffix("/" + _RUNTIME) for name in names if name.endswith("/src/" + _RUNTIME)]
    return min(ends, key=len, default=None)


def _is_standard(name: str, root: str | None, modules: frozenset[str], own: frozenset[str]) -> bool:
    if root:
        return is_below(name, root)
    return _is_package_file(name, modules) and name not in own


def _is_package_file(name: str, modules: frozenset[str]) -> bool:
    """Tell a -trimpath name of the standard library: its first element, unlike a module's, has no dot."""
    first, slash, _ = name.partition("/")
    return (
        bool(first and slash)
        and "." not in first
        and "@" not in name
        and first not in _OTHERS
        and modules.isdisjoint(directories(name))
    )
