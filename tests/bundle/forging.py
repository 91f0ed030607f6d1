"""Making bundles that are not as they were made."""

import io
import tarfile
from pathlib import Path

import pytest
import zstandard

from remotego.bundle.layout import MANIFEST
from remotego.bundle.manifest import Manifest, write_manifest
from remotego.core.errors import RemotegoError
from remotego.ops.bundle.reading import TamperedBundleError, UnreadableBundleError
from tests.bundle.site import verified


def refused(place: Path) -> str:
    """What is said of a bundle that must not pass."""
    with pytest.raises(RemotegoError) as caught:
        verified(place)
    assert isinstance(caught.value, TamperedBundleError | UnreadableBundleError), caught.value
    return str(caught.value)


def packed(data: bytes, folder: Path) -> Path:
    """Compress an archive anew."""
    place = folder / "tampered.tar.zst"
    place.write_bytes(zstandard.ZstdCompressor(1).compress(data))
    return place


def flipped(data: bytes, at: int, bit: int) -> bytes:
    """One bit of it the other way."""
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def entry(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """A file, a link or another thing in a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size, info.type, info.linkname = len(data), kind, link
        archive.addfile(info, io.BytesIO(data))
        return out.getvalue()[: archive.offset]


def repacked(tar: bytes, manifest: Manifest, changed: dict[str, bytes]) -> bytes:
    """A bundle as somebody would make it who can compute digests."""
    out = b""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        files = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]  # all are files
    files |= changed | {MANIFEST: write_manifest(manifest)}
    for name in (MANIFEST, *(held.path for held in manifest.files)):
        out += entry(name, files[name])
    return out + bytes(1024)
