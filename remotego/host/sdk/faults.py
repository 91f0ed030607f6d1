"""From what a script about SDKs wrote to its standard error to the cause; ``host.faults`` asks here first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from remotego.core.errors import HostError, RefusedError, RemotegoError


@dataclass(eq=False)
class SdkBusyError(RefusedError):
    """Programs of an SDK that is to be removed run."""

    root: str
    programs: str
    what = "programs of an SDK in {root} run: {programs}; it was not removed"
    remedy = "wait for them or end them, then run the same again"


@dataclass(eq=False)
class WrongSdkError(HostError):
    """The go command of a pushed SDK is not the one it should be."""

    root: str
    wanted: str
    said: str
    what = "the go command pushed to {root} says {said!r} instead of {wanted!r}; it was removed again"
    remedy = "the archive is not what its name says: take it out of the cache or the bundle, and fetch it anew"


@dataclass(eq=False)
class RelinkedError(HostError):
    """Another controller has switched ``current`` between our question and our answer."""

    root: str
    what = "{root}/sdk/current was switched by somebody else at the same time; it is as they left it"
    remedy = "run the same again if you still want it"


@dataclass(eq=False)
class UnpackError(HostError):
    """The target's tar could not unpack what was sent."""

    root: str
    said: str
    what = "the tar of the target could not unpack the SDK in {root}: {said}"
    remedy = "the text is the target's own; mend its cause there and run the same again, nothing was left behind"


@dataclass(eq=False)
class BrokenArchiveError(HostError):
    """What arrived is no whole archive."""

    root: str
    what = "what arrived in {root} is not the archive that was meant: it is damaged or too short; it was removed again"
    remedy = "try again; if it happens twice, remove the archive from the cache here (or make the bundle anew)"


@dataclass(eq=False)
class ChangedContentError(HostError):
    """Files of a tree that are not as they were sent once they are unpacked."""

    root: str
    files: str
    what = "what was unpacked in {root} is not as it was sent, and was removed again: {files}"
    remedy = "try again; if it stays so, look at the disk, the memory and the tar of that host"


_BROKEN = ("not in gzip format", "unexpected end of file", "crc error", "invalid compressed data", "invalid magic")
"""What GNU's gzip and busybox's say of bytes that are not what was compressed."""


def explain_sdk(text: str, said: list[str], root: str) -> RemotegoError | None:
    """Name the cause if it is one that only SDKs have; ``said`` are the lines that are not ours."""
    if busy := re.findall(r"^#busy (\d+) (.+)$", text, re.MULTILINE):
        return SdkBusyError(root, ", ".join(f"{program} (pid {pid})" for pid, program in busy))
    if wanted := re.search(r"^#says (.+)$", text, re.MULTILINE):
        return WrongSdkError(root, wanted[1], " ".join(said[-1:]))
    if differing := re.findall(r"^#differs (.+)$", text, re.MULTILINE):
        return ChangedContentError(root, ", ".join(differing))
    if "#relinked" in text:
        return RelinkedError(root)
    if any(f"#{word}" in text for word in ("unpacking failed", "no tree")):
        if any(sign in text for sign in _BROKEN):
            return BrokenArchiveError(root)
        return UnpackError(root, "\n".join(said[-3:]) or "it said nothing")
    return None
