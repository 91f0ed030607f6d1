"""Consent: whoever may say yes to what root shall do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from remotego.core.errors import UsageError


class Consent(Protocol):
    """A user to ask back."""

    def approve(self, host: str, lines: Sequence[str], *, grave: bool) -> None:
        """Show what is planned and have it approved, with more than a key where it is ``grave``.

        Raises ConsentNeededError where nobody can be asked, and an error of its own when the answer is no.
        """
        ...

    def password(self, host: str) -> str:
        """Ask for the login's password on a host. Raises PasswordNeededError where nobody can be asked."""
        ...


@dataclass(eq=False)
class ConsentNeededError(UsageError):
    """Root would do something, and nobody can be asked."""

    host: str
    steps: str
    what = "{host}: this needs root, and there is no terminal to ask you: {steps}"
    remedy = "read what it does and give --yes, or choose another --ptrace (see `remotego ptrace --host {host}`)"


@dataclass(eq=False)
class PasswordNeededError(UsageError):
    """Sudo wants a password, and nobody can be asked for it."""

    host: str
    what = "{host}: sudo asks for your password there, and here is no terminal to type it"
    remedy = "run this in a terminal, or have a rule without a password (NOPASSWD) added to sudoers there"


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody is there to be asked; ``yes`` was said beforehand."""

    yes: bool = False

    def approve(self, host: str, lines: Sequence[str], *, grave: bool) -> None:  # noqa: ARG002 - part of the protocol
        """Raise ConsentNeededError unless yes was said."""
        if not self.yes:
            raise ConsentNeededError(host, "; ".join(lines))

    def password(self, host: str) -> str:
        """Raise PasswordNeededError."""
        raise PasswordNeededError(host)
