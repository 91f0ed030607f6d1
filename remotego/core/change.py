"""Changes: why, what to do, and what takes it back; all plain data.

Undo actions travel to the target's journal as JSON, so every one of them is a small
frozen record with a ``kind`` and nothing that lives only in this process.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from remotego.core.artifact import Artifact


@dataclass(frozen=True, slots=True)
class MakeDir:
    """Create a directory with mode 0700 unless it is there."""

    path: str


@dataclass(frozen=True, slots=True)
class RemoveDir:
    """Remove a directory if it is empty."""

    path: str


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove a file, if there."""

    path: str


@dataclass(frozen=True, slots=True)
class RemoveTree:
    """Remove a directory of ours and all in it: what a broken-off push has left. Never undone."""

    path: str


@dataclass(frozen=True, slots=True)
class Push:
    """Put an artifact at ``path``: a room of its own beside it, SHA-256 checked there, atomic rename, mode 0700.

    ``prove`` are arguments it must run with and exit 0 before it gets its name; what it prints is
    kept. ``packed``: send the gzip form and let the target unpack it.
    """

    artifact: Artifact
    path: str
    prove: tuple[str, ...] = ()
    packed: bool = False


Reversal = RemoveDir | RemoveFile
"""What may stand in a journal: undoing never needs bytes from us."""

Action = MakeDir | RemoveTree | Push

_REVERSALS: dict[str, type[Reversal]] = {kind.__name__: kind for kind in (RemoveDir, RemoveFile)}


@dataclass(frozen=True, slots=True)
class Change:
    """A ``reason`` for people, the actions that ``do`` it, the actions that ``undo`` it, each in order.

    With nothing to undo there is nothing to journal.
    """

    reason: str
    do: tuple[Action, ...]
    undo: tuple[Reversal, ...]


def describe(action: Action | Reversal) -> str:
    """Say what an action does, in a few words for a plan."""
    match action:
        case MakeDir(path):
            return f"make directory {path}"
        case RemoveDir(path):
            return f"remove directory {path} if empty"
        case RemoveFile(path):
            return f"remove {path}"
        case RemoveTree(path):
            return f"remove {path} and all in it"
        case Push(artifact, path, prove, packed):
            size_bytes = artifact.packed_bytes if packed else artifact.size_bytes
            proof = f" and run it with {' '.join(prove)!r}" if prove else ""
            return f"push {size_bytes / 1e6:.1f} MB{' of gzip' * packed} to {path}{proof}"


def reversal_as_json(action: Reversal) -> dict[str, Any]:
    """Give a reversal as plain data for the journal."""
    return {"kind": type(action).__name__} | asdict(action)


def parse_reversal(data: Any) -> Reversal:
    """Read a reversal back. Raises ValueError for a kind or form this version does not know."""
    match data:
        case {"kind": str(kind), "path": str(path), **rest} if kind in _REVERSALS and not rest:
            return _REVERSALS[kind](path)
        case {"kind": str(kind)} if kind in _REVERSALS:
            raise ValueError(f"malformed reversal {data!r}")
        case _:
            raise ValueError(f"unknown reversal {data!r}")
