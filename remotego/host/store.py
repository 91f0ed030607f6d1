"""The store: artifacts on a target, named by their hash.

A file is hashed there before it gets its name. Afterwards its name, owner, mode and size are
checked, not its bytes: others cannot change it (see root), and its owner is not suspected.
"""

from __future__ import annotations

from remotego.core.artifact import Artifact
from remotego.core.change import Change, MakeDir, Push, RemoveDir, RemoveFile, RemoveTree
from remotego.host.survey import Stored, Survey


def plan_home(have: Survey) -> list[Change]:
    """Make the directories we keep things in; undo removes them again once they are empty."""
    if not have.missing:
        return []
    return [
        Change(
            f"keep artifacts, journal and sessions in {have.root}",
            do=tuple(MakeDir(path) for path in have.missing),
            undo=tuple(RemoveDir(path) for path in reversed(have.missing)),
        )
    ]


def plan_sweep(have: Survey) -> list[Change]:
    """Remove what pushes that were broken off long ago have left; there is nothing in it to keep."""
    if not have.stale:
        return []
    return [Change("sweep up after broken-off pushes", tuple(RemoveTree(path) for path in have.stale), undo=())]


def path_of(artifact: Artifact, have: Survey) -> str:
    """Where an artifact stands, or will."""
    return f"{have.root}/store/{artifact.name}"


def plan_push(artifact: Artifact, have: Survey, *, prove: tuple[str, ...], packed: bool = True) -> list[Change]:
    """Have an artifact in the store, and seen to run there with the arguments ``prove``.

    ``packed``: send it compressed where the target can decompress. [] when it is there; one of
    another size is damaged and gets replaced.
    """
    if Stored(artifact.name, artifact.size_bytes) in have.stored:
        return []
    path = path_of(artifact, have)
    push = Push(artifact, path, prove, packed=packed and have.gzip and artifact.packed is not None)
    return [*plan_home(have), Change(f"put {artifact.label} in the store", (push,), undo=(RemoveFile(path),))]
