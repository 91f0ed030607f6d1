"""Lines of ssh_config with the file, number and scope of each, for saying where a user has set something. Pure.

What a name comes to is for ``ssh -G`` to say; this only finds the lines, as readconf.c reads them: the first that
applies counts, and an Include stands under the Host or Match around it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

DEPTH = 16
"""How deep Include may go (readconf.c, READCONF_MAX_DEPTH)."""

_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*")
_WORD = re.compile(r'"([^"]*)"?|(#.*)|([^\s"]+)')

Open = Callable[[str], Iterable[tuple[str, str]]]
"""Gives the files, with their text, that the argument of an Include names."""


class Reach(Enum):
    """Whether a line applies to a host: not at all, as to every host, or because it names the host."""

    NONE = 0
    GENERAL = 1
    NAMED = 2


@dataclass(frozen=True, slots=True)
class Scope:
    """A Host or Match line that lines stand under."""

    keyword: str
    words: tuple[str, ...]

    def reach(self, host: str) -> Reach:
        """Tell whether it applies to a host. A criterion of Match that only ssh can tell counts as met."""
        if self.keyword == "host":
            return _reach(self.words, host)
        pairs = zip(self.words, self.words[1:], strict=False)
        named = [value for word, value in pairs if word.lower() in ("host", "originalhost")]
        reaches = [_reach(value.split(","), host) for value in named]
        return min(reaches, key=lambda one: one.value, default=Reach.GENERAL)


@dataclass(frozen=True, slots=True)
class Line:
    """A ``keyword`` in lower case with its ``value``, quotes gone; all of ``scopes`` must apply."""

    file: str
    number: int
    keyword: str
    value: str
    scopes: tuple[Scope, ...]

    def reach(self, host: str) -> Reach:
        """Tell whether it applies to a host."""
        reaches = [scope.reach(host) for scope in self.scopes]
        if Reach.NONE in reaches:
            return Reach.NONE
        return max(reaches, key=lambda one: one.value, default=Reach.GENERAL)


def read_lines(file: str, text: str, include: Open) -> Iterator[Line]:
    """Give the lines of a file and of those it includes, in the order ssh meets them."""
    yield from _read(file, text, include, (), 0)


def _read(file: str, text: str, include: Open, above: tuple[Scope, ...], depth: int) -> Iterator[Line]:
    scopes = above
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        keyword, words = found[1].lower(), split(found[2])
        if keyword in ("host", "match"):
            scopes = (*above, Scope(keyword, words))
        elif keyword == "include":
            for inner, content in (one for word in words for one in include(word) if depth < DEPTH):
                yield from _read(inner, content, include, scopes, depth + 1)
        else:
            yield Line(file, number, keyword, " ".join(words), scopes)


def split(text: str) -> tuple[str, ...]:
    """Split a value into words: quotes hold blanks, ``#`` begins a comment."""
    words = []
    for found in _WORD.finditer(text):
        if found[2] is not None:
            break
        words.append(found[1] if found[1] is not None else found[3])
    return tuple(words)


def legible(text: str) -> str:
    """Give a text that can be shown where bytes of another encoding than UTF-8 are in it."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _reach(patterns: Iterable[str], host: str) -> Reach:
    """Match as ssh does: one negated pattern that fits rules the rest out."""
    reach = Reach.NONE
    for pattern in patterns:
        bare = pattern.removeprefix("!").lower()
        if not fnmatch.fnmatchcase(host.lower(), bare.replace("[", "[[]")):
            continue
        if pattern.startswith("!"):
            return Reach.NONE
        if reach is not Reach.NAMED:
            reach = Reach.NAMED if bare.strip("*?") else Reach.GENERAL
    return reach
