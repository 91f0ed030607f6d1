"""Secret: a user and a password that are on their way, and that no text made of them shows."""

from __future__ import annotations

from dataclasses import dataclass, field

from remotego.core.redaction import BLOT


@dataclass(frozen=True, slots=True)
class Secret:
    """What git and go send. ``repr`` and ``str`` show neither part: a traceback may hold them."""

    user: str = field(repr=False)
    password: str = field(repr=False)

    def __str__(self) -> str:
        """Show that there is one."""
        return BLOT

    @property
    def fault(self) -> str:
        """Say why it cannot be sent, without a word of it; "" if it can."""
        if not self.password:
            return "its password is empty"
        if any(set(part) & {"\r", "\n", "\0"} for part in (self.user, self.password)):
            return "it has a line break in it"
        return "its user has a colon in it" if ":" in self.user else ""
