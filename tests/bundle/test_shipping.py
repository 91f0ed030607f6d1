"""Which bundles may go to hosts, and what is packed for that."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from remotego.core.progress import Silence
from remotego.ops.bundle.create import Created
from remotego.ops.bundle.reading import TamperedBundleError
from remotego.ops.bundle.shipping import Shipment, UnpackedBundleError, UnvouchedBundleError, shipping
from remotego.ops.bundle.verify import Whole
from tests.bundle.hosts import put, shipped
from tests.bundle.site import TOOL_WORD, TRUST, bundled, online, plain, unpacked, verified
from tests.golang.checksums import Server
from tests.host.programs import listing
from tests.ops.local_transport import LocalTransport


def test_an_unpacked_bundle_is_no_file_to_send(tmp_path: Path, bundle: Created) -> None:
    """A directory is verified, and not sent."""
    unpacked(bundle.path, tmp_path / "site")
    with pytest.raises(UnpackedBundleError), shipped(tmp_path / "site"):
        pass


def refused(whole: Whole, said: str) -> None:
    """Such a bundle is not shipped by who names no digest."""
    with pytest.raises(UnvouchedBundleError, match=said), shipping(whole, TRUST, Silence(), dry=True):
        pass


def test_what_the_database_does_not_vouch_for_wants_the_digest(bundle: Created) -> None:
    """Here private modules: hosts would be told not to ask about them, on the bundle's own word."""
    expected = r"for corp\.example\.com \(GONOSUMDB\); for corp\.example\.com/private@v1\.0\.0, which it has not"
    refused(verified(bundle.path), expected)


def test_a_bundle_without_a_database_wants_the_digest(bundle: Created) -> None:
    """Whoever takes the database out of a manifest would have hosts told GOSUMDB=off."""
    without = replace(bundle.manifest, database=None)
    seen = replace(verified(bundle.path).seen[0], manifest=without)
    refused(Whole((seen,), {}), "GOSUMDB=off")


def test_what_the_database_vouches_for_wants_none(server: Server, tmp_path: Path) -> None:
    """The tool alone, on a machine without private modules."""
    with online(server, tmp_path) as patch:
        patch.setenv("GONOSUMDB", "")
        made = bundled(tmp_path / "tool.tar.zst", tmp_path, tools=(TOOL_WORD,))
    with shipping(verified(made.path), TRUST, Silence(), dry=True) as shipment:
        assert (made.manifest.id,) == shipment.names


def test_what_is_packed_for_hosts_does_not_stay(bundle: Created, local: LocalTransport) -> None:
    """It is not needed any more; the bundle is."""
    with shipped(bundle.path) as lent:
        put(local, lent)
        packed = lent.cargo(bundle.manifest.id).artifact.path
        assert packed.is_file()
    assert not packed.exists()


def test_nothing_is_packed_for_hosts_that_have_it(bundle: Created, local: LocalTransport, shipment: Shipment) -> None:
    """A second run reads the bundle, and that is all."""
    put(local, shipment)
    with shipped(bundle.path) as lent:
        put(local, lent)
        assert lent.room is not None
        assert [] == list(lent.room.iterdir())


def test_a_bundle_that_changes_after_it_was_verified(bundle: Created, tmp_path: Path, local: LocalTransport) -> None:
    """Another one has come to its place: it is not sent."""
    place = tmp_path / "site.tar.zst"
    shutil.copyfile(bundle.path, place)
    with shipped(place) as lent:
        tar = bytearray(plain(place))
        tar[tar.index(b"require")] ^= 1
        place.write_bytes(zstandard.ZstdCompressor().compress(bytes(tar)))
        with pytest.raises(TamperedBundleError):
            put(local, lent)
    assert {} == listing(local.home)
