"""The answer of a program that was run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Its exit ``code``, what it printed, and its ``complaint`` on standard error."""

    code: int = 0
    out: str = ""
    complaint: str = ""

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked to."""
        return self.code == 0
