"""Applying a bundle to hosts: verified here, pushed as one archive, verified there file by file, and go led to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.artifacts import Cache
from remotego.adapters.bundles import decompressed, kind_of
from remotego.adapters.sealed import write_regzipped
from remotego.bundle.layout import MANIFEST
from remotego.bundle.manifest import Manifest
from remotego.core.artifact import Artifact
from remotego.core.change import Change
from remotego.core.errors import HostError, UsageError
from remotego.core.progress import Progress
from remotego.core.sdkchange import RemoveSdk
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.golang.goenvfile import edited, told
from remotego.golang.sumdb.note import parse_key
from remotego.host.bundles.content import bundle_content
from remotego.host.bundles.layout import goproxy_of, path_of
from remotego.host.bundles.store import Bundles, bundles, plan_standing
from remotego.host.homeedit import change_of, splice
from remotego.host.homefiles import Home, home_files, is_plain_file
from remotego.host.store import plan_sweep
from remotego.host.survey import Survey, survey
from remotego.ops.building import default_root
from remotego.ops.bundle.gather import LABEL
from remotego.ops.bundle.reading import Seen
from remotego.ops.bundle.verify import Whole
from remotego.ops.engine import apply, ask, inquire
from remotego.ops.set_env import OFF, GoFileOffError, NoGoFileError

_FORMAT = 1
_TOP = "bundle"
HASH_TIMEOUT_S = 900.0
_NAMED = 10


@dataclass(eq=False)
class NoBundleUnpackerError(HostError):
    """The target lacks programs that unpacking takes."""

    host: str
    tools: str
    what = "{host}: there is no {tools}, and a bundle cannot be unpacked without"
    remedy = "install them there (any: GNU's or busybox's)"


@dataclass(eq=False)
class DamagedThereError(HostError):
    """A bundle on a target that is not as it was sent."""

    host: str
    path: str
    files: str
    what = "{host}: {path} was not as it was sent, and is gone again: {files}"
    remedy = "run bundle.apply again: if it stays so, look at the disk of that host"


@dataclass(eq=False)
class UnpackedBundleError(UsageError):
    """A directory where the file of a bundle is wanted."""

    bundle: str
    what = "{bundle} is a directory: hosts are sent the file that it was unpacked from"
    remedy = "name the .tar.zst"


@dataclass(frozen=True, slots=True)
class Applied:
    """Bundles on a host: their directories, the newest first, and what go is told of them.

    ``changes`` is empty when nothing had to be done; ``written`` says whether go's own file has the ``variables``.
    """

    paths: tuple[str, ...]
    variables: Mapping[str, str]
    changes: tuple[Change, ...]
    written: bool
    files: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """Verified bundles, ready to be sent, the newest first."""

    whole: Whole
    artifacts: tuple[Artifact, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called on targets."""
        return tuple(one.manifest.id for one in self.whole.seen)


def ship(whole: Whole, progress: Progress, *, dry: bool) -> Shipment:
    """Pack verified bundles for targets, which may have no zstd; once for each. A ``dry`` run packs nothing.

    Raises UnpackedBundleError, CacheWriteError.
    """
    for one in whole.seen:
        if one.place.is_dir():
            raise UnpackedBundleError(str(one.place))
    if dry:
        return Shipment(whole, tuple(map(_unpacked, whole.seen)))
    cache = Cache(default_root())
    return Shipment(whole, tuple(_artifact(one.place, one.manifest, cache, progress) for one in whole.seen))


def _unpacked(one: Seen) -> Artifact:
    """Stand in for what would be packed: about as large."""
    return Artifact(_TOP, one.manifest.digest.removeprefix("sha256:"), one.place.stat().st_size, one.place)


def _artifact(place: Path, manifest: Manifest, cache: Cache, progress: Progress) -> Artifact:
    inputs = {"format": _FORMAT, "bundle": manifest.digest}
    key = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    if (there := cache.find(key, _TOP)) is not None:
        return there
    with cache.building(key) as room:
        progress.step(LABEL, "packing for hosts")
        packed = room / "bundle.tar.gz"
        with place.open("rb") as file, decompressed(file, kind_of(file)) as plain:
            write_regzipped(packed, plain, _TOP)
        return cache.keep(key, _TOP, packed, compress=False)


def variables_of(manifest: Manifest, names: Sequence[str], root: str) -> dict[str, str]:
    """Give what go is told, so that it asks nobody but the bundle and believes nobody but the database."""
    database = manifest.database
    known = {} if database is None else {"sum.golang.org": "sum.golang.org"}
    gosumdb = "off" if database is None else known.get(parse_key(database.key).name, database.key)
    return {
        "GOPROXY": goproxy_of(names, root),
        "GONOPROXY": "none",
        "GONOSUMDB": manifest.private,
        "GOSUMDB": gosumdb,
    }


def apply_bundle(
    network: Network,
    name: str,
    shipment: Shipment,
    settings: Settings,
    progress: Progress,
    *,
    keep_env: bool,
    dry: bool,
) -> Applied:
    """Have bundles on a host: one question, and nothing more where they are there, whole, and go is led to them.

    Raises NoBundleUnpackerError, GoFileOffError, NoGoFileError, DamagedThereError, and what ``apply`` raises.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        return apply_over(host, shipment, settings, progress, keep_env=keep_env, dry=dry)


def apply_over(
    host: Transport, shipment: Shipment, settings: Settings, progress: Progress, *, keep_env: bool, dry: bool
) -> Applied:
    """Apply over an open transport. See apply_bundle."""
    facts = survey(settings.store), bundles(settings.store, shipment.names), home_files(None, settings.store)
    have, there, home = ask(host, *facts)
    pushes = _pushes(host.name, shipment, have, there)
    variables = variables_of(shipment.whole.manifest, shipment.names, have.root)
    edits = [] if keep_env else _edit(host.name, home, variables)
    changes = (*pushes, *edits, *plan_sweep(have))
    if not dry:
        if pushes:
            apply(host, pushes, have, progress)
            _check(host, shipment, there, have, progress)
        apply(host, [*edits, *plan_sweep(have)], have, progress)
    paths = tuple(path_of(one, have.root) for one in shipment.names)
    files = sum(len(one.manifest.files) for one in shipment.whole.seen)
    return Applied(paths, variables, changes, not keep_env, files)


def _pushes(name: str, shipment: Shipment, have: Survey, there: Bundles) -> list[Change]:
    """Plan what is missing, the oldest first, so that what is there is always of use."""
    found: list[Change] = []
    for one, artifact in reversed(list(zip(shipment.names, shipment.artifacts, strict=True))):
        planned = plan_standing(one, artifact, have, there)
        found += [change for change in planned if change not in found]
    if found and there.lacks:
        raise NoBundleUnpackerError(name, ", ".join(there.lacks))
    return found


def _edit(name: str, home: Home, variables: Mapping[str, str]) -> list[Change]:
    """Plan the edit of go's own file."""
    if home.goenv == OFF:
        raise GoFileOffError(name)
    if not is_plain_file(home.goenv):
        raise NoGoFileError(name, home.goenv)
    before = home.read(home.goenv)
    after = edited(before or b"", variables)
    if after == (before or b""):
        return []
    held = tuple((one.name, one.now, one.was) for one in told(before or b"", variables))
    return [change_of(splice(home.goenv, before, after), home, variables=held)]


def _check(host: Transport, shipment: Shipment, there: Bundles, have: Survey, progress: Progress) -> None:
    """Have the target hash what it has just unpacked, and compare with the manifests. Raises DamagedThereError."""
    progress.step(host.name, "hashing there")
    fresh = [one for one in shipment.whole.seen if not _is_whole(there, one.manifest.id)]
    facts = [bundle_content(path_of(one.manifest.id, have.root), have.digest) for one in fresh]
    for one, found in zip(fresh, inquire(host, facts, timeout_s=HASH_TIMEOUT_S), strict=True):
        if isinstance(found, Exception):
            raise found
        meant = {held.path: held.sha256 for held in one.manifest.files}
        wrong = sorted(path for path in meant | found if path != MANIFEST and meant.get(path) != found.get(path))
        if wrong:
            path = path_of(one.manifest.id, have.root)
            apply(host, [Change(f"remove {path}", (RemoveSdk(path),), undo=())], have, progress)
            raise DamagedThereError(host.name, path, ", ".join(wrong[:_NAMED]))


def _is_whole(there: Bundles, name: str) -> bool:
    found = there.find(name)
    return found is not None and not found.fault
