"""Checks and what came of them: the vocabulary of this room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from remotego.core.change import Change, describe
from remotego.core.errors import HostError, MissingError, RefusedError, UnreachableError, UsageError

Verdict = Literal["ok", "warning", "failure", "unknown"]
Where = Literal["here", "host", "both"]

USAGE, UNREACHABLE, REFUSED, MISSING, FAILED = (
    kind.exit_code for kind in (UsageError, UnreachableError, RefusedError, MissingError, HostError)
)


@dataclass(frozen=True, slots=True)
class Check:
    """A question that is asked of this machine, of a host, or of both; ``code`` is the exit code of a failure."""

    id: str
    group: str
    question: str
    where: Where
    code: int = FAILED


@dataclass(frozen=True, slots=True)
class HostFix:
    """Changes on a host, by the engine and its journal; ``lines`` are the unified diff of files that are edited."""

    changes: tuple[Change, ...]
    lines: tuple[str, ...] = ()

    def steps(self) -> tuple[str, ...]:
        """Say what is done, step by step, and show the differences."""
        return (*(describe(act) for change in self.changes for act in change.do), *self.lines)

    def reversals(self) -> tuple[str, ...]:
        """Say what `remotego undo` would do about it."""
        return tuple(describe(act) for change in self.changes for act in change.undo)


@dataclass(frozen=True, slots=True)
class EndSession:
    """End a session of which only dlv or files are left, in the order that harms nobody, as `remotego stop` does."""

    session: str
    process: str

    def steps(self) -> tuple[str, ...]:
        """Say what is done."""
        return (f"end session {self.session} ({self.process}) in the safe order",)

    def reversals(self) -> tuple[str, ...]:
        """Nothing brings a session back."""
        return ()


@dataclass(frozen=True, slots=True)
class EditHere:
    """Put another text into a file of the workspace; ``lines`` are its unified diff."""

    file: str
    before: str
    after: str
    lines: tuple[str, ...]

    def steps(self) -> tuple[str, ...]:
        """Show the difference."""
        return (f"edit {self.file}", *self.lines)

    def reversals(self) -> tuple[str, ...]:
        """The difference shown is all there is to take back."""
        return ()


@dataclass(frozen=True, slots=True)
class ReinstallSdk:
    """Put a damaged SDK of ours there anew, fetched and verified here, as `remotego sdk.install` does."""

    version: str

    def steps(self) -> tuple[str, ...]:
        """Say what is done."""
        return (f"put the SDK {self.version} there anew, fetched and verified on this machine",)

    def reversals(self) -> tuple[str, ...]:
        """Nobody wants the damage back; the SDK itself goes by its own journal entry."""
        return ()


Fix = HostFix | EndSession | EditHere | ReinstallSdk


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a check: its ``evidence``, and unless all is well the ``remedy`` and, where safe, a ``fix``.

    There may be several for one check, one for each thing that was looked at.
    """

    check: str
    verdict: Verdict
    evidence: str
    remedy: str = ""
    fix: Fix | None = None


def ok(check: str, evidence: str) -> Finding:
    """Nothing is wrong."""
    return Finding(check, "ok", evidence)


def warning(check: str, evidence: str, remedy: str, fix: Fix | None = None) -> Finding:
    """Something will surprise sooner or later."""
    return Finding(check, "warning", evidence, remedy, fix)


def failure(check: str, evidence: str, remedy: str, fix: Fix | None = None) -> Finding:
    """Something does not work."""
    return Finding(check, "failure", evidence, remedy, fix)


def unknown(check: str, evidence: str, remedy: str) -> Finding:
    """Nobody could tell."""
    return Finding(check, "unknown", evidence, remedy)
