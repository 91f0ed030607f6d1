"""What is done for SDKs of Go on a target, and what takes it back; a part of ``core.change``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from remotego.core.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Unpack:
    """Have a directory ``path`` of the one tree in an artifact, a gzip'd tar: read-only, whole, and there at once.

    The tree is an SDK, or a bundle: that has no ``program``.

    It is unpacked while it arrives, in a room beside ``path`` that only this change knows; its SHA-256 is checked, the
    ``program`` in it, if any, is run and must print ``says``, and last it gets its name. ``note`` is kept in it, below
    a line of how many files and bytes there are. With ``anew`` what is at ``path`` is damaged and gives way. Where
    ``content`` is given each file is hashed before that: it is the SHA-256 of the listing that comes beside the tree.
    """

    artifact: Artifact
    path: str
    program: tuple[str, ...]
    says: str
    note: str
    anew: bool = False
    content: str = ""


@dataclass(frozen=True, slots=True)
class Relink:
    """Have the link ``path`` lead to ``now``, at once: who follows it meets either the old or the new.

    ``was`` is where it leads before, and is checked; "" is no link at all.
    """

    path: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class RemoveSdk:
    """Remove the directory that an Unpack has made, at once: its name goes first.

    It stays while programs run from it, unless ``in_use`` programs do not matter.
    """

    path: str
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class LoseSdk:
    """Nothing: the bytes of a removed SDK are gone, and only another sdk.install brings them back."""

    version: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Take ``entries``, by their names, out of the journal: what they would take back is gone."""

    entries: tuple[str, ...]


SDK_REVERSALS = ("Relink", "RemoveSdk", "LoseSdk")
"""Kinds that may stand in a journal."""


def describe_sdk_action(act: Unpack | Relink | RemoveSdk | LoseSdk | Forget) -> str:
    """Say what an action does, in a few words for a plan."""
    match act:
        case Unpack(artifact, path, anew=anew):
            place = f"{path}, in place of the damaged one" if anew else path
            return f"push {artifact.size_bytes / 1e6:.1f} MB of gzip and unpack it to {place}"
        case Relink(path, was, now):
            return f"have {path} lead to {now}" + f" instead of {was}" * bool(was) if now else f"remove the link {path}"
        case RemoveSdk(path):
            return f"remove {path} and all in it"
        case Forget(entries):
            return f"take {', '.join(entries)} out of the journal"
        case LoseSdk(version):
            return f"nothing, go{version} is gone: only `sdk.install {version}` brings it back"
        case _:
            assert_never(act)


def parse_sdk_reversal(kind: str, data: Mapping[str, Any]) -> Relink | RemoveSdk | LoseSdk:
    """Read the fields of a reversal of this kind. Raises ValueError where they are not its own."""
    match kind, data:
        case "Relink", {"path": str(path), "was": str(was), "now": str(now), **rest} if not rest:
            return Relink(path, was, now)
        case "RemoveSdk", {"path": str(path), "in_use": bool(in_use), **rest} if not rest:
            return RemoveSdk(path, in_use)
        case "LoseSdk", {"version": str(version), **rest} if not rest:
            return LoseSdk(version)
        case _:
            raise ValueError(f"malformed reversal {kind} {data!r}")
