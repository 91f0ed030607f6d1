"""Any byte of a bundle that is changed is found, and the file it is in is named."""

import io
import json
import os
import tarfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from remotego.bundle.layout import MANIFEST
from remotego.bundle.manifest import parse_manifest, write_manifest
from remotego.ops.bundle.create import Created
from remotego.ops.bundle.reading import TamperedBundleError, UnreadableBundleError
from tests.bundle.forging import entry, flipped, packed, refused, repacked
from tests.bundle.site import PUBLIC, plain, verified

MANY = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
FEW = hypothesis_settings(MANY, max_examples=25)


@MANY
@given(data=st.data())
def test_any_bit_of_any_file_is_missed(
    tar: bytes, places: list[tuple[str, int, int]], tmp_path: Path, data: st.DataObject
) -> None:
    """Each file is as likely, however small; the manifest is one of them."""
    name, begin, size = data.draw(st.sampled_from([one for one in places if one[2]]))
    at = begin + data.draw(st.integers(0, size - 1))
    said = refused(packed(flipped(tar, at, data.draw(st.integers(0, 7))), tmp_path))
    assert name in said


@FEW
@given(data=st.data())
def test_any_bit_between_the_files_is_missed(
    tar: bytes, places: list[tuple[str, int, int]], tmp_path: Path, data: st.DataObject
) -> None:
    """Headers, padding and the end: what tar would pass over, or take for a link or another owner."""
    held = [(begin, begin + size) for _, begin, size in places]
    gaps = [*zip([0, *(end for _, end in held)], [*(begin for begin, _ in held), len(tar)], strict=True)]
    low, high = data.draw(st.sampled_from([gap for gap in gaps if gap[0] < gap[1]]))
    at = data.draw(st.integers(low, high - 1))
    refused(packed(flipped(tar, at, data.draw(st.integers(0, 7))), tmp_path))


@FEW
@given(data=st.data())
def test_any_bit_of_the_compressed_file_is_missed_or_means_the_same(
    bundle: Created, tar: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """zstd has bits that say nothing; whatever passes unpacks to the very same bytes."""
    raw = bundle.path.read_bytes()
    place = tmp_path / "flipped.tar.zst"
    place.write_bytes(flipped(raw, data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))))
    try:
        verified(place)
    except (TamperedBundleError, UnreadableBundleError):
        return
    assert tar == plain(place)


@FEW
@given(length=st.integers(0, 400))
@example(length=0)
def test_cut_short(tar: bytes, tmp_path: Path, length: int) -> None:
    """Ended anywhere."""
    refused(packed(tar[: len(tar) * length // 401], tmp_path))


def test_something_behind_the_end(tar: bytes, tmp_path: Path) -> None:
    """Nothing is passed over."""
    assert "the end of the archive" in refused(packed(tar + bytes(512), tmp_path))


@pytest.mark.parametrize(
    "more", [bytes.fromhex("502a4d1804000000") + b"evil", zstandard.ZstdCompressor().compress(b""), b"\0"]
)
def test_something_behind_the_frame(bundle: Created, tmp_path: Path, more: bytes) -> None:
    """A skippable frame, an empty one, a byte: a decompressor may pass over them, and we do not."""
    place = tmp_path / "more.tar.zst"
    place.write_bytes(bundle.path.read_bytes() + more)
    assert f"{len(more)} bytes follow that are no part of it" in refused(place)


def test_a_bit_that_says_nothing(bundle: Created, tmp_path: Path) -> None:
    """The unused one in the frame's header."""
    place = tmp_path / "flipped.tar.zst"
    place.write_bytes(flipped(bundle.path.read_bytes(), 4, 4))
    assert "its first bytes are not as zstd writes them" in refused(place)


def test_a_file_that_was_cut_is_said_to_be(bundle: Created, tmp_path: Path) -> None:
    """That alone, and nothing that follows from it."""
    place = tmp_path / "cut.tar.zst"
    place.write_bytes(bundle.path.read_bytes()[:-1000])
    assert "the archive: it is cut short" == refused(place).splitlines()[1]


@pytest.mark.parametrize("kind", ["fifo", "directory"])
def test_what_could_never_be_a_bundle(tmp_path: Path, kind: str) -> None:
    """Nobody has tampered with it; a pipe is not waited for."""
    place = tmp_path / kind
    os.mkfifo(place) if kind == "fifo" else place.mkdir()
    with pytest.raises(UnreadableBundleError):
        verified(place)


def test_no_bundle_at_all(tmp_path: Path) -> None:
    """A file of something else."""
    place = tmp_path / "x.tar.zst"
    place.write_text("hello")
    assert MANIFEST in refused(place)


@pytest.mark.parametrize(
    "stranger",
    [
        entry("../../evil", b"x"),
        entry("cache/download/extra", b"x"),
        entry("cache/link", kind=tarfile.SYMTYPE, link="/etc/passwd"),
        entry("cache/device", kind=tarfile.CHRTYPE),
    ],
    ids=["above", "extra", "link", "device"],
)
def test_an_entry_more(tar: bytes, places: list[tuple[str, int, int]], tmp_path: Path, stranger: bytes) -> None:
    """Between two files, or in the place of one: nothing is unpacked that the manifest does not name."""
    at = places[1][1] - 512
    refused(packed(tar[:at] + stranger + tar[at:], tmp_path))


def test_a_bomb_is_not_unpacked(tar: bytes, places: list[tuple[str, int, int]], tmp_path: Path) -> None:
    """A file that claims to be huge is not the one that is expected."""
    name, begin, _ = places[1]
    huge = entry(name, bytes(1 << 20))[:512]
    refused(packed(tar[: begin - 512] + huge + bytes(64 << 20), tmp_path))


def test_an_honest_copy_passes(tar: bytes, bundle: Created, tmp_path: Path) -> None:
    """The forger's tools make what passes where nothing is forged: his failure is no fault of the tools."""
    place = packed(repacked(tar, bundle.manifest, {}), tmp_path)
    assert bundle.manifest.digest == verified(place).manifest.digest


@FEW
@given(data=st.data())
def test_manifests_are_read_back(bundle: Created, data: st.DataObject) -> None:
    """What is written is read, and any other byte is refused."""
    text = write_manifest(bundle.manifest)
    assert bundle.manifest == parse_manifest(text)
    at = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ValueError, match="it"):
        parse_manifest(
            text[:at] + bytes([data.draw(st.integers(0, 255).filter(lambda byte: byte != text[at]))]) + text[at + 1 :]
        )


def test_json_in_another_form_is_refused(bundle: Created) -> None:
    """The same meaning, written otherwise."""
    with pytest.raises(ValueError, match="it was changed"):
        parse_manifest(json.dumps(json.loads(write_manifest(bundle.manifest))).encode())


def test_an_unpacked_bundle_is_verified_too(tar: bytes, bundle: Created, tmp_path: Path) -> None:
    """A directory, with the note of whoever put it there."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        archive.extractall(tmp_path / "site", filter="data")
    (tmp_path / "site/.remotego-sdk").write_text("a note")
    assert bundle.manifest.digest == verified(tmp_path / "site").manifest.digest


@pytest.mark.parametrize("how", ["more", "less", "link", "changed"])
def test_an_unpacked_bundle_that_was_changed(tar: bytes, tmp_path: Path, how: str) -> None:
    """Something more, something less, a link to the same bytes elsewhere, one byte."""
    site = tmp_path / "site"
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        archive.extractall(site, filter="data")
    file = site / f"cache/download/{PUBLIC}/@v/v1.1.0.mod"
    match how:
        case "more":
            (site / "cache/download/more").write_text("x")
        case "less":
            file.unlink()
        case "link":
            file.rename(tmp_path / "elsewhere")
            file.symlink_to(tmp_path / "elsewhere")
        case _:
            file.write_bytes(flipped(file.read_bytes(), 3, 1))
    expected = "cache/download/more" if how == "more" else f"{PUBLIC}/@v/v1.1.0.mod"
    assert expected in refused(site)
