"""What can go wrong, sorted by whose move is next; the class decides the exit code.

A concrete error is a dataclass: its fields hold the facts, ``what`` and ``remedy``
are templates over those fields, so that the same error renders as text or as JSON.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar


class RemotegoError(Exception):
    """An error a user can act on. ``what`` happened, and the ``remedy`` to try next."""

    exit_code: ClassVar[int] = 1
    what: ClassVar[str]
    remedy: ClassVar[str]

    def __str__(self) -> str:
        """Render what happened, in one line or a few."""
        return self.what.format_map(vars(self))

    @property
    def advice(self) -> str:
        """The remedy with this error's facts filled in."""
        return self.remedy.format_map(vars(self))

    @property
    def code(self) -> str:
        """A stable name for machines: ``PtraceLockedError`` is ``ptrace-locked``."""
        bare = type(self).__name__.removesuffix("Error")
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", bare).lower()

    def as_json(self) -> dict[str, Any]:
        """Give the error as the plain data that ``--json`` prints."""
        return {"code": self.code, "exit_code": self.exit_code, "what": str(self), "remedy": self.advice}


class UsageError(RemotegoError):
    """The request itself is wrong: a flag, a name, a settings file."""

    exit_code = 2


class UnreachableError(RemotegoError):
    """A machine cannot be reached or trusted: name, network, host key, login, lost connection."""

    exit_code = 3


class RefusedError(RemotegoError):
    """A machine is reached and says no: a policy, a permission."""

    exit_code = 4


class MissingError(RemotegoError):
    """Something named is not there: a process, a tool, a session."""

    exit_code = 5


class BuildError(RemotegoError):
    """A binary cannot be built or is not what was asked for."""

    exit_code = 6


class HostError(RemotegoError):
    """The target failed at its side of the work: full disk, read-only home, no shell."""

    exit_code = 7
