"""From what a failed batch wrote to its standard error to the cause, by the kernel's own words.

The texts are those of strerror(3) in the C locale, which coreutils, busybox and gzip print
alike; ``#`` lines are ours: ``#df-k`` and ``#df-i`` from ``df``, ``#exit`` from the proof run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.core.errors import HostError
from remotego.core.terminal import inert


@dataclass(eq=False)
class DiskFullError(HostError):
    """No space is left on the file system of the store."""

    root: str
    free_kb: int
    what = "no space left for {root} ({free_kb} kB free)"
    remedy = "free some space there, or name a directory on another file system with --store"


@dataclass(eq=False)
class NoInodesError(HostError):
    """The file system of the store has space but no inodes."""

    root: str
    what = "no inodes left for {root}: the file system has space but cannot hold one more file"
    remedy = "remove some files there, or name a directory on another file system with --store"


@dataclass(eq=False)
class QuotaError(HostError):
    """The login's disk quota is used up."""

    root: str
    what = "disk quota exceeded for {root}"
    remedy = "free some space there, or name a directory on another file system with --store"


@dataclass(eq=False)
class ReadOnlyError(HostError):
    """The file system of the store is mounted read-only."""

    root: str
    what = "{root} is on a read-only file system"
    remedy = "name a directory on a writable file system with --store, such as /var/tmp/$USER-remotego"


@dataclass(eq=False)
class NotExecutableError(HostError):
    """A pushed program cannot be executed where the store is: usually a noexec mount."""

    root: str
    what = "programs in {root} cannot be executed: the file system is mounted noexec, or a policy forbids it"
    remedy = "name a directory on a file system that allows programs with --store, such as /var/tmp/$USER-remotego"


@dataclass(eq=False)
class NotWritableError(HostError):
    """The login may not write where the store should be."""

    root: str
    what = "this login may not write {root}"
    remedy = "name a directory you own with --store, or have the permissions repaired"


@dataclass(eq=False)
class DamagedError(HostError):
    """What arrived is not what was sent."""

    root: str
    what = "what arrived in {root} does not have the SHA-256 of what was sent; it was removed again"
    remedy = "try again; if it happens twice, suspect the network path or the target's disk or memory"


@dataclass(eq=False)
class UnexplainedError(HostError):
    """The target failed in a way this table does not know."""

    root: str
    said: str
    what = "the target failed while changing {root}: {said}"
    remedy = "the text is the target's own; mend its cause there and run the same again, nothing was left behind"


_CAUSES: tuple[tuple[str, type[HostError]], ...] = (
    ("Read-only file system", ReadOnlyError),
    ("Disk quota exceeded", QuotaError),
    ("#exit 126", NotExecutableError),
    ("Permission denied", NotWritableError),
    ("#digest differs", DamagedError),
)


def explain(stderr: bytes, root: str) -> HostError:
    """Name the cause of a failed batch whose files belong below ``root``."""
    text = inert(stderr)
    if "No space left on device" in text:
        free_kb, free_inodes = _least_free(text, "k"), _least_free(text, "i")
        return NoInodesError(root) if free_inodes == 0 < free_kb else DiskFullError(root, free_kb)
    for sign, cause in _CAUSES:
        if sign in text:
            return cause(root)
    said = [line for line in text.splitlines() if line.strip() and not line.startswith("#df")]
    return UnexplainedError(root, "\n".join(said[-5:]) or "it said nothing")


def _least_free(text: str, unit: str) -> int:
    """Smallest "available" column of the ``df`` lines; 0 when there is none."""
    rows = re.findall(rf"^#df-{unit} \S.*?\s+\d+\s+\d+\s+(\d+)\s+\S+%", text, re.MULTILINE)
    return min((int(row) for row in rows), default=0)
