"""The text in which a Go program lists its modules and build settings.

One record per line, fields parted by tabs: path, mod, dep, ``=>`` for a replacement, build.
Source: runtime/debug.ParseBuildInfo.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_ESCAPE = re.compile(r"\\(?:x(..)|u(.{4})|U(.{8})|([0-7]{3})|(.))", re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SETTING = re.compile(r"(?P<key>`[^`]*`|\"(?:[^\"\\]|\\.)*\"|[^=`\"][^=]*)=(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Module:
    """A module at a version ("(devel)" for a working tree), its go.sum hash, and what stands in for it.

    A replacement by a directory has that directory as its path and no version.
    """

    path: str
    version: str
    sum: str = ""
    replaced_by: Module | None = None


@dataclass(frozen=True, slots=True)
class ModInfo:
    """The main package, its module, the modules linked in, and the build settings as key and value."""

    path: str = ""
    main: Module | None = None
    deps: tuple[Module, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


def parse_modinfo(text: str) -> ModInfo:
    """Read the records; kinds this version does not know are passed over, as Go does."""
    path = ""
    modules: list[tuple[str, Module]] = []
    settings: list[tuple[str, str]] = []
    for line in text.split("\n"):
        kind, _, rest = line.partition("\t")
        match kind:
            case "path":
                path = rest
            case "mod" | "dep":
                modules.append((kind, _module(rest)))
            case "=>" if modules:
                replaced, module = modules.pop()
                modules.append((replaced, replace(module, replaced_by=_module(rest))))
            case "build" if setting := _SETTING.fullmatch(rest):
                settings.append((_unquote(setting["key"]), _unquote(setting["value"])))
    main = next((module for kind, module in modules if kind == "mod"), None)
    deps = tuple(module for kind, module in modules if kind == "dep")
    return ModInfo(path, main, deps, tuple(settings))


def _module(fields: str) -> Module:
    path, version, sum_ = [*fields.split("\t"), "", "", ""][:3]
    return Module(path, version, sum_)


def _unquote(text: str) -> str:
    """Undo strconv.Quote where it was needed; other text stays as it is."""
    if len(text) >= 2 and text[0] == text[-1] == "`":
        return text[1:-1]
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(_unescape, text[1:-1])
    return text


def _unescape(escape: re.Match[str]) -> str:
    x, u, long_u, octal, letter = escape.groups()
    if letter:
        return _LETTERS.get(letter, letter)
    try:
        return chr(int(octal, 8) if octal else int(x or u or long_u, 16))
    except ValueError:
        return escape[0]
