"""Supplying an SDK: from the first source that has it, verified, as an artifact in this machine's cache.

Which source, and why it is trusted: docs/decisions/0020-sdk-trust.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.artifacts import Cache
from remotego.adapters.bundles import held
from remotego.core.artifact import Artifact
from remotego.core.errors import MissingError, UnreachableError, UsageError
from remotego.core.progress import Progress
from remotego.golang.sdk import MANIFEST_FORMAT, MODULE, Sdk
from remotego.golang.sdktree import check_release, digest, module_h1
from remotego.golang.sumdb.database import DEFAULT, Database, parse_gosumdb
from remotego.golang.toolchaintar import write_artifact
from remotego.ops.sdk.bundle import FOLDER, not_in
from remotego.ops.sdk.order import Order, Parcel, Sources
from remotego.ops.sdk.settings import sources
from remotego.ops.sdk.sources import opened, plan_sources
from remotego.ops.sdk.trust import (
    ForgedDatabaseError,
    ForgedSdkError,
    Found,
    Proof,
    SpoiledHeadError,
    UnverifiedSdkError,
    judge,
)

__all__ = [
    "ForgedDatabaseError",
    "ForgedSdkError",
    "NoSdkError",
    "Proof",
    "Sources",
    "SpoiledHeadError",
    "SumdbSettingError",
    "Supplied",
    "UnverifiedSdkError",
    "check_bundle",
    "sources",
    "supply",
]

_FORMAT = 1
"""Raised when the bytes made from the same files change."""


@dataclass(eq=False)
class NoSdkError(MissingError):
    """No source has it, or none can be reached."""

    sdk: str
    tried: str
    what = "no source has Go {sdk}:\n{tried}"
    remedy = (
        "see `go env GOPROXY`, name a mirror (sdk_mirror in remotego.toml), "
        "or fetch a bundle where there is a network and give --offline BUNDLE"
    )


@dataclass(eq=False)
class SumdbSettingError(UsageError):
    """GOSUMDB names no checksum database that can be checked."""

    reason: str
    what = "GOSUMDB cannot be used: {reason}"
    remedy = "see `go env GOSUMDB` and `go help environment`; the default is sum.golang.org"


@dataclass(frozen=True, slots=True)
class Supplied:
    """An SDK in the cache.

    ``artifact`` (label ``go-1.26.6-linux-amd64``) is a tar.gz with two things at its top: the file
    ``remotego-sdk.json`` (golang.sdk.MANIFEST) and the directory ``go`` (golang.sdk.TOP; the GOROOT). ``h1`` is the
    hash of the module golang.org/toolchain, ``source`` says where it came from, without a secret, and ``was_there``
    that nothing had to be fetched.
    """

    sdk: Sdk
    artifact: Artifact
    h1: str
    source: str
    proof: Proof
    was_there: bool = False


def supply(sdk: Sdk, sources: Sources, progress: Progress) -> Supplied:
    """Give an SDK, from the cache or fetched, verified and packed now. A second call asks nobody.

    ``progress`` is told under ``sdk.label``. Raises NoSdkError, UnsafeSdkError, ForgedSdkError, ForgedDatabaseError,
    SpoiledHeadError, UnverifiedSdkError, SumdbSettingError, BundleError, GoSecurityError, HeadsUnwritableError,
    BuildBusyError, CacheWriteError. After any of them the cache is as it was.
    """
    database = _database(sources)
    cache = Cache(sources.cache or _cache_root())
    key = _key(sdk)
    if (there := _cached(cache, key, sdk, sources, database)) is not None:
        return there
    with cache.building(key) as room:
        if (there := _cached(cache, key, sdk, sources, database)) is not None:
            return there
        order = Order(sdk, sources, database, room, progress)
        return _packed(order, _found(order), cache, key)


def check_bundle(sdk: Sdk, sources: Sources) -> None:
    """Look whether a bundle that is named has an SDK, for a run that shall fetch nothing.

    Raises BundleError, NoSdkError, and where the cache has it what ``supply`` raises then.
    """
    bundle = sources.bundle
    if bundle is None or _cached(Cache(sources.cache or _cache_root()), _key(sdk), sdk, sources, _database(sources)):
        return
    names = held(bundle, FOLDER)
    if f"{sdk.module_version}.zip" not in names:
        raise NoSdkError(str(sdk), f"- {bundle}: {not_in(str(bundle), sdk, names)}")


def _found(order: Order) -> Parcel:
    """Try the sources; whatever speaks of forgery or damage ends it, what is not there does not."""
    reasons: list[str] = []
    unverified: UnverifiedSdkError | None = None
    for name, source in plan_sources(order):
        try:
            return source(order)
        except UnverifiedSdkError as error:
            unverified = unverified or error
        except (MissingError, UnreachableError) as error:
            reasons.append(f"- {name}: {error}")
    if unverified is not None:
        raise unverified
    raise NoSdkError(str(order.sdk), "\n".join(reasons))


def _packed(order: Order, parcel: Parcel, cache: Cache, key: str) -> Supplied:
    sdk = order.sdk
    with opened(parcel, sdk, order.room) as (tree, sha256):
        order.say("hashing")
        digests = digest(tree)
        found = Found(parcel.source, module_h1(sdk, digests), sha256, is_official=parcel.kind != "wheel")
        pinned, agreed = order.pin, order.sources.accept_unverified
        proof = judge(sdk, found, parcel.said, pinned, accept_unverified=agreed)
        check_release(sdk, tree)
        order.say("packing")
        packed = order.room / f"{sdk.label}.tar.gz"
        with packed.open("xb") as out:
            write_artifact(tree, digests, _manifest(sdk, found, proof), out)
    note = {
        "h1": found.h1,
        "source": found.source,
        "by": proof.by,
        "text": proof.text,
        "database": order.database.key.id if order.database and proof.by == "database" else "",
        "pin": pinned if proof.by == "pin" else "",
    }
    artifact = cache.keep(key, sdk.label, packed, compress=False, note=note)
    return Supplied(sdk, artifact, found.h1, found.source, proof)


def _manifest(sdk: Sdk, found: Found, proof: Proof) -> dict[str, Any]:
    """What hosts are told; nothing that differs from one controller or day to another."""
    return {
        "format": MANIFEST_FORMAT,
        "version": sdk.version,
        "goos": sdk.goos,
        "goarch": sdk.goarch,
        "h1": found.h1,
        "source": MODULE if found.is_official else found.source,
        "proof": proof.by,
    }


def _cached(cache: Cache, key: str, sdk: Sdk, sources: Sources, database: Database | None) -> Supplied | None:
    """Take it from the cache if it is whole, and what it was trusted for still counts. Raises ForgedSdkError."""
    artifact = cache.find(key, sdk.label)
    note = cache.note(key)
    if artifact is None or not _still_counts(note, sources.pins.get(str(sdk)), sources, database):
        return None
    pin = sources.pins.get(str(sdk), "")
    if note["by"] != "consent" and pin.startswith("h1:") and pin != note["h1"]:
        raise ForgedSdkError(str(sdk), str(artifact.path), note["h1"], pin, "the pinned digest")
    with artifact.path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != artifact.sha256:
            return None
    return Supplied(sdk, artifact, note["h1"], note["source"], Proof(note["by"], note["text"]), was_there=True)


def _still_counts(note: Mapping[str, Any], pin: str | None, sources: Sources, database: Database | None) -> bool:
    match note.get("by"):
        case "database":
            trusted = database or parse_gosumdb(DEFAULT)
            return trusted is not None and note["database"] == trusted.key.id
        case "pin":
            return pin is not None and note["pin"] == pin
        case "consent":
            return sources.accept_unverified
        case _:
            return False


def _key(sdk: Sdk) -> str:
    inputs = {"format": _FORMAT, "manifest": MANIFEST_FORMAT, "sdk": str(sdk)}
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _database(sources: Sources) -> Database | None:
    try:
        return parse_gosumdb(sources.sumdb)
    except ValueError as error:
        raise SumdbSettingError(str(error)) from error


def _cache_root() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("remotego") / "artifacts"
