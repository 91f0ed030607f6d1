"""Blocks: the answer of contexts.sh as rows, by the letters they begin with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from remotego.core.terminal import inert

NEWLINE = "\x1f"
"""Stands for a newline in a value, so that each row is a line."""

Lines = Mapping[str, tuple[int, str]]
"""What a file of NAME=VALUE lines gives each variable: the number of its line, and the value."""


@dataclass(frozen=True, slots=True)
class Block:
    """The rows below a ``= name``, by their letter."""

    name: str
    rows: Mapping[str, Sequence[Sequence[str]]]

    def first(self, letter: str) -> str | None:
        """Give the first row of a letter whole."""
        found = self.rows.get(letter)
        return "\t".join(found[0]) if found else None

    def keys(self) -> Mapping[str, str]:
        """Give the rows of ``k``."""
        return {row[0]: row[1] for row in self.rows.get("k", ()) if len(row) > 1}

    def assigned(self, letter: str) -> dict[str, str]:
        """Give the rows of a letter that are NAME=VALUE."""
        pairs = (row[0].partition("=")[::2] for row in self.rows.get(letter, ()) if "=" in row[0])
        return {name: value.replace(NEWLINE, "\n") for name, value in pairs}

    def told(self, letter: str) -> dict[str, str]:
        """Give the rows of a letter that are lines of a JSON object of strings."""
        return dict(pair for row in self.rows.get(letter, ()) for pair in _pairs(row[0]))

    def numbered(self, letter: str) -> Lines:
        """Give the rows of a letter that are a number and NAME=VALUE; the last of a name counts."""
        rows = [row for row in self.rows.get(letter, ()) if len(row) > 1 and row[0].isdecimal()]
        pairs = ((int(row[0]), *"\t".join(row[1:]).partition("=")[::2]) for row in rows)
        return {name: (number, value) for number, name, value in pairs}


def read_blocks(text: str) -> Iterator[Block]:
    """Read the blocks of an answer, made inert; what stands before the first is one without a name."""
    name, rows = "", dict[str, list[list[str]]]()
    for line in text.split("\n"):
        letter, _, rest = line.partition("\t")
        if line.startswith("= "):
            yield Block(name, rows)
            name, rows = line[2:], {}
        elif letter:
            rows.setdefault(letter, []).append([_inert(cell) for cell in rest.split("\t")])
    yield Block(name, rows)


def _inert(cell: str) -> str:
    return NEWLINE.join(inert(part) for part in cell.split(NEWLINE))


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    with suppress(ValueError):
        yield from (
            (key, value) for key, value in json.loads(f"{{{line.rstrip(',')}}}").items() if isinstance(value, str)
        )
