"""Tree heads: how many records a database had when it signed, and the root hash over them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from remotego.golang.sumdb.merkle import EMPTY
from remotego.golang.sumdb.note import Key, open_note

_FIRST = "go.sum database tree"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of ``size`` records, with the SHA-256 ``root`` of RFC 6962."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """A tree and the signed note that says so."""

    tree: Tree
    note: bytes


def open_head(note: bytes, key: Key) -> Head:
    """Read a signed tree head. Raises ValueError unless ``key`` signed it and it is one."""
    return Head(parse_tree(open_note(note, key)), note)


def parse_tree(text: str) -> Tree:
    """Read the text of a tree head; lines behind the third are for the future. Raises ValueError."""
    first, size, root, *_ = [*text.split("\n"), "", "", ""]
    if first != _FIRST or text.count("\n") < 3 or not is_number(size):
        raise ValueError("what is signed is no tree of a go.sum database")
    tree = Tree(int(size), hash_of(root))
    if tree.size == 0 and tree.root != EMPTY:
        raise ValueError("the tree is empty, and its root is not")
    return tree


def is_number(text: str) -> bool:
    """Tell whether text is a whole number as Go writes it, that fits 63 bits."""
    return bool(_NUMBER.fullmatch(text))


def hash_of(text: str) -> bytes:
    """Read a SHA-256 in base64. Raises ValueError."""
    try:
        blob = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("a hash is not base64") from error
    if len(blob) != 32 or base64.b64encode(blob).decode() != text:
        raise ValueError("a hash does not have 32 bytes")
    return blob
