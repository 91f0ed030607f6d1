"""Facts: one question to a target, and the pure parser of its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """``script`` is sh that prints an answer; ``parse`` reads it and raises ValueError if it cannot.

    A failed question is an error or an explicit "unknown" in T, never a silent default.
    """

    name: str
    script: str
    parse: Callable[[str], T]
