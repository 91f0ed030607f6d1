"""Forgers who make manifests of their own, digests and all."""

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from remotego.bundle.bounds import excesses
from remotego.bundle.claims import misclaims
from remotego.bundle.layout import MANIFEST
from remotego.bundle.manifest import GO_SUM, NOBODY, Held, Manifest, Module, parse_manifest, write_manifest
from remotego.golang.modulezip import mod_h1
from remotego.golang.sdk import MODULE as TOOLCHAIN
from remotego.ops.bundle.create import Created
from remotego.ops.bundle.verify import OtherBundleError, Trust
from tests.bundle.forging import entry, packed, refused, repacked
from tests.bundle.site import OURS, PUBLIC, verified

H1 = f"h1:{'A' * 43}="


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
    assert [True] == [said in what for _, what in excesses(files)]


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
