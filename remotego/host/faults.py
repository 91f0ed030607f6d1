"""From what a failed batch wrote to its standard error to the cause, by the kernel's own words.

The texts are those of strerror(3) in the C locale, which coreutils, busybox and gzip print
alike; ``#`` lines are ours: ``#df-k`` and ``#df-i`` from ``df``, ``#exit`` from the proof
run, ``#foreign`` from making directories.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.core.errors import HostError, RemotegoError
from remotego.core.terminal import inert
from remotego.host.root import UntrustedStoreError


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
class WrongFormatError(HostError):
    """The target cannot run programs of the machine it says it is."""

    root: str
    what = "the target cannot run what was built for the machine it says it is (`uname -m`)"
    remedy = "look whether an emulator or a 32-bit system hides behind another kernel there; then report this"


@dataclass(eq=False)
class ProofFailedError(HostError):
    """A pushed program is started there and does not end well."""

    root: str
    status: str
    said: str
    what = "the program pushed to {root} starts there, but ends with code {status}: {said}"
    remedy = (
        "codes from 128 up are signals: 137 and 139 hint at memory limits or a security policy; it was removed again"
    )


@dataclass(eq=False)
class BrokenOffError(HostError):
    """Something on the target ended the work by a signal."""

    root: str
    signal: str
    what = "the work in {root} was ended there by SIG{signal}; it was taken back"
    remedy = "see what ends processes of this login (a shutdown, a session limit), then run the same again"


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
    ("Exec format error", WrongFormatError),
    ("#exit 126", NotExecutableError),
    ("Permission denied", NotWritableError),
    ("#digest differs", DamagedError),
)


def explain(stderr: bytes, root: str) -> RemotegoError:
    """Name the cause of a failed batch whose files belong below ``root``."""
    text = inert(stderr)
    said = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if (foreign := re.search(r"^#foreign (.+)$", text, re.MULTILINE)) is not None:
        return UntrustedStoreError(foreign[1], "was just made by somebody else")
    if "No space left on device" in text:
        return _no_space(text, root)
    if (ended := re.search(r"^#signal (\w+)$", text, re.MULTILINE)) is not None:
        return BrokenOffError(root, ended[1])
    for sign, cause in _CAUSES:
        if sign in text:
            return cause(root)
    last = "\n".join(said[-5:]) or "it said nothing"
    if (ended := re.search(r"^#exit (\d+)$", text, re.MULTILINE)) is not None:
        return ProofFailedError(root, ended[1], last)
    return UnexplainedError(root, last)


def _no_space(text: str, root: str) -> HostError:
    """Tell no bytes from no inodes; file systems such as btrfs count no inodes and have none to run out of."""
    free_kb, free_inodes = _free(text, "k"), _free(text, "i")
    return NoInodesError(root) if free_inodes == 0 and free_kb else DiskFullError(root, free_kb or 0)


def _free(text: str, unit: str) -> int | None:
    """The "available" column of a ``df`` line; None where it says nothing."""
    row = re.search(rf"^#df-{unit} \S.*?\s+\d+\s+\d+\s+(\d+)\s+\d+%", text, re.MULTILINE)
    return int(row[1]) if row else None
