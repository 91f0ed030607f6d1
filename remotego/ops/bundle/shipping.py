"""Shipping bundles: which may go to hosts, and packing them for machines that have no zstd."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from remotego.adapters.sealed import DamageError, Parts, write_gzipped
from remotego.bundle.claims import waivers
from remotego.bundle.layout import MANIFEST
from remotego.bundle.manifest import Held, Manifest, write_manifest
from remotego.core.artifact import Artifact
from remotego.core.errors import HostError, RefusedError, UsageError
from remotego.core.progress import Progress
from remotego.host.bundles.store import Cargo
from remotego.host.sdk.layout import LISTING
from remotego.ops.bundle.gather import LABEL
from remotego.ops.bundle.reading import Seen, TamperedBundleError, opened_bundle
from remotego.ops.bundle.verify import Trust, Whole

_TOP = "bundle"


@dataclass(eq=False)
class UnpackedBundleError(UsageError):
    """A directory where the file of a bundle is wanted."""

    bundle: str
    what = "{bundle} is a directory: hosts are sent the file that it was unpacked from"
    remedy = "name the .tar.zst"


@dataclass(eq=False)
class UnvouchedBundleError(RefusedError):
    """A bundle that hosts would believe without the checksum database, on nobody's word but its own."""

    bundle: str
    waived: str
    what = "{bundle} would have hosts do without the checksum database: {waived}"
    remedy = "have whoever made it tell you the digest that bundle.create printed, and give that: --digest sha256:..."


@dataclass(eq=False)
class NoRoomToPackError(HostError):
    """There is no place here to pack a bundle for hosts."""

    path: str
    reason: str
    what = "{path} cannot be written: {reason}"
    remedy = "make room, or say with TMPDIR where there is some"


@dataclass(eq=False, slots=True)
class Shipment:
    """Verified bundles on their way to hosts. Each is packed once, below ``room``, when the first host lacks it; where
    that is None, nothing is. Hosts may ask at the same time.
    """

    whole: Whole
    room: Path | None
    progress: Progress
    _packed: dict[str, Cargo] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called on targets, the newest first."""
        return tuple(one.manifest.id for one in self.whole.seen)

    def cargo(self, name: str) -> Cargo:
        """Give one of them packed. Raises TamperedBundleError, UnreadableBundleError, NoRoomToPackError."""
        with self._lock:
            if name not in self._packed:
                (one,) = (one for one in self.whole.seen if one.manifest.id == name)
                self._packed[name] = _unpacked(one) if self.room is None else self._pack(one, self.room)
            return self._packed[name]

    def _pack(self, one: Seen, room: Path) -> Cargo:
        self.progress.step(LABEL, "packing for hosts")
        packed, listing = room / f"{one.manifest.id}.tar.gz", _listing(one.manifest)
        with opened_bundle(one.place) as (parts, manifest):
            if manifest != one.manifest:
                raise TamperedBundleError(str(one.place), f"{MANIFEST}: it is another one than was verified")
            try:
                write_gzipped(packed, _files(parts, manifest, listing))
                with packed.open("rb") as file:
                    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise NoRoomToPackError(str(packed), error.strerror or str(error)) from error
        return Cargo(Artifact(_TOP, sha256, packed.stat().st_size, packed), hashlib.sha256(listing).hexdigest())


@contextmanager
def shipping(whole: Whole, trust: Trust, progress: Progress, *, dry: bool) -> Iterator[Shipment]:
    """Lend verified bundles for sending; what was packed goes away afterwards. A ``dry`` run packs nothing.

    Raises UnpackedBundleError, UnvouchedBundleError, NoRoomToPackError.
    """
    for one in whole.seen:
        if one.place.is_dir():
            raise UnpackedBundleError(str(one.place))
    if (waived := waivers(whole.manifest)) and not trust.digest:
        raise UnvouchedBundleError(str(whole.seen[0].place), "; ".join(waived))
    if dry:
        yield Shipment(whole, None, progress)
        return
    try:
        lent = tempfile.TemporaryDirectory(prefix="remotego-bundle-", ignore_cleanup_errors=True)
    except OSError as error:
        raise NoRoomToPackError(tempfile.gettempdir(), error.strerror or str(error)) from error
    with lent as room:
        yield Shipment(whole, Path(room), progress)


def _unpacked(one: Seen) -> Cargo:
    """Stand in for what would be packed: about as large."""
    size_bytes = one.place.stat().st_size
    return Cargo(Artifact(_TOP, one.manifest.digest.removeprefix("sha256:"), size_bytes, one.place), "")


def _listing(manifest: Manifest) -> bytes:
    """List all that will be in the directory, as ``sha256sum`` does, sorted by its bytes."""
    rows = {file.path: file.sha256 for file in manifest.files}
    rows[MANIFEST] = hashlib.sha256(write_manifest(manifest)).hexdigest()
    return "".join(sorted(f"{sha256}  ./{path}\n" for path, sha256 in rows.items())).encode()


def _files(parts: Parts, manifest: Manifest, listing: bytes) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    text = write_manifest(manifest)
    yield LISTING, len(listing), iter([listing])
    yield f"{_TOP}/{MANIFEST}", len(text), iter([text])
    for held in manifest.files:
        yield f"{_TOP}/{held.path}", held.size_bytes, _checked(parts, held)
    parts.end()


def _checked(parts: Parts, held: Held) -> Iterator[bytes]:
    """Read on with a file. It may have changed since it was verified: raises DamageError."""
    hashed = hashlib.sha256()
    for piece in parts.next(held.path, held.size_bytes):
        hashed.update(piece)
        yield piece
    if hashed.hexdigest() != held.sha256:
        raise DamageError(held.path, "its bytes are not those that the manifest names")
