"""Creating bundles with a real go, a real module proxy and a real checksum database."""

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from remotego.bundle.manifest import DATABASE, GO_SUM
from remotego.core.progress import Silence
from remotego.golang.sumdb.database import parse_gosumdb
from remotego.ops.bundle.create import BundleUnwritableError, Created, MismatchedSumError, NothingSeenError, create
from remotego.ops.bundle.gather import Wish
from remotego.ops.bundle.standing import BundleThereError
from remotego.ops.bundle.verify import EarlierBundleNeededError, OtherBundleError, Trust, UntrustedDatabaseError
from remotego.ops.sdk.supply import SumdbSettingError
from tests.bundle.site import (
    LATER,
    MIXED,
    OURS,
    PRIVATE,
    PUBLIC,
    TOKEN,
    TOOL,
    TOOL_WORD,
    bundled,
    lay_out,
    online,
    plain,
    publish_all,
    settings,
    verified,
)
from tests.bundle.test_vendor import SEVERAL
from tests.golang.checksums import Server, Servers, signer
from tests.host.programs import listing


def names(place: Path) -> set[str]:
    """What is in it."""
    with tarfile.open(fileobj=io.BytesIO(plain(place))) as tar:
        return set(tar.getnames())


def test_everything_that_is_needed_is_there(bundle: Created) -> None:
    """What the workspace and the tool require, with who vouches for each."""
    expected = {
        (PUBLIC, "v1.1.0", DATABASE),
        (MIXED, "v1.0.0", DATABASE),
        (TOOL, "v0.1.0", DATABASE),
        (PRIVATE, "v1.0.0", GO_SUM),
    }
    assert expected == {(one.path, one.version, one.vouched) for one in bundle.manifest.modules}


def test_it_is_whole(bundle: Created) -> None:
    """What was made is verified by one who knows only the key of the database."""
    whole = verified(bundle.path)
    assert (bundle.manifest.digest, 3, 1) == (whole.manifest.digest, whole.vouched[DATABASE], whole.vouched[GO_SUM])


def test_all_records_come_with_one_signed_tree(bundle: Created) -> None:
    """So that a client may ask in any order."""
    seen = verified(bundle.path).seen[0]
    heads = {data.partition(b"\n\n")[2] for path, data in seen.small.items() if "/lookup/" in path}
    assert {seen.small["cache/download/sumdb/sums.example.com/latest"]} == heads


ALONE = {"go.mod": "module example.com/alone\n\ngo 1.24\n", "main.go": "package main\n\nfunc main() {}\n"}


def test_a_module_that_needs_nothing(server: Server, tmp_path: Path) -> None:
    """No record is wanted: the database is on all the same, by the tree that it names, and stays so the next time."""
    folder = lay_out(tmp_path / "alone", ALONE)
    with online(server, tmp_path):
        made = bundled(tmp_path / "alone.tar.zst", folder)
        server.lookup("example.com/filler", "v9.5.0")
        again = bundled(made.path, folder)
    base = verified(made.path).manifest.database
    assert (True, (), True) == (base is not None, made.manifest.modules, again.was_there)


def test_a_module_that_needs_nothing_where_there_is_no_database(server: Server, tmp_path: Path) -> None:
    """Nobody passes the database's answers on: the bundle says that it has none."""
    folder = lay_out(tmp_path / "alone", ALONE)
    with online(server, tmp_path) as patch:
        (tmp_path / "empty").mkdir()
        patch.setenv("GOPROXY", f"file://{tmp_path}/empty")
        made = bundled(tmp_path / "alone.tar.zst", folder)
    assert verified(made.path).manifest.database is None


def test_again_is_nothing_to_do(server: Server, workspace: Path, bundle: Created, tmp_path: Path) -> None:
    """The same bundle is there already, though the database has signed larger trees since."""
    server.lookup("example.com/filler", "v9.3.0")
    before = bundle.path.read_bytes()
    with online(server, tmp_path):
        again = bundled(bundle.path, workspace, tools=(TOOL_WORD,))
    assert (True, bundle.manifest.digest, before) == (again.was_there, again.manifest.digest, bundle.path.read_bytes())


def test_a_module_cache_that_claims_to_pass_the_database_on_is_not_asked(
    server: Server, workspace: Path, bundle: Created, tmp_path: Path
) -> None:
    """Somebody has served it as a proxy: go would ask nobody else for records, and it has only what go left there."""
    with online(server, tmp_path):
        claim = tmp_path / "modcache" / "cache" / "download" / "sumdb" / OURS.vkey.partition("+")[0] / "supported"
        claim.parent.mkdir(parents=True)
        claim.touch()
        made = bundled(tmp_path / "again.tar.zst", workspace, tools=(TOOL_WORD,))
    assert bundle.manifest.modules == made.manifest.modules


def test_an_update_again_is_nothing_to_do(server: Server, workspace: Path, bundle: Created, tmp_path: Path) -> None:
    """One that carries the proof that its tree continues the earlier one's keeps it too."""
    texts = {path.name: path.read_text() for path in workspace.iterdir()}
    folder = lay_out(tmp_path / "svc", texts | {"go.mod": texts["go.mod"] + f"\nrequire {LATER} v1.0.0\n"})
    with online(server, tmp_path):
        first = bundled(tmp_path / "update.tar.zst", folder, bundle.path)
        server.lookup("example.com/filler", "v9.4.0")
        again = bundled(first.path, folder, bundle.path)
    assert (True, first.manifest) == (again.was_there, again.manifest)


def test_the_same_gives_the_same_bytes(checksum_servers: Servers, workspace: Path, tmp_path: Path) -> None:
    """From a fresh cache, at another time, in another place; of a database to which nobody adds anything meanwhile."""
    publish_all(tmp_path / "proxy")
    made = []
    with checksum_servers.start(tmp_path / "proxy", OURS) as alone:
        for name in ("one", "other"):
            with online(alone, tmp_path / name):
                made.append(bundled(tmp_path / f"{name}.tar.zst", workspace, tools=(TOOL_WORD,)).path.read_bytes())
    assert made[0] == made[1]


@contextmanager
def offline_developer(server: Server, room: Path) -> Iterator[None]:
    """A developer's machine that can fetch nothing."""
    with online(server, room) as patch:
        patch.setenv("GOPROXY", "off")
        yield


@pytest.mark.parametrize(
    ("tools", "said"), [((), "its tools are example.com/tool@v0.1.0"), (("example.com/tool@v0.2.0",), "its tools are")]
)
def test_another_bundle_is_not_written_over(
    server: Server, workspace: Path, bundle: Created, tmp_path: Path, tools: tuple[str, ...], said: str
) -> None:
    """Nobody loses what he may still need; and that is seen before anything is fetched."""
    before = bundle.path.read_bytes()
    with offline_developer(server, tmp_path), pytest.raises(BundleThereError, match=said):
        bundled(bundle.path, workspace, tools=tools)
    assert before == bundle.path.read_bytes()


def test_what_is_no_bundle_is_not_written_over(server: Server, workspace: Path, tmp_path: Path) -> None:
    """Seen before anything is fetched, too."""
    place = tmp_path / "notes.txt"
    place.write_text("mine\n")
    with offline_developer(server, tmp_path), pytest.raises(BundleThereError):
        bundled(place, workspace)
    assert "mine\n" == place.read_text()


def test_a_directory_that_is_not_there(server: Server, workspace: Path, tmp_path: Path) -> None:
    """Where the bundle would go: seen before anything is fetched."""
    with offline_developer(server, tmp_path), pytest.raises(BundleUnwritableError, match="its directory is not there"):
        bundled(tmp_path / "none/site.tar.zst", workspace)


def test_what_has_come_otherwise_is_named(server: Server, workspace: Path, bundle: Created, tmp_path: Path) -> None:
    """A requirement that is only in go.mod is seen once go has looked."""
    texts = {path.name: path.read_text() for path in workspace.iterdir()}
    folder = lay_out(tmp_path / "svc", texts | {"go.mod": texts["go.mod"] + f"\nrequire {LATER} v1.0.0\n"})
    with online(server, tmp_path), pytest.raises(BundleThereError, match=f"it lacks {LATER}@v1.0.0"):
        bundled(bundle.path, folder, tools=(TOOL_WORD,))


def test_no_secret_and_no_place_of_this_machine_is_in_it(server: Server, workspace: Path, bundle: Created) -> None:
    """The proxy tells in .info from where it cloned, token and all."""
    found = plain(bundle.path)
    secrets = (TOKEN, "ann:", server.url, str(workspace), str(bundle.path.parent))
    assert [] == [secret for secret in secrets if secret.encode() in found]


def test_the_workspace_stays_as_it_is(server: Server, tmp_path: Path) -> None:
    """go works on a copy of go.mod; a go.sum that is missing is not made."""
    folder = lay_out(tmp_path / "svc")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with online(server, tmp_path):
        bundled(tmp_path / "x.tar.zst", folder)
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_go_sum_that_contradicts_the_database_ends_it(server: Server, workspace: Path, tmp_path: Path) -> None:
    """The database is asked for all, whatever a go.sum says."""
    texts = {path.name: path.read_text() for path in workspace.iterdir()}
    lines = texts["go.sum"].splitlines()
    evil = f"{PUBLIC} v1.1.0 h1:{'A' * 43}="
    wrong = [evil if line.startswith(f"{PUBLIC} v1.1.0 ") else line for line in lines]
    folder = lay_out(tmp_path / "svc", texts | {"go.sum": "\n".join(wrong) + "\n"})
    with online(server, tmp_path), pytest.raises(MismatchedSumError, match=r"v1\.1\.0 is h1"):
        bundled(tmp_path / "x.tar.zst", folder)


def test_a_workspace_of_several_modules_with_replacements(server: Server, tmp_path: Path) -> None:
    """go.work, a module replaced by a directory, another by a module, and one that only the go.work can build."""
    files = {
        "go.work": "go 1.24\n\nuse ./a\nuse ./b\n\nreplace example.com/a v0.0.0 => ./a\n",
        "a/go.mod": f"module example.com/a\n\ngo 1.24\n\nrequire (\n\texample.com/lib v0.0.0\n\t{PUBLIC} v1.0.0\n)\n"
        f"replace example.com/lib => ../lib\n\nreplace {PUBLIC} => {LATER} v1.1.0\n",
        "b/go.mod": f"module example.com/b\n\ngo 1.24\n\nrequire example.com/a v0.0.0\n\nrequire {MIXED} v1.1.0\n",
        "lib/go.mod": "module example.com/lib\n\ngo 1.24\n",
    }
    folder = lay_out(tmp_path / "work", files)
    with online(server, tmp_path):
        made = bundled(tmp_path / "work.tar.zst", folder / "a")
    expected = {(LATER, "v1.1.0"), (MIXED, "v1.1.0")}
    held = {(one.path, one.version) for one in made.manifest.modules if one.zip}
    assert (True, True) == (expected <= held, made.notes[0].startswith("b can be built in the go.work only"))


def test_a_work_file_that_gowork_names_counts(server: Server, tmp_path: Path) -> None:
    """As for go itself; what go would note beside it, it notes in a copy."""
    folder = lay_out(tmp_path / "work", SEVERAL)
    before = listing(folder)
    with online(server, tmp_path) as patch:
        patch.setenv("GOWORK", str(folder / "team.work"))
        made = bundled(tmp_path / "work.tar.zst", folder / "a")
    held = {one.name for one in made.manifest.modules if one.zip}
    expected = (("example.com/a", "example.com/b"), {f"{PUBLIC}@v1.0.0", f"{MIXED}@v1.1.0"}, before)
    assert expected == (made.manifest.workspace, held, listing(folder))


def test_an_update_holds_only_what_is_new(server: Server, workspace: Path, bundle: Created, tmp_path: Path) -> None:
    """One more requirement: its files, the lists, and the database's answers for all."""
    texts = {path.name: path.read_text() for path in workspace.iterdir()}
    texts["go.mod"] += f"\nrequire {LATER} v1.0.0\n"
    folder = lay_out(tmp_path / "svc", texts)
    server.lookup("example.com/filler", "v9.0.0")  # the tree grows meanwhile
    with online(server, tmp_path):
        update = bundled(tmp_path / "update.tar.zst", folder, bundle.path, tools=(TOOL_WORD,))
    zips = {name for name in names(update.path) if name.endswith(".zip")}
    whole = verified(update.path, bundle.path)
    assert ({"cache/download/example.com/later/@v/v1.0.0.zip"}, len(bundle.manifest.modules) + 1) == (
        zips,
        len(whole.manifest.modules),
    )


def test_an_update_alone_is_not_enough(server: Server, workspace: Path, bundle: Created, tmp_path: Path) -> None:
    """What is in the earlier bundle is not taken on trust."""
    with online(server, tmp_path):
        update = bundled(tmp_path / "update.tar.zst", workspace, bundle.path)
    with pytest.raises(EarlierBundleNeededError, match=bundle.manifest.digest):
        verified(update.path)


def test_another_database_is_not_trusted(bundle: Created) -> None:
    """Who made a bundle does not say whom to trust."""
    with pytest.raises(UntrustedDatabaseError, match="this machine trusts sum"):
        verified(bundle.path, trust=Trust())


def test_another_key_of_the_same_name_is_not_trusted(bundle: Created) -> None:
    """A name is no key."""
    with pytest.raises(UntrustedDatabaseError):
        verified(bundle.path, trust=Trust(signer(seed=8).vkey))


def test_another_digest_is_refused(bundle: Created) -> None:
    """A whole bundle, and not the one that was meant."""
    with pytest.raises(OtherBundleError):
        verified(bundle.path, trust=Trust(OURS.vkey, f"sha256:{'0' * 64}"))


def test_the_manifest_names_the_key(bundle: Created) -> None:
    """As GOSUMDB takes it."""
    assert bundle.manifest.database is not None
    database = parse_gosumdb(bundle.manifest.database.key)
    assert database is not None
    assert OURS.key == database.key


def test_the_manifest_fits_its_schema(bundle: Created) -> None:
    """It is plain JSON that others may read."""
    from jsonschema import validate

    from remotego.adapters.files import schema

    with tarfile.open(fileobj=io.BytesIO(plain(bundle.path))) as tar:
        file = tar.extractfile("remotego-bundle.json")
        assert file is not None
        validate(json.load(file), schema("bundle"))


def test_what_is_no_signed_tree_was_not_seen(server: Server, workspace: Path, tmp_path: Path) -> None:
    """The file is named, and not the proxies."""
    wish = Wish((), ("none",), (), (str(workspace / "go.mod"),))
    with online(server, tmp_path), pytest.raises(NothingSeenError, match=r"go\.mod cannot be used: it is no tree"):
        create(wish, tmp_path / "x.tar.zst", (), settings(workspace), Silence())


def test_a_setting_that_names_no_database(bundle: Created) -> None:
    """It is the setting that is wrong, and not the bundle."""
    with pytest.raises(SumdbSettingError):
        verified(bundle.path, trust=Trust("xx"))
