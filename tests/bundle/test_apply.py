"""Applying bundles over real shells of this machine: what is there afterwards, again, damaged, taken back."""

import os
import subprocess
from pathlib import Path

import pytest

from remotego.core.change import Change
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.host.bundles.layout import goproxy_of
from remotego.ops.bundle.apply import Applied, DamagedThereError, Shipment, UnpackedBundleError, apply_bundle, ship
from remotego.ops.bundle.create import Created
from remotego.ops.upkeep import undo
from tests.bundle.site import PRIVATE, PUBLIC, lay_out, offline_go, verified
from tests.host.programs import listing
from tests.ops.local_transport import LocalTransport
from tests.ops.rounds import Rounds
from tests.sdk.test_local import Here

SETTINGS = Settings()


@pytest.fixture(scope="module")
def shipment(bundle: Created, tmp_path_factory: pytest.TempPathFactory) -> Shipment:
    """The bundle, verified and packed for hosts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return ship(verified(bundle.path), Silence(), dry=False)


@pytest.fixture(params=["dash", "busybox"])
def local(request: pytest.FixtureRequest, tmp_path: Path, applets: str) -> LocalTransport:
    """This machine with an empty home: dash with GNU tools, busybox with its own."""
    home = tmp_path / "home"
    home.mkdir()
    return LocalTransport(home, request.param, applets if request.param == "busybox" else os.defpath)


def put(local: LocalTransport, shipment: Shipment, *, keep_env: bool = False, dry: bool = False) -> Applied:
    """Apply to this machine."""
    return apply_bundle(Here(local), "here", shipment, SETTINGS, Silence(), keep_env=keep_env, dry=dry)


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
    with pytest.raises(DamagedThereError, match=r"v1\.1\.0\.mod"):
        put(local, shipment)
    assert [] == list((local.home / ".local/share/remotego/bundles").iterdir())


def test_an_unpacked_bundle_is_no_file_to_send(tmp_path: Path, bundle: Created, shipment: Shipment) -> None:
    """A directory is verified, and not sent."""
    import tarfile

    assert shipment
    with tarfile.open(shipment.artifacts[0].path) as archive:
        archive.extractall(tmp_path, filter="data")
    with pytest.raises(UnpackedBundleError):
        ship(verified(tmp_path / "bundle"), Silence(), dry=False)


def test_goproxy_names_bundles_and_ends() -> None:
    """The newest first; blanks and the like as URLs have them."""
    expected = "file:///a%20b/bundles/2/cache/download,file:///a%20b/bundles/1/cache/download,off"
    assert expected == goproxy_of(("2", "1"), "/a b")
