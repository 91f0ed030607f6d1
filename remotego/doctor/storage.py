"""Our directory on a host: whether it can be made, trusted, filled, and programs run from it."""

from __future__ import annotations

from collections.abc import Iterator

from remotego.core.change import Change, MakeDir, RemoveDir
from remotego.core.health import Place
from remotego.core.modechange import Recheck, RestoreMode, SetMode
from remotego.doctor.check import Finding, HostFix, failure, ok, warning
from remotego.host.condition import Condition, Space

ELSEWHERE = (
    "name a directory on another file system with --store (store in remotego.toml), such as /var/tmp/$USER-remotego"
)

LEAST_KB = 64 << 10
"""A dlv of 17 MB, packed and unpacked, the agent, and room to spare."""

LEAST_INODES = 64


def judge_store(found: Condition) -> Iterator[Finding]:
    """Judge the place of our directory."""
    yield _place(found)
    yield _permissions(found)
    yield _noexec(found)
    yield _space(found)
    yield _inodes(found)
    yield _tools(found)


def _place(found: Condition) -> Finding:
    if found.place not in found.writable:
        why = "is on a read-only file system" if "ro" in found.options else "may not be written by this login"
        said = found.place if found.place == found.root else f"{found.place}, where {found.root} would be made,"
        return failure("store-place", f"{said} {why}", ELSEWHERE)
    there = "there" if found.place == found.root else "to be made when it is needed"
    return ok("store-place", f"{found.root}: {there}")


def _permissions(found: Condition) -> Finding:
    foreign = [row.path for row in found.rows if not row.mine]
    if foreign:
        remedy = "look at it, remove what is not yours, or name another directory with --store"
        return failure(
            "store-permissions", f"not yours, or a link, so nothing there is trusted: {', '.join(foreign)}", remedy
        )
    loose = [row for row in found.rows if row.others_write]
    if loose:
        said = ", ".join(f"{row.path} ({row.mode:04o})" for row in loose)
        remedy = "take the write right from others; programs there are checked by their hashes, and go if they differ"
        return failure(
            "store-permissions", f"others may write {said}, so nothing there is trusted", remedy, _close(found, loose)
        )
    return ok("store-permissions", "only you may write it" if found.rows else "it is not there yet")


def _close(found: Condition, loose: list[Place]) -> HostFix:
    """Close it before anything is written there; what of it is missing is made, as the journal needs a room."""
    change = Change(
        "take the write right to our directory from others",
        do=(
            *(SetMode(row.path, (row.mode or 0) & ~0o022) for row in loose),
            *(MakeDir(path) for path in found.missing),
            Recheck(f"{found.root}/store"),
        ),
        undo=(
            *(RemoveDir(path) for path in reversed(found.missing)),
            *(RestoreMode(row.path, row.mode or 0) for row in reversed(loose)),
        ),
    )
    return HostFix((change,))


def _noexec(found: Condition) -> Finding:
    if "noexec" in found.options:
        return failure("store-noexec", f"{found.place} is mounted noexec: no program runs from there", ELSEWHERE)
    return ok("store-noexec", f"{found.place} is not mounted noexec")


def _space(found: Condition) -> Finding:
    space = found.space
    if space is None:
        return ok("store-space", "this file system does not tell what is free")
    if space.free < LEAST_KB:
        return failure("store-space", f"{_kb(space)} for {found.root}, and a dlv takes {LEAST_KB >> 10} MB", ELSEWHERE)
    return ok("store-space", f"{_kb(space)} for {found.root}")


def _kb(space: Space) -> str:
    return f"{space.free / 1024:.0f} MB of {space.total / 1024:.0f} MB are free"


def _inodes(found: Condition) -> Finding:
    inodes = found.inodes
    if inodes is None:
        return ok("store-inodes", "this file system does not count them")
    if inodes.free < LEAST_INODES:
        said = f"{inodes.free} of {inodes.total} inodes are free for {found.root}: it cannot hold many more files"
        return failure("store-inodes", said, f"remove some files there, or {ELSEWHERE}")
    return ok("store-inodes", f"{inodes.free} inodes are free")


def _tools(found: Condition) -> Finding:
    if not found.digest:
        remedy = "install coreutils, busybox or openssl there"
        return failure("store-tools", "no sha256sum, shasum or openssl, so a push could not be verified", remedy)
    lacking = sorted({"gzip", "timeout", "setsid"} - found.tools)
    if lacking:
        said = f"{', '.join(lacking)} not there: what is pushed is not packed, or slow start-up files are waited for"
        return warning("store-tools", said, "install gzip, coreutils and util-linux there, or busybox")
    return ok("store-tools", f"{found.digest.split()[0]}, gzip, timeout, setsid")
