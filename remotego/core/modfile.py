"""What go.mod and go.work say: the module, what it requires, and the directories it takes modules from.

Grammar: go.dev/ref/mod#go-mod-file-lexical; go.work has the same. Lines that make no sense are passed over:
cmd/go is the one to complain about them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = re.compile(r'//.*|"([^"]*)"|`([^`]*)`|([()])|([^\s"`()/]+(?:/(?!/)[^\s"`()/]*)*|/(?!/)[^\s"`()]*)')
_DIRECTORY = re.compile(r"\.{1,2}([/\\].*)?|/.*|[A-Za-z]:[/\\].*")


@dataclass(frozen=True, slots=True)
class ModFile:
    """``module`` is None in go.work; ``requires`` are pairs of path and version.

    ``directories`` are those of replace and use, as written there.
    """

    module: str | None = None
    requires: tuple[tuple[str, str], ...] = ()
    directories: tuple[str, ...] = ()


def parse_modfile(text: str) -> ModFile:
    """Read a go.mod or a go.work."""
    module: str | None = None
    requires, directories = [], []
    for _, words in directives(text):
        match words:
            case ["module", path]:
                module = module or path
            case ["require", path, version]:
                requires.append((path, version))
            case ["use", directory]:
                directories.append(directory)
            case ["replace", _, "=>", target] | ["replace", _, _, "=>", target] if is_directory(target):
                directories.append(target)
    return ModFile(module, tuple(requires), tuple(directories))


def is_directory(target: str) -> bool:
    """Tell whether the target of a replace directive is a directory; else it is a module path."""
    return _DIRECTORY.fullmatch(target) is not None


def directives(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give line and words of each directive; those of a block each with the word before its bracket."""
    block: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = [found for match in _WORDS.finditer(line) if (found := "".join(filter(None, match.groups())))]
        if words[-1:] == ["("]:
            block = words[:-1]
        elif words == [")"]:
            block = []
        elif words:
            yield number, block + words
