"""Edits of go.mod, go.sum and vendor as data: a few steps each, tried in a copy before anyone sees them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from remotego.core.terminal import inert
from remotego.modgraph.lines import without


@dataclass(frozen=True, slots=True)
class GoStep:
    """A go command, run in a ``folder`` of the workspace."""

    arguments: tuple[str, ...]
    folder: str = "."

    def written(self) -> str:
        """Write it as one would type it."""
        command = shlex.join(("go", *self.arguments))
        return command if self.folder == "." else f"(cd {shlex.quote(self.folder)} && {command})"


@dataclass(frozen=True, slots=True)
class DropLines:
    """Take lines that are exactly these out of a file; they are given without their ends."""

    file: str
    lines: tuple[str, ...]

    def written(self) -> str:
        """Say what is done."""
        return f"take out of {self.file}: {', '.join(inert(one).strip() for one in self.lines)}"

    def dropped(self, text: str) -> str:
        """Give the text without them."""
        return without(text, frozenset(self.lines))


Step = GoStep | DropLines


@dataclass(frozen=True, slots=True)
class Edit:
    """Steps in their order."""

    steps: tuple[Step, ...]

    def written(self) -> tuple[str, ...]:
        """Write each step."""
        return tuple(step.written() for step in self.steps)


def go(*arguments: str, folder: str = ".") -> Edit:
    """An edit that is one go command."""
    return Edit((GoStep(arguments, folder),))


def then_tidy(*steps: Step, folder: str = ".") -> Edit:
    """An edit after which go.mod and go.sum have to be put in order."""
    return Edit((*steps, GoStep(("mod", "tidy"), folder)))


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit that was tried on a copy: the finding was gone, and nothing else was worse.

    ``diff`` is what it changes in go.mod, go.sum and the like.
    """

    edit: Edit
    diff: tuple[str, ...]
