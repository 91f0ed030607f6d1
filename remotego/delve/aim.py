"""What a session is about: a process that runs, a program that dlv starts, or what is left of one."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.host.inventory import Running


@dataclass(frozen=True, slots=True)
class Program:
    """A program to start: its absolute ``path``, its arguments, where it runs, and KEY=VALUE on top of the login's
    environment. It ends with the session.
    """

    path: str
    arguments: tuple[str, ...]
    directory: str
    environment: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def title(self) -> str:
        """The same in a sentence."""
        return self.label


@dataclass(frozen=True, slots=True)
class CoreFile:
    """A core file and the program it is of, by absolute paths."""

    path: str
    program: str

    @property
    def label(self) -> str:
        """The program's name for people."""
        return self.program.rsplit("/", 1)[-1]

    @property
    def title(self) -> str:
        """The same in a sentence."""
        return f"{self.label} as of {self.path}"


Aim = Running | Program | CoreFile
