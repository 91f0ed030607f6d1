"""What the lab says when it cannot be had."""

from dataclasses import dataclass


@dataclass(eq=False)
class LabError(Exception):
    """The lab cannot do what was asked: the cause, and what a person can do about it."""

    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}\n  remedy: {self.remedy}"


class EngineMissingError(LabError):
    """This machine has no container engine and cannot be given one; tests that need it are skipped."""
