"""What to change for an SDK on a target: put it there, have ``current`` lead to it, remove it. All pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remotego.core.artifact import Artifact
from remotego.core.change import Change, MakeDir, RemoveDir
from remotego.core.errors import HostError, MissingError, RefusedError
from remotego.core.sdkchange import Forget, LoseSdk, Relink, RemoveSdk, Unpack
from remotego.host.faults import NoInodesError, NotExecutableError, ReadOnlyError
from remotego.host.journal import Entry
from remotego.host.sdk.layout import folder
from remotego.host.sdk.note import SdkNote, write_note
from remotego.host.sdk.store import Amount, Kept, Sdks
from remotego.host.store import plan_home
from remotego.host.survey import Survey

_BLOCK_BYTES = 4096
"""What a file takes more than its bytes at most, on file systems that are in use."""

_SPARE = 1.02


@dataclass(eq=False)
class NoUnpackerError(HostError):
    """The target lacks a program that unpacking takes."""

    host: str
    tools: str
    what = "{host}: there is no {tools}, and an SDK cannot be unpacked without"
    remedy = "install tar and gzip there (any: GNU's or busybox's), or make a store on a machine that has them"


@dataclass(eq=False)
class NoRoomError(HostError):
    """The file system has no room for an SDK; nothing was sent."""

    place: str
    needed_mb: int
    free_mb: int
    what = "an SDK takes {needed_mb} MB in {place}, and {free_mb} MB are free; nothing was sent"
    remedy = "free some space there (`remotego sdk.list` shows what SDKs take), or name another directory with --store"


@dataclass(eq=False)
class OtherPlatformError(RefusedError):
    """The SDK of this version is there for another kind of machine: a home that unlike machines share."""

    path: str
    theirs: str
    ours: str
    what = "{path} is an SDK for {theirs}, and this machine is {ours}: they share a directory"
    remedy = "give each kind of machine a store of its own (`store` of its [hosts.NAME] in remotego.toml, or --store)"


@dataclass(eq=False)
class SdkNotThereError(MissingError):
    """This version is not there."""

    host: str
    version: str
    what = "{host}: there is no go{version} that sdk.install has put there"
    remedy = "put it there with `remotego sdk.install {version} --host {host}`; `remotego sdk.list` shows what there is"


@dataclass(eq=False)
class DamagedSdkError(HostError):
    """This version is there, but not as it was put there."""

    host: str
    version: str
    fault: str
    what = "{host}: go{version} is damaged: {fault}"
    remedy = "put it there anew with `remotego sdk.install {version} --host {host}`; other versions stay as they are"


@dataclass(eq=False)
class SdkIsCurrentError(RefusedError):
    """What ``current`` leads to is not removed."""

    host: str
    version: str
    what = "{host}: go{version} is the current SDK there; nothing was removed"
    remedy = "have another one current first, or say --force: `current` then leads nowhere and goes too"


@dataclass(eq=False)
class SdkInUseError(RefusedError):
    """Programs of an SDK run."""

    version: str
    programs: str
    what = "programs of go{version} run there: {programs}; nothing was removed"
    remedy = "wait for them or end them; --force of sdk.remove removes it under them"


def needs_push(found: Kept | None, platform: str, path: str) -> bool:
    """Tell whether an SDK has to be sent. Raises OtherPlatformError for one that is not for this ``platform``."""
    if found is None or found.note is None:
        return True
    if found.note.platform != platform:
        raise OtherPlatformError(path, found.note.platform, platform)
    return bool(found.fault)


def check_ground(host: str, have: Survey, there: Sdks) -> None:
    """See before anything is fetched or sent that the target can unpack and run it.

    Raises NoUnpackerError, ReadOnlyError, NotExecutableError.
    """
    lacks = [*there.lacks, *(["gzip"] if not have.gzip else [])]
    if lacks:
        raise NoUnpackerError(host, ", ".join(lacks))
    if there.ground.read_only:
        raise ReadOnlyError(folder(there.root))
    if there.ground.noexec is not None:
        raise NotExecutableError(f"{folder(there.root)} (on {there.ground.noexec})")


def check_room(there: Sdks, wanted: Amount) -> None:
    """See that the file system takes so many files and bytes. Raises NoRoomError, NoInodesError.

    What the file system does not tell cannot be checked; it is noticed while unpacking then.
    """
    ground, needed_bytes = there.ground, int((wanted.size_bytes + wanted.files * _BLOCK_BYTES) * _SPARE)
    if ground.free_bytes is not None and ground.free_bytes < needed_bytes:
        raise NoRoomError(folder(there.root), -(-needed_bytes // 1_000_000), ground.free_bytes // 1_000_000)
    if ground.free_inodes is not None and ground.free_inodes < wanted.files * _SPARE:
        raise NoInodesError(folder(there.root))


def plan_install(note: SdkNote, artifact: Artifact, have: Survey, there: Sdks) -> list[Change]:
    """Have an SDK in a directory of its own, seen to run there; one that is damaged gives way.

    [] when it is there. Raises OtherPlatformError.
    """
    path, found = there.path_of(note.version), there.find(note.version)
    if not needs_push(found, note.platform, path):
        return []
    above = folder(there.root)
    unpack = Unpack(artifact, path, ("bin/go", "version"), note.says, write_note(note), anew=found is not None)
    made = [] if there.there else [above]
    change = Change(
        f"have go{note.version} in {path}",
        do=(*map(MakeDir, made), unpack),
        undo=(RemoveSdk(path), *map(RemoveDir, made)),
    )
    return [*plan_home(have), change]


def plan_switch(version: str, there: Sdks) -> list[Change]:
    """Have ``current`` lead to an SDK that is there, or will be. [] when it does; the link is switched at once."""
    if there.current == version:
        return []
    return [
        Change(
            f"have go{version} current",
            do=(Relink(there.link, there.current, version),),
            undo=(Relink(there.link, version, there.current),),
        )
    ]


def check_there(host: str, version: str, there: Sdks) -> Kept:
    """Give an SDK of ours that is whole. Raises SdkNotThereError, DamagedSdkError."""
    found = there.find(version)
    if found is None:
        raise SdkNotThereError(host, version)
    if found.fault:
        raise DamagedSdkError(host, version, found.fault)
    return found


def plan_remove(host: str, version: str, there: Sdks, entries: Sequence[Entry], *, force: bool) -> list[Change]:
    """Remove an SDK of ours, damaged or not. Nothing takes that back, and the journal says so.

    Of its ``entries`` those go that would remove the SDK.
    [] when it is not there. Raises SdkIsCurrentError and SdkInUseError unless ``force`` is given.
    """
    if there.find(version) is None:
        return []
    is_current = there.current == version
    if is_current and not force:
        raise SdkIsCurrentError(host, version)
    running = [one for one in there.runs if one.version == version]
    if running and not force:
        raise SdkInUseError(version, ", ".join(f"{one.program} (pid {one.pid})" for one in running))
    path = there.path_of(version)
    done = tuple(
        one.name for one in entries if any(isinstance(act, RemoveSdk) and act.path == path for act in one.undo)
    )
    unlink = (Relink(there.link, version, ""),) if is_current else ()
    return [
        Change(
            f"remove go{version}",
            do=(*unlink, RemoveSdk(path, in_use=force), *([Forget(done)] if done else [])),
            undo=(LoseSdk(version), RemoveDir(folder(there.root))),
        )
    ]
