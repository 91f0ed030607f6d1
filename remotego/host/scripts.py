"""Pieces of sh: files of this room, and words as variables."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from importlib.resources import files


def assign(words: Mapping[str, str]) -> str:
    """Set shell variables."""
    return "\n".join(f"{name}={shlex.quote(value)}" for name, value in words.items())


def read(name: str) -> str:
    """Give the text of ``name``.sh, such as "batch" or "sdk/unpack"."""
    return files(__package__).joinpath(f"{name}.sh").read_text(encoding="utf-8")
