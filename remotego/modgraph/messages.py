"""Messages of cmd/go about what it cannot have: whether that is so, or only not known here.

A message is a row of parts with ": " between them, from what was wanted to what has failed. A cause fills a part of
its own, so names of modules, versions and addresses are never taken for one (measured, Go 1.27.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_AWAY = re.compile(
    r"(?:Get|Head|Post) \".*\""  # an HTTP request without an answer; what follows says why
    r"|(?!404|410)\d{3} [A-Z].*"  # a status that is no word about whether it exists
    r"|(?:module|import) lookup disabled by GOPROXY=off"
    r"|refusing to pass credentials to insecure URL"
    r"|exit status \d+|executable file not found in \$PATH"  # of git and the like
    r"|(?:unexpected )?EOF|i/o timeout|connection (?:refused|reset by peer)|permission denied"
    r"|no end within .*"
)
_ABSENT = re.compile(
    r"(?:404|410)(?: .*)?|not found"
    r"|no required module provides package .*|cannot find module providing package .*"
    r"|module \S+ (?:found|provides package)\b.*|package \S+ provided by .*"
    r"|unknown revision .*|no matching versions.*|invalid version|unrecognized import path .*"
    r"|module declares its path as|no such file or directory|replacement directory .* does not exist"
)
_PARTS = re.compile(r": |:?\n\s*")
_RESPONSE = re.compile(r"\n\tserver response:.*", re.DOTALL)
"""What a proxy has to say: any words at all."""

_PROGRESS = ("go: downloading ", "go: finding ")
_ABOUT = re.compile(
    r"(?:\Ago: |requires\n\s+)(?P<path>[^\s@]+)@[^\s:]+(?: \(replaced by [^)]*\))?:",
)


@dataclass(frozen=True, slots=True)
class Message:
    """What go says of one thing that it cannot have."""

    text: str

    @property
    def is_away(self) -> bool:
        """Whether it may well be there, and only cannot be asked for."""
        return any(_AWAY.fullmatch(part) for part in self._parts)

    @property
    def is_absent(self) -> bool:
        """Whether somebody who has to know says that it is not there."""
        return not self.is_away and any(_ABSENT.fullmatch(part) for part in self._parts)

    @property
    def module(self) -> str:
        """The path of the module it is about, at the end of a chain of requirements; "" where it names none."""
        found = _ABOUT.search(self.text)
        return found["path"] if found else ""

    @property
    def line(self) -> str:
        """The message in one line, for people."""
        return " ".join(self.text.split())[:400].removeprefix("go: ")

    @property
    def _parts(self) -> list[str]:
        return [part.strip() for part in _PARTS.split(_RESPONSE.sub("", self.text))]


def first_message(complaint: str) -> Message:
    """Give the first of the messages that a command of go ends with: "go: " begins each, and it may have more lines."""
    lines = [line for line in complaint.splitlines() if not line.startswith(_PROGRESS)]
    begins = [number for number, line in enumerate(lines) if line.startswith("go: ")]
    first, last = (begins[0] if begins else 0), (begins[1] if len(begins) > 1 else len(lines))
    return Message("\n".join(lines[first:last]))
