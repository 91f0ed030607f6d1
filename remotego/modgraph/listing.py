"""What ``go list -m -json`` and ``go list -json`` print: one JSON object after another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Listed:
    """A module as ``go list -m`` has it (go help list, type Module). ``error`` says why something is not known.

    ``versions`` and ``update`` are empty unless they were asked for.
    """

    path: str
    version: str = ""
    main: bool = False
    replaced_by: str = ""
    replaced_version: str = ""
    versions: tuple[str, ...] = ()
    update: str = ""
    retracted: tuple[str, ...] = ()
    deprecated: str = ""
    go: str = ""
    indirect: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """A package that is not of the standard library, the module that has it, and where and why it cannot be loaded."""

    path: str
    module: str = ""
    error: str = ""
    position: str = ""


def parse_modules(text: str) -> Iterator[Listed]:
    """Read ``go list -m -json``."""
    for one in _objects(text):
        instead = one.get("Replace") or {}
        error = one.get("Error") or instead.get("Error") or {}
        yield Listed(
            path=one.get("Path", ""),
            version=one.get("Version", ""),
            main=bool(one.get("Main")),
            replaced_by=instead.get("Path", ""),
            replaced_version=instead.get("Version", ""),
            versions=tuple(one.get("Versions") or ()),
            update=(one.get("Update") or {}).get("Version", ""),
            retracted=tuple(one.get("Retracted") or ()),
            deprecated=one.get("Deprecated", ""),
            go=one.get("GoVersion", ""),
            indirect=bool(one.get("Indirect")),
            error=str(error.get("Err", "")),
        )


def parse_packages(text: str) -> Iterator[Package]:
    """Read ``go list -json=ImportPath,Standard,Module,Error``."""
    for one in _objects(text):
        if not one.get("Standard"):
            error = one.get("Error") or {}
            module = (one.get("Module") or {}).get("Path", "")
            yield Package(one.get("ImportPath", ""), module, str(error.get("Err", "")), str(error.get("Pos", "")))


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """Give the objects up to where the text is none."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            found, at = decoder.raw_decode(text, at)
        except ValueError:
            return
        if isinstance(found, dict):
            yield found
