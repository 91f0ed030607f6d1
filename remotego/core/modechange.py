"""Changes of permissions of what is ours on a target: how its directory is closed to others, and opened again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetMode:
    """Give what is ours at ``path`` the permission bits ``mode``.

    Done before all else of a change: its journal entry needs a room that nobody but us can write.
    """

    path: str
    mode: int


@dataclass(frozen=True, slots=True)
class Recheck:
    """Hash the programs in the directory ``path`` again, and remove those that are not what their names say."""

    path: str


@dataclass(frozen=True, slots=True)
class RestoreMode:
    """Give our own directory, or what is in it, the permission bits back that it had before a SetMode."""

    path: str
    mode: int


def describe_mode_action(act: SetMode | Recheck | RestoreMode) -> str:
    """Say what it does, in a few words for a plan."""
    match act:
        case SetMode(path, mode):
            return f"give {path} the mode {mode:04o}"
        case Recheck(path):
            return f"hash the programs in {path} again, and remove those that are not what their names say"
        case RestoreMode(path, mode):
            return f"give {path} the mode {mode:04o} back"
