"""Changes: why, what to do, and what takes it back; all plain data.

Undo actions travel to the target's journal as JSON, so every one of them is a small
frozen record with a ``kind`` and nothing that lives only in this process.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, assert_never

from remotego.core.artifact import Artifact
from remotego.core.modechange import Recheck, RestoreMode, SetMode, describe_mode_action
from remotego.core.proxychange import DropProxy, RemoveProxy, StartProxy, describe_proxy_action
from remotego.core.sdkchange import (
    SDK_REVERSALS,
    Forget,
    LoseSdk,
    Relink,
    RemoveSdk,
    Unpack,
    describe_sdk_action,
    parse_sdk_reversal,
)


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


@dataclass(frozen=True, slots=True)
class EditFile:
    """Put ``text`` in place of ``cut`` bytes from ``offset`` of a user's own file, or make it of ``text`` alone.

    ``was`` and ``now`` are the SHA-256 before ("" if there is no file) and after: the first is checked, the second
    made sure of. Links are followed, the mode stays, the old content is kept beside the journal entry, and the new
    one appears by rename. What somebody else writes into the file in the meantime stays, and is an error.

    ``check`` are the words of a program that reads the new content, its file as the last word, before any file of a
    batch is changed, and refuses it by its exit code: a shell that obeys nothing, such as ``bash -n``.
    """

    path: str
    offset: int
    cut: int
    text: str
    was: str
    now: str
    check: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoreFile:
    """Put a file back as it was before an EditFile, by the copy beside the journal entry.

    Where it has been changed since, only our marked block goes. ``made`` directories above it were made for it and
    go if they are empty.
    """

    path: str
    was: str
    now: str
    made: int


@dataclass(frozen=True, slots=True)
class RestoreSettings(RestoreFile):
    """The same for settings of an editor: where they have been changed since, only our ``tools`` are taken back.

    A tool is its name in go.alternateTools, its path by us, and the one before (None if there was none).
    """

    tools: tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True, slots=True)
class RestoreGoEnv(RestoreFile):
    """The same for the file of ``go env -w``, wherever GOENV says it is: changed since, only our ``variables`` go.

    A variable is its name, its value by us, and the one before (None if there was none).
    """

    variables: tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True, slots=True)
class RestoreProfile(RestoreGoEnv):
    """The same for the variables of a ``profile``, of which a login has one at a time.

    A change of profile takes the place of the entry before it: ``was`` is the file without any profile, so the copy
    beside the entry is no help, and the file of before is made from ``variables``. ``kept`` are names that the user had
    given another value since a profile was written: they are the user's. ``first`` is the digest of the file before the
    first profile ("" for none), through all changes: nothing else tells whether its last line had an end.
    """

    profile: str
    kept: tuple[str, ...]
    first: str


@dataclass(frozen=True, slots=True)
class RestoreScope:
    """Put kernel.yama.ptrace_scope back to ``level`` for a ``session`` whose custodian could not; root does it.

    Root's own record decides: what the journal says of the level is only for people.
    """

    session: str
    level: int


@dataclass(frozen=True, slots=True)
class RemovePrivileged:
    """Remove a session's copies with capabilities, or the file that keeps a sysctl; root does it."""

    path: str


@dataclass(frozen=True, slots=True)
class UndoAs:
    """Take back what we did as another ``user``, by that user's own journal in ``store`` (None: the usual place)."""

    user: str
    store: str | None


Reversal = (
    RemoveDir
    | RemoveFile
    | RestoreFile
    | RestoreSettings
    | RestoreGoEnv
    | RestoreProfile
    | RestoreMode
    | RestoreScope
    | RemovePrivileged
    | UndoAs
    | Relink
    | RemoveSdk
    | LoseSdk
    | RemoveProxy
)
"""What may stand in a journal: undoing never needs bytes from us."""

Action = (
    MakeDir
    | RemoveTree
    | Push
    | EditFile
    | SetMode
    | Recheck
    | Unpack
    | Relink
    | RemoveSdk
    | Forget
    | StartProxy
    | DropProxy
)

_OF_PATHS = {kind.__name__: kind for kind in (RemoveDir, RemoveFile, RemovePrivileged, RemoveProxy)}


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
        case RemoveTree(path):
            return f"remove {path} and all in it"
        case Push(artifact, path, prove, packed):
            size_bytes = artifact.packed_bytes if packed else artifact.size_bytes
            proof = f" and run it with {' '.join(prove)!r}" if prove else ""
            return f"push {size_bytes / 1e6:.1f} MB{' of gzip' * packed} to {path}{proof}"
        case EditFile(path, was=was):
            return f"edit {path}" if was else f"make {path}"
        case SetMode() | Recheck():
            return describe_mode_action(action)
        case Unpack() | Relink() | RemoveSdk() | Forget():
            return describe_sdk_action(action)
        case StartProxy() | DropProxy():
            return describe_proxy_action(action)
        case _:
            return _describe_reversal(action)


def _describe_reversal(act: Reversal) -> str:  # noqa: C901 - a case for each kind, a line each
    if isinstance(act, RestoreMode):
        return describe_mode_action(act)
    match act:
        case RemoveDir(path):
            return f"remove directory {path} if empty"
        case RemoveFile(path):
            return f"remove {path}"
        case RestoreFile(path, was):
            return f"put {path} back as it was" if was else f"remove {path}"
        case RemovePrivileged(path):
            return f"remove {path}, by sudo"
        case RestoreScope(session, level):
            return f"put kernel.yama.ptrace_scope back to {level} for session {session}, by sudo"
        case UndoAs(user):
            return f"take back what was done as {user}, by sudo"
        case Relink() | RemoveSdk() | LoseSdk():
            return describe_sdk_action(act)
        case RemoveProxy():
            return describe_proxy_action(act)
        case _:
            assert_never(act)


def reversal_as_json(action: Reversal) -> dict[str, Any]:
    """Give a reversal as plain data for the journal."""
    return {"kind": type(action).__name__} | asdict(action)


def parse_reversal(data: Any) -> Reversal:
    """Read a reversal back. Raises ValueError for a kind or form this version does not know."""
    match data:
        case {"kind": str(kind), "path": str(path), **rest} if kind in _OF_PATHS and not rest:
            return _OF_PATHS[kind](path)
        case {"kind": "RestoreScope", "session": str(session), "level": int(level), **rest} if not rest:
            return RestoreScope(session, level)
        case {"kind": "RestoreMode", "path": str(path), "mode": int(mode), **rest} if not rest:
            return RestoreMode(path, mode)
        case {"kind": "UndoAs", "user": str(user), "store": str() | None as store, **rest} if not rest:
            return UndoAs(user, store)
        case {"kind": str(kind), **rest} if kind in SDK_REVERSALS:
            return parse_sdk_reversal(kind, {str(name): value for name, value in rest.items()})
        case {"kind": "RestoreFile" | "RestoreSettings" | "RestoreGoEnv" | "RestoreProfile" as kind, **rest}:
            return _parse_restore(kind, rest)
        case {"kind": str(kind)} if kind in {*_OF_PATHS, "RestoreMode", "RestoreScope", "UndoAs"}:
            raise ValueError(f"malformed reversal {data!r}")
        case _:
            raise ValueError(f"unknown reversal {data!r}")


def _parse_restore(kind: str, data: Any) -> RestoreFile:
    match data:
        case {"path": str(path), "was": str(was), "now": str(now), "made": int(made), **rest}:
            match rest:
                case {"tools": [*rows], **more} if kind == "RestoreSettings" and not more:
                    return RestoreSettings(path, was, now, made, tuple(_parse_held(row) for row in rows))
                case {"variables": [*rows], **more} if kind == "RestoreGoEnv" and not more:
                    return RestoreGoEnv(path, was, now, made, tuple(_parse_held(row) for row in rows))
                case {"variables": [*rows], "profile": str(profile), "kept": [*kept], "first": str(first), **more} if (
                    kind == "RestoreProfile" and not more
                ):
                    held, names = map(_parse_held, rows), map(_parse_name, kept)
                    return RestoreProfile(path, was, now, made, tuple(held), profile, tuple(names), first)
                case _ if kind == "RestoreFile" and not rest:
                    return RestoreFile(path, was, now, made)
    raise ValueError(f"malformed reversal {data!r}")


def _parse_held(row: Any) -> tuple[str, str, str | None]:
    match row:
        case [str(name), str(now), str() | None as was]:
            return name, now, was
        case _:
            raise ValueError(f"malformed row {row!r}")


def _parse_name(name: Any) -> str:
    if not isinstance(name, str):
        raise ValueError(f"malformed name {name!r}")
    return name
