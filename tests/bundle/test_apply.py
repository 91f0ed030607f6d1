"""Applying bundles over real shells of this machine: what is there afterwards, again, damaged, taken back."""

import shutil
import subprocess
from pathlib import Path

import pytest

from remotego.bundle.layout import MANIFEST
from remotego.cli.bundling import view_applied
from remotego.core.change import Change
from remotego.core.progress import Silence
from remotego.host.bundles.layout import goproxy_of
from remotego.host.faults import UnexplainedError
from remotego.host.sdk.faults import ChangedContentError
from remotego.ops.bundle.apply import apply_bundle
from remotego.ops.bundle.create import Created
from remotego.ops.bundle.shipping import Shipment
from remotego.ops.fleet import each
from remotego.ops.upkeep import undo
from tests.bundle.hosts import SETTINGS, put, shipped
from tests.bundle.site import (
    LATER,
    PRIVATE,
    PUBLIC,
    bundled,
    lay_out,
    offline_go,
    online,
)
from tests.golang.checksums import Server
from tests.host.programs import listing
from tests.ops.local_transport import LocalTransport
from tests.ops.rounds import Rounds
from tests.sdk.test_local import Here


def go_file(local: LocalTransport) -> Path:
    """The file of ``go env -w``."""
    return local.home / ".config/go/env"


def reasons(changes: tuple[Change, ...]) -> list[str]:
    """Why something was changed."""
    return [change.reason for change in changes]


def test_go_works_from_it_there(local: LocalTransport, shipment: Shipment, workspace: Path, tmp_path: Path) -> None:
    """The directory as the host has it, and the values as its go reads them."""
    done = put(local, shipment)
    folder = lay_out(tmp_path / "svc", {path.name: path.read_text() for path in workspace.iterdir()})
    variables = dict(line.split("=", 1) for line in go_file(local).read_text().splitlines())
    assert done.variables == variables
    ran = offline_go("run", ".", cwd=folder, room=tmp_path, goproxy=variables["GOPROXY"])
    assert f"{PUBLIC} {PRIVATE}\n" == ran.stdout, ran.stderr
    installed = offline_go(
        "install", "example.com/tool@v0.1.0", cwd=folder, room=tmp_path, goproxy=variables["GOPROXY"]
    )
    assert 0 == installed.returncode, installed.stderr


def test_the_database_stays_on(local: LocalTransport, shipment: Shipment) -> None:
    """GOSUMDB names the key, private modules are excepted, and a lone file:// is not what go gets."""
    variables = put(local, shipment).variables
    expected = (True, "none", "corp.example.com", True)
    found = (
        variables["GOPROXY"].endswith("/cache/download,off"),
        variables["GONOPROXY"],
        variables["GONOSUMDB"],
        variables["GOSUMDB"].startswith("sums.example.com+"),
    )
    assert expected == found


def test_again_is_nothing_to_do_in_one_round(local: LocalTransport, shipment: Shipment) -> None:
    """One question, and the answer is that all is there."""
    put(local, shipment)
    rounds = Rounds(Here(local))
    again = apply_bundle(rounds, "here", shipment, SETTINGS, Silence(), keep_env=False, dry=False)
    assert ((), 1) == (again.changes, rounds.take())


def test_dry_changes_nothing(local: LocalTransport, shipment: Shipment) -> None:
    """The plan names both steps."""
    planned = put(local, shipment, dry=True)
    name = shipment.names[0]
    assert ({}, True, True) == (
        listing(local.home),
        any(f"have the bundle {name}" in reason for reason in reasons(planned.changes)),
        any("go/env" in reason for reason in reasons(planned.changes)),
    )


def test_go_s_own_file_is_left_alone_if_asked(local: LocalTransport, shipment: Shipment) -> None:
    """A profile says it then."""
    done = put(local, shipment, keep_env=True)
    assert (False, False) == (done.written, go_file(local).exists())


def test_undo_takes_all_of_it_back(local: LocalTransport, shipment: Shipment) -> None:
    """A line of the user's own stays as it was."""
    go_file(local).parent.mkdir(parents=True)
    go_file(local).write_text("GOFLAGS=-mod=readonly\nGOPROXY=https://proxy.example.com\n")
    before = listing(local.home)
    put(local, shipment)
    undo(Here(local), "here", SETTINGS, Silence(), dry=False)
    assert before == listing(local.home)


def test_what_is_damaged_there_gives_way(local: LocalTransport, shipment: Shipment) -> None:
    """Somebody has written into it; the next run sees that and puts it there anew."""
    place = Path(put(local, shipment).paths[0])
    before = listing(place)
    file = place / f"cache/download/{PUBLIC}/@v/v1.1.0.mod"
    file.chmod(0o644)
    file.write_text("evil\n")
    put(local, shipment)
    assert before == listing(place)


def test_nobody_may_write_into_it(local: LocalTransport, shipment: Shipment) -> None:
    """No file and no directory of it, by mode."""
    place = Path(put(local, shipment).paths[0])
    assert [] == [path for path in (place, *place.rglob("*")) if path.stat().st_mode & 0o222]


def test_bytes_that_change_on_the_way_are_found_there(
    local: LocalTransport, shipment: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's tar gives other bytes than were sent, as many: nothing of it stays, for nobody would notice later."""
    folder = local.home.parent / "bad"
    folder.mkdir()
    real = subprocess.run(["which", "tar"], capture_output=True, text=True, check=True).stdout.strip()
    text = (
        f'#!/bin/sh\n{real} "$@" || exit 1\n[ "$1" != -xf ] || echo x >> "$(find "$4" -name v1.1.0.mod | head -n 1)"\n'
    )
    (folder / "tar").write_text(text)
    (folder / "tar").chmod(0o755)
    monkeypatch.setattr(local, "_path", f"{folder}:{local._path}")
    with pytest.raises(ChangedContentError, match=r"v1\.1\.0\.mod"):
        put(local, shipment)
    assert {} == listing(local.home)


@pytest.mark.parametrize("local", ["dash"], indirect=True)
def test_an_update_stands_beside_the_earlier_bundle(
    local: LocalTransport, server: Server, workspace: Path, bundle: Created, shipment: Shipment, tmp_path: Path
) -> None:
    """Only what is missing is sent, and go is led to both, the newest first."""
    texts = {path.name: path.read_text() for path in workspace.iterdir()}
    texts["go.mod"] += f"\nrequire {LATER} v1.1.0\n"
    with online(server, tmp_path):
        update = bundled(tmp_path / "update.tar.zst", lay_out(tmp_path / "svc", texts), bundle.path)
    put(local, shipment)
    with shipped(update.path, bundle.path) as both:
        done = put(local, both)
    sent = [reason for reason in reasons(done.changes) if "bundle" in reason]
    root = f"file://{local.home}/.local/share/remotego/bundles"
    goproxy = f"{root}/{update.manifest.id}/cache/download,{root}/{bundle.manifest.id}/cache/download,off"
    assert (1, goproxy) == (len(sent), done.variables["GOPROXY"])
    fetched = offline_go(
        "mod", "download", f"{LATER}@v1.1.0", f"{PUBLIC}@v1.1.0", cwd=tmp_path, room=tmp_path, goproxy=goproxy
    )
    assert 0 == fetched.returncode, fetched.stderr


@pytest.mark.parametrize("local", ["dash"], indirect=True)
def test_several_hosts_at_once(bundle: Created, local: LocalTransport, tmp_path: Path) -> None:
    """Each gets it whole, and it is packed once for all of them."""
    homes = {name: tmp_path / name for name in ("one", "two", "three")}
    for home in homes.values():
        home.mkdir()
    with shipped(bundle.path) as lent:
        outcomes = each(tuple(homes), lambda name: put(LocalTransport(homes[name]), lent), parallel=3)
        assert lent.room is not None
        assert [None, None, None, 1] == [*(one.error for one in outcomes), len(list(lent.room.iterdir()))]
    place = f".local/share/remotego/bundles/{bundle.manifest.id}"
    trees = [listing(home / place) for home in homes.values()]
    assert (True, trees[0], trees[0]) == (MANIFEST in trees[0], *trees[1:])


def test_whoever_is_killed_before_the_host_has_hashed_it_leaves_nothing_that_counts(
    local: LocalTransport, shipment: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is lost while the host hashes what it has unpacked: the next run puts it there anew."""
    folder = local.home.parent / "deadly"
    folder.mkdir()
    real = shutil.which("sha256sum")
    text = f'#!/bin/sh\n[ $# = 0 ] || kill -9 -$(cut -d " " -f 5 /proc/self/stat)\nexec {real}\n'
    (folder / "sha256sum").write_text(text)
    (folder / "sha256sum").chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setattr(local, "_path", f"{folder}:{local._path}")
        with pytest.raises(UnexplainedError):
            put(local, shipment)
    place = local.home / ".local/share/remotego/bundles" / shipment.names[0]
    assert (False, True) == (place.exists(), bool(put(local, shipment).changes))
    assert place.is_dir()


def test_a_host_that_does_not_tell_of_its_shells_gets_it_all_the_same(
    local: LocalTransport, shipment: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What hides the bundle there is good to know, and no more."""
    folder = local.home.parent / "dumb"
    folder.mkdir()
    (folder / "id").write_text("#!/bin/sh\n[ $# = 1 ] && [ $1 = -un ] && kill -9 $PPID\nexec /usr/bin/id $*\n")
    (folder / "id").chmod(0o755)
    monkeypatch.setattr(local, "_path", f"{folder}:{local._path}")
    done = put(local, shipment)
    assert (True, True) == (Path(done.paths[0]).is_dir(), "contexts" in done.unseen)


def test_an_export_that_hides_the_bundle_is_named(local: LocalTransport, shipment: Shipment) -> None:
    """The environment comes before go's own file: what was written there does not count, now and later."""
    (local.home / ".profile").write_text("export GOPROXY=https://proxy.example.com\n")
    views = [view_applied(put(local, shipment), dry=False) for _ in range(2)]
    found = [(view.status, *(one["name"] for one in view.document["hidden"])) for view in views]
    assert [("installed, contexts differ", "GOPROXY"), ("differs", "GOPROXY")] == found
    assert ["GOPROXY in login", True] == [views[0].notes[0][:16], "take that out" in views[0].notes[0]]


def test_goproxy_names_bundles_and_ends() -> None:
    """The newest first; blanks and the like as URLs have them."""
    expected = "file:///a%20b/bundles/2/cache/download,file:///a%20b/bundles/1/cache/download,off"
    assert expected == goproxy_of(("2", "1"), "/a b")


def test_undo_finds_what_a_link_led_to(local: LocalTransport, shipment: Shipment) -> None:
    """The link may be gone or lead elsewhere by then: the plan names the file that is changed, and that is put back."""
    other = go_file(local).parent.parent / "other.env"
    go_file(local).parent.mkdir(parents=True)
    other.write_text("GOPROXY=https://proxy.example.com\n")
    go_file(local).symlink_to("../other.env")
    assert f"edit {other}" in reasons(put(local, shipment).changes)
    go_file(local).unlink()
    undo(Here(local), "here", SETTINGS, Silence(), dry=False)
    assert "GOPROXY=https://proxy.example.com\n" == other.read_text()
