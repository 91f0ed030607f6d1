"""Flags: settings written as words of a command line, for commands that others run later."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from remotego.core.options import SELECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from remotego.core.settings import Settings

CONNECTION = ("ssh_config", "transport", "store")
"""Settings that lead to a host."""

ALWAYS = (*CONNECTION, "channel", "ptrace", "lease", "max_pause", "hold", "dlv_version", "go")
"""Settings that a task needs if they were given here and no file will tell it."""


def given(settings: Settings, names: Iterable[str] = ALWAYS) -> list[str]:
    """Write the settings that came from a flag or a variable; files are read again where the command is run."""
    return [
        word
        for name in names
        if settings.origin(name).startswith(("--", "REMOTEGO_"))
        for word in flag(name, getattr(settings, name))
    ]


def selector(settings: Settings) -> list[str]:
    """Write what names the process; nothing if nothing does."""
    return [word for name in SELECTORS if (value := getattr(settings, name)) is not None for word in flag(name, value)]


def goal_words(goals: Mapping[str, str | None], env: Iterable[str]) -> list[str]:
    """Write what is to be debugged besides a process that runs."""
    named = [word for name, value in goals.items() if value is not None for word in (name, value)]
    return [*named, *(word for one in env for word in ("--env", one))]


def flag(name: str, value: object) -> list[str]:
    """Write one flag. A switch that is on stands alone, one that is off is not written."""
    word = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [word] if value else []
    return [word, str(value)]


def program(command: str | None) -> tuple[str, ...]:
    """Give the words that start this very program from anywhere; ``command`` if the user has one."""
    if command:
        return (command,)
    here = shutil.which("remotego", path=str(Path(sys.executable).parent))
    return (here,) if here else (sys.executable, "-m", "remotego")
