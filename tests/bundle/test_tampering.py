"""Any byte of a bundle that is changed is found, and the file it is in is named."""

import hashlib
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from remotego.bundle.bounds import excesses
from remotego.bundle.claims import misclaims
from remotego.bundle.layout import MANIFEST
from remotego.bundle.manifest import GO_SUM, NOBODY, Held, Manifest, Module, parse_manifest, write_manifest
from remotego.core.errors import RemotegoError
from remotego.golang.modulezip import mod_h1
from remotego.golang.sdk import MODULE as TOOLCHAIN
from remotego.ops.bundle.create import Created
from remotego.ops.bundle.reading import TamperedBundleError, UnreadableBundleError
from remotego.ops.bundle.verify import OtherBundleError, Trust
from tests.bundle.site import OURS, PUBLIC, verified
from tests.bundle.test_create import plain

H1 = f"h1:{'A' * 43}="
MANY = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
FEW = hypothesis_settings(MANY, max_examples=25)


@pytest.fixture(scope="module")
def tar(bundle: Created) -> bytes:
    """The archive, decompressed."""
    return plain(bundle.path)


@pytest.fixture(scope="module")
def places(tar: bytes) -> list[tuple[str, int, int]]:
    """Each file of it: its name, where its bytes begin, and how many there are."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return [(one.name, one.offset_data, one.size) for one in archive]


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


def test_no_bundle_at_all(tmp_path: Path) -> None:
    """A file of something else."""
    place = tmp_path / "x.tar.zst"
    place.write_text("hello")
    assert MANIFEST in refused(place)


def entry(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """A file, a link or another thing in a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size, info.type, info.linkname = len(data), kind, link
        archive.addfile(info, io.BytesIO(data))
        return out.getvalue()[: archive.offset]


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


def repacked(tar: bytes, manifest: Manifest, changed: dict[str, bytes]) -> bytes:
    """A bundle as somebody would make it who can compute digests."""
    out = b""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        files = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
    files |= changed | {MANIFEST: write_manifest(manifest)}
    for name in (MANIFEST, *(held.path for held in manifest.files)):
        out += entry(name, files[name])
    return out + bytes(1024)


def test_a_forger_who_makes_the_digests_anew_is_caught_by_the_signature(tar: bytes, tmp_path: Path) -> None:
    """Another go.mod, its hash in the manifest, all consistent; the database has signed another one."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        file = archive.extractfile(MANIFEST)
        assert file is not None
        manifest = parse_manifest(file.read())
    path = f"cache/download/{PUBLIC}/@v/v1.1.0.mod"
    evil = b"module example.com/public\n\nrequire evil.example.com v1.0.0\n"
    modules = [replace(one, mod=mod_h1(evil)) if one.path == PUBLIC else one for one in manifest.modules]
    held = [
        replace(one, sha256=hashlib.sha256(evil).hexdigest(), size_bytes=len(evil)) if one.path == path else one
        for one in manifest.files
    ]
    forged = replace(manifest, modules=tuple(modules), files=tuple(held))
    said = refused(packed(repacked(tar, forged, {path: evil}), tmp_path))
    assert "the database has signed" in said


def forged(tar: bytes, manifest: Manifest, tmp_path: Path) -> str:
    """What is said of the very files with another manifest, whose digest is its own."""
    return refused(packed(repacked(tar, manifest, {}), tmp_path))


def test_a_forger_who_would_have_hosts_ask_no_database(tar: bytes, bundle: Created, tmp_path: Path) -> None:
    """GONOSUMDB=* in the manifest: hosts would be told so, and believe anything from then on."""
    assert "without asking the database" in forged(tar, replace(bundle.manifest, private="*"), tmp_path)


@pytest.mark.parametrize("private", ["x.com\nGOFLAGS=-toolexec=/e", "x.com\r", "x.com,", "a b", "x.com,[", "\x00"])
def test_a_forger_who_would_write_into_go_s_file(tar: bytes, bundle: Created, tmp_path: Path, private: str) -> None:
    """What hosts are told of private modules is patterns and nothing else, so no line of another setting."""
    assert "no patterns of private modules" in forged(tar, replace(bundle.manifest, private=private), tmp_path)


def test_a_forger_who_vouches_for_an_sdk_himself(tar: bytes, bundle: Created, tmp_path: Path) -> None:
    """Of SDKs only the database's word counts."""
    sdk = Module(TOOLCHAIN, "v0.0.1-go1.26.6.linux-amd64", H1, H1, info=False, vouched=GO_SUM)
    manifest = replace(bundle.manifest, modules=(*bundle.manifest.modules, sdk))
    assert "go takes no such SDK" in forged(tar, manifest, tmp_path)


def test_an_sdk_that_the_user_has_pinned_needs_no_database(bundle: Created) -> None:
    """By the hash of its zip."""
    sdk = Module(TOOLCHAIN, "v0.0.1-go1.26.6.linux-amd64", H1, H1, info=False, vouched=NOBODY)
    manifest = replace(bundle.manifest, modules=(sdk,), files=())
    assert [] == list(misclaims(manifest, OURS.key, frozenset((H1,))))


def only_claims(manifest: Manifest, tmp_path: Path) -> Path:
    """A bundle that ends behind its manifest: whoever reads on finds it cut short."""
    return packed(entry(MANIFEST, write_manifest(manifest)), tmp_path)


def test_what_claims_to_be_huge_is_not_read(bundle: Created, tmp_path: Path) -> None:
    """It is refused by its name before its first byte."""
    first, *rest = bundle.manifest.files
    manifest = replace(bundle.manifest, files=(replace(first, size_bytes=1 << 50), *rest))
    assert f"{first.path}: it claims {1 << 50} bytes" in refused(only_claims(manifest, tmp_path))


@pytest.mark.parametrize(
    ("number", "size_bytes", "said"),
    [(200, 500 << 20, "bytes, and a bundle"), (600, 1_000_000, "bytes that are in no zip"), (500_001, 0, "files")],
)
def test_many_that_are_huge_together(number: int, size_bytes: int, said: str) -> None:
    """Each of them may be."""
    ending = "zip" if size_bytes > 1_000_000 else "info"
    files = [Held(f"cache/download/a.com/x/@v/v1.0.{at}.{ending}", "0" * 64, size_bytes) for at in range(number)]
    assert [said in what for _, what in excesses(files)] == [True]


def test_a_stray_is_seen_before_anything_is_read(bundle: Created, tmp_path: Path) -> None:
    """By the manifest alone."""
    stray = Held("cache/download/evil", "0" * 64, 1 << 50)
    manifest = replace(bundle.manifest, files=(*bundle.manifest.files, stray))
    assert "cache/download/evil: no module that the manifest names" in refused(only_claims(manifest, tmp_path))


def test_another_digest_is_seen_before_anything_is_read(bundle: Created, tmp_path: Path) -> None:
    """Whoever knows what was meant reads nothing of another one."""
    place = only_claims(replace(bundle.manifest, workspace=("evil.com/x",)), tmp_path)
    with pytest.raises(OtherBundleError):
        verified(place, trust=Trust(OURS.vkey, bundle.manifest.digest))


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
