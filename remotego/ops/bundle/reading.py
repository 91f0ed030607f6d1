"""Reading a bundle: its manifest, every file of it once, nothing unpacked to the disk."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from remotego.adapters.sealed import DamageError, Folder, Parts, opened_parts
from remotego.bundle.bounds import MANIFEST_BYTES
from remotego.bundle.layout import MANIFEST, zip_path
from remotego.bundle.manifest import Held, Manifest, Module, parse_manifest
from remotego.bundle.proof import Fault
from remotego.core.errors import BuildError, MissingError
from remotego.core.progress import Progress
from remotego.golang.modulezip import zip_h1

NOTES = frozenset((".remotego-sdk",))
"""Files that may lie beside a bundle that was unpacked: the note of who put it there."""

_SPOOL_BYTES = 32 << 20


@dataclass(eq=False)
class UnreadableBundleError(MissingError):
    """There is no bundle that could be read."""

    bundle: str
    reason: str
    what = "{bundle} cannot be read as a bundle: {reason}"
    remedy = "name a file or a directory that bundle.create or bundle.apply has made"


@dataclass(eq=False)
class TamperedBundleError(BuildError):
    """A bundle that is not as it was made; nothing of it is used."""

    bundle: str
    faults: str
    what = "SECURITY: {bundle} is not as it was made:\n{faults}"
    remedy = "do not use it: fetch it anew from whoever made it, and compare the digest that bundle.create has printed"


@dataclass(frozen=True, slots=True)
class Seen:
    """A bundle that was read: its small files, the hashes of the zips in it, and what is wrong with its bytes."""

    place: Path
    manifest: Manifest
    small: Mapping[str, bytes]
    zips: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _Reader:
    parts: Parts
    manifest: Manifest
    progress: Progress
    label: str
    small: dict[str, bytes] = field(default_factory=dict)
    zips: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def read(self) -> None:
        """Read all files in order; an archive that goes astray is not read on."""
        modules = {zip_path(one.path, one.version): one for one in self.manifest.modules if one.zip}
        done, total = 0, self.manifest.size_bytes
        try:
            for held in self.manifest.files:
                self._read_one(held, modules.get(held.path))
                done += held.size_bytes
                self.progress.sent(self.label, done, total)
            self.parts.end()
        except DamageError as error:
            self.faults.append(Fault(error.path, error.reason))

    def _read_one(self, held: Held, module: Module | None) -> None:
        hashed = hashlib.sha256()
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as copy:
            for piece in self.parts.next(held.path, held.size_bytes):
                hashed.update(piece)
                copy.write(piece)
            if hashed.hexdigest() != held.sha256:
                self.faults.append(Fault(held.path, "its bytes are not those that the manifest names"))
                return
            copy.seek(0)
            if module is None:
                self.small[held.path] = copy.read()
                return
            try:
                self.zips[held.path] = zip_h1(copy, module.path, module.version)
            except ValueError as error:
                self.faults.append(Fault(held.path, str(error)))


def read_bundle(place: Path, meant: Manifest, progress: Progress) -> Seen:
    """Read a bundle whole, whose manifest was read and judged before. What is wrong with single files is in ``faults``.

    Raises UnreadableBundleError, and TamperedBundleError where even the manifest does not hold.
    """
    progress.step(place.name, "reading")
    with opened_bundle(place) as (parts, manifest):
        if manifest != meant:
            raise TamperedBundleError(str(place), f"{MANIFEST}: it is another one than a moment ago")
        reader = _Reader(parts, manifest, progress, place.name)
        reader.read()
    return Seen(place, manifest, reader.small, reader.zips, tuple(reader.faults))


def read_manifest(place: Path) -> Manifest:
    """Read the manifest alone: nothing else is known of the bundle then. Raises what read_bundle raises."""
    with opened_bundle(place) as (_, manifest):
        return manifest


@contextmanager
def opened_bundle(place: Path) -> Iterator[tuple[Parts, Manifest]]:
    """Open a bundle behind its manifest. What is raised within is told as what read_bundle raises."""
    try:
        with opened_parts(place) as parts:
            if isinstance(parts, Folder):
                if not (place / MANIFEST).exists():
                    raise UnreadableBundleError(str(place), f"it is a directory without {MANIFEST}")
                parts = Folder(parts.root, NOTES)
            yield parts, parse_manifest(parts.first(MANIFEST, MANIFEST_BYTES))
    except OSError as error:
        raise UnreadableBundleError(str(place), error.strerror or str(error)) from error
    except DamageError as error:
        raise TamperedBundleError(str(place), str(error)) from error
    except ValueError as error:
        raise TamperedBundleError(str(place), f"{MANIFEST}: {error}") from error
