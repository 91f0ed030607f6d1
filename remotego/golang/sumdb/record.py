"""Records: what a database says of a module, with the tree head that covers it behind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.golang.sumdb.tree import hash_of, is_number

CAP_BYTES = 1_000_000
_BROKEN = re.compile(r"[\x00-\x09\x0b-\x1f]|\n\n")


@dataclass(frozen=True, slots=True)
class Record:
    """Record number ``index`` of a database. ``note`` is what came behind it: a signed tree head."""

    index: int
    text: str
    note: bytes

    @property
    def data(self) -> bytes:
        """What is hashed into the tree."""
        return self.text.encode()


def parse_record(answer: bytes) -> Record:
    """Read the answer to a lookup. The record ends at the first blank line: nothing behind it is part of it.

    Raises ValueError.
    """
    if len(answer) > CAP_BYTES:
        raise ValueError("the answer to a lookup is too long")
    number, _, rest = answer.partition(b"\n")
    body, blank, note = rest.partition(b"\n\n")
    try:
        index, text = number.decode("ascii"), body.decode() + "\n"
    except UnicodeDecodeError as error:
        raise ValueError("a record is not UTF-8") from error
    if not blank or not body or not is_number(index) or text.startswith("\n") or _BROKEN.search(text):
        raise ValueError("a record is malformed or cut short")
    return Record(int(index), text, note)


def sum_in(record: Record, module: str, version: str) -> str:
    """Give the ``h1:`` hash that a record has for the zip of a module.

    Raises ValueError where it has none, which is as bad as a wrong one, or several.
    """
    prefix = f"{module} {version} h1:"
    lines = {line for line in record.text.split("\n") if line.startswith(prefix)}
    if len(lines) != 1:
        raise ValueError(f"record {record.index} has {'several hashes' if lines else 'no line'} for {module} {version}")
    found = lines.pop().removeprefix(prefix)
    hash_of(found)
    return f"h1:{found}"
