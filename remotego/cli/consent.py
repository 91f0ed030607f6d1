"""Saying yes to what root shall do, and sudo's password: the only places where remotego asks its user back."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from remotego.cli.render import Printer, write_line
from remotego.core.errors import RefusedError
from remotego.core.terminal import inert
from remotego.ops.consent import ConsentNeededError, PasswordNeededError

WORD = "lower"


@dataclass(eq=False)
class ConsentRefusedError(RefusedError):
    """The user said no."""

    host: str
    what = "{host}: not approved, so nothing was done"
    remedy = "see `remotego ptrace --host {host}` for other ways"


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks on the terminal; ``yes`` was said beforehand by a flag. What is planned is shown in any case."""

    printer: Printer
    yes: bool = False

    def approve(self, host: str, lines: Sequence[str], *, grave: bool) -> None:
        """Show the plan and have it approved; where it is ``grave``, by a word.

        Raises ConsentNeededError where nobody can be asked, ConsentRefusedError.
        """
        for line in lines:
            self.printer.note(f"{host}: {line}")
        if self.yes:
            return
        if not _terminal():
            raise ConsentNeededError(host, "; ".join(line.strip() for line in lines))
        wanted, how = (WORD, f"type {WORD}") if grave else ("y", "y/N")
        print(f"{inert(host)}: have root do this? [{how}] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in (wanted, "yes" if not grave else wanted):
            raise ConsentRefusedError(host)

    def password(self, host: str) -> str:
        """Ask without showing it. Raises PasswordNeededError where nobody can be asked."""
        self.printer.close()
        if not _terminal():
            raise PasswordNeededError(host)
        return getpass.getpass(f"{inert(host)}: your password there, for sudo: ", stream=sys.stderr)


@dataclass(eq=False)
class NotAgreedError(RefusedError):
    """The user does not want what was shown."""

    what = "not approved, so nothing was done"
    remedy = "see the differences with --dry; --yes does it unasked"


def agree(printer: Printer, lines: Sequence[str], question: str) -> None:
    """Show what is planned on a terminal, and ask; where nobody sits at one, go on. Raises NotAgreedError."""
    if printer.json or not _terminal():
        return
    printer.close()
    for line in lines:
        write_line(line)
    print(f"{inert(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise NotAgreedError


def _terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
