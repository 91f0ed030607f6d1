"""From a supplied SDK, verified on this machine, to what a host is sent."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.golang.sdk import parse_sdk
from remotego.golang.toolchaintar import read_manifest
from remotego.host.sdk.note import SdkNote
from remotego.host.sdk.store import Amount
from remotego.ops.sdk.hosts import Delivery, Look, Supply

if TYPE_CHECKING:
    from remotego.ops.sdk.supply import Supplied


def delivery_of(
    version: str, settings: Settings, progress: Progress, offline: str | None, *, unverified: bool
) -> Supply:
    """Give what supplies one version for any machine of linux.

    ``offline`` names a bundle that alone is asked; ``unverified``: the user agrees to bytes nothing vouches for.
    """

    def fetch(goarch: str) -> Delivery:
        # Half a second of imports that a run with nothing to do has no use for.
        from remotego.ops.sdk.settings import sources
        from remotego.ops.sdk.supply import supply

        chosen = sources(settings, bundle=Path(offline) if offline else None, accept_unverified=unverified)
        return _delivery(supply(parse_sdk(version, f"linux/{goarch}"), chosen, progress))

    return fetch


def look_of(version: str, settings: Settings, offline: str) -> Look:
    """Give what looks into a bundle for a dry run, which fetches nothing."""

    def look(goarch: str) -> None:
        from remotego.ops.sdk.settings import sources
        from remotego.ops.sdk.supply import check_bundle

        check_bundle(parse_sdk(version, f"linux/{goarch}"), sources(settings, bundle=Path(offline)))

    return look


def _delivery(got: Supplied) -> Delivery:
    sdk, sha256 = got.sdk, got.artifact.sha256
    note = SdkNote(sdk.version, sdk.goos, sdk.goarch, got.h1, got.source, got.proof.text, sha256)
    return Delivery(note, got.artifact, _unpacked(got.artifact.path))


def _unpacked(path: Path) -> Amount:
    """Tell what an archive becomes: its manifest comes first and names the files; its last four bytes are the length
    of what was compressed (RFC 1952), which is that of the files and of tar's blocks.
    """
    with path.open("rb") as file:
        files = len(read_manifest(file)["files"])
        file.seek(-4, os.SEEK_END)
        (size_bytes,) = struct.unpack("<I", file.read(4))
    return Amount(files, size_bytes)
