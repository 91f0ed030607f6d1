"""From what a failed batch wrote to its standard error to the cause, by the kernel's own words.

The texts are those of strerror(3) in the C locale, which coreutils, busybox and gzip print
alike; ``#`` lines are ours: ``#df-k`` and ``#df-i`` from ``df``, ``#exit`` from the proof
run, ``#foreign`` from making directories.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from remotego.core.errors import HostError, RemotegoError
from remotego.core.terminal import inert
from remotego.host.proxy import explain_proxy
from remotego.host.root import UntrustedStoreError
from remotego.host.sdk.faults import explain_sdk


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
class EditRefusedError(HostError):
    """The target does not let us change a file of the login's own."""

    path: str
    reason: str
    what = "{path} cannot be changed: {reason}; it is as it was"
    remedy = "see who owns it and its directory there, and whether something else writes it (a dotfiles manager)"


@dataclass(eq=False)
class ChangedHomeFileError(HostError):
    """A file of the login's own is not what it was when we read it, or when we left it."""

    path: str
    what = "{path} was changed by somebody else, and what we wrote there cannot be told from it; it was left alone"
    remedy = (
        "run the same again; if it stays, put our lines back as they were between their marks, or take the file away"
    )


@dataclass(eq=False)
class BadSyntaxError(HostError):
    """A shell on the target cannot read a start-up file with our lines in it; with or without them."""

    path: str
    shell: str
    said: str
    whose: str
    what = "{path} was left as it was: {shell} cannot read it {whose}: {said}"
    remedy = "mend the line it names (`{shell}` reads the file without obeying it), then run the same again"


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
    if (edited := re.findall(r"^#edit (.+)$", text, re.MULTILINE)) and (error := _refused(edited[-1], text, said)):
        return error
    for sign, cause in _CAUSES:
        if sign in text:
            return cause(root)
    last = "\n".join(said[-5:]) or "it said nothing"
    if (ended := re.search(r"^#exit (\d+)$", text, re.MULTILINE)) is not None:
        return ProofFailedError(root, ended[1], last)
    return explain_sdk(text, said, root) or explain_proxy(text, said, root) or UnexplainedError(root, last)


def _refused(path: str, text: str, said: Sequence[str]) -> HostError | None:
    """Say why a file could not be edited; None where the cause is a common one."""
    if "#changed" in text:
        return ChangedHomeFileError(path)
    if (syntax := re.search(r"^#syntax (/.+)$", text, re.MULTILINE)) is not None:
        whose = "even without our lines" if "#syntax before" in text else "with our lines"
        heard = re.sub(r"\S*/journal/\.[0-9]+-[0-9a-f]+-check", path, "; ".join(said[:5]))
        return BadSyntaxError(path, syntax[1], heard or "it does not say why", whose)
    if "#no copy" in text:
        return EditRefusedError(path, "the copy of what it was is missing or damaged")
    if "#digest differs" in text:
        return None
    return EditRefusedError(path, (said[-1].rpartition(": ")[2] if said else "it does not say why"))


def _no_space(text: str, root: str) -> HostError:
    """Tell no bytes from no inodes; file systems such as btrfs count no inodes and have none to run out of."""
    free_kb, free_inodes = _free(text, "k"), _free(text, "i")
    return NoInodesError(root) if free_inodes == 0 and free_kb else DiskFullError(root, free_kb or 0)


def _free(text: str, unit: str) -> int | None:
    """The "available" column of a ``df`` line; None where it says nothing."""
    row = re.search(rf"^#df-{unit} \S.*?\s+\d+\s+\d+\s+(\d+)\s+\d+%", text, re.MULTILINE)
    return int(row[1]) if row else None
