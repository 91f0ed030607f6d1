"""What a target is like."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.host.root import BadStoreError
from remotego.host.survey import (
    STALE_MIN,
    ForeignSystemError,
    NoDigestError,
    NoHomeError,
    Stored,
    Survey,
    survey,
)
from remotego.ops.engine import ask
from tests.ops.local_transport import BUSYBOX, LocalTransport

GUARD = "1000 /h/r\n\n#guarded\n"
ANSWER = "system=Linux\nmachine=x86_64\nuid=1000\nhome=/h\ndigest=sha256sum\n"
LINES = st.sampled_from(
    [*ANSWER.splitlines(), "nohome=1", "missing=/h", "uid=x", "file=-rwx------ 1 0 0 12 a b", "file=", "="]
)


def test_new_home_lacks_everything(local: LocalTransport) -> None:
    """What has to be made is listed, outermost first."""
    home = str(local.home)
    root = f"{home}/.local/share/remotego"
    above = (f"{home}/.local", f"{home}/.local/share", root)
    below = {f"{root}/store", f"{root}/journal", f"{root}/sessions"}
    missing = ask(local, survey()).missing
    assert (above, below) == (missing[:3], set(missing[3:]))


def test_machine_is_told(local: LocalTransport) -> None:
    """Machine, user and tools are those of this machine."""
    have = ask(local, survey())
    expected = (os.uname().machine, os.getuid(), str(local.home), "sha256sum", True)
    assert expected == (have.machine, have.uid, have.home, have.digest, have.gzip)


def test_store_lists_programs_with_their_sizes(local: LocalTransport) -> None:
    """Only what can be executed counts; its size is told."""
    store = local.home / ".local/share/remotego/store"
    store.mkdir(parents=True)
    for name, size, mode in (("dlv-aa", 12, 0o700), ("dlv-bb", 5, 0o600), (".1-ab-0", 7, 0o700)):
        (store / name).write_bytes(b"x" * size)
        (store / name).chmod(mode)
    assert frozenset({Stored("dlv-aa", 12)}) == ask(local, survey()).stored


def test_stale_rooms_are_found_by_age(local: LocalTransport) -> None:
    """A room older than an hour was left behind; a younger one may be in use."""
    store = local.home / ".local/share/remotego/store"
    for name, age_min in ((".17-ab-0", STALE_MIN + 2), (".18-cd-0", STALE_MIN - 2)):
        (store / name).mkdir(parents=True)
        made = (store / name).stat().st_mtime - age_min * 60
        os.utime(store / name, (made, made))
    assert (str(store / ".17-ab-0"),) == ask(local, survey()).stale


def test_a_room_that_is_written_into_is_in_use(local: LocalTransport) -> None:
    """Something large comes over a slow line for hours: the room is as old, and what is in it is not."""
    room = local.home / ".local/share/remotego/bundles/.17-ab-0"
    (room / "arrived").mkdir(parents=True)
    (room / "arrived/part").write_text("so far")
    made = room.stat().st_mtime - 60 * (STALE_MIN + 2)
    for path in (room / "arrived", room):
        os.utime(path, (made, made))
    assert () == ask(local, survey()).stale


@pytest.mark.parametrize("name", ["a b", "it's", 'say "hi"', "$HOME", "`id`", "*", "ü 漢", "-n", "a;b", "\\n"])
def test_odd_names_stay_as_they_are(local: LocalTransport, name: str) -> None:
    """--store may hold what a shell would take apart."""
    store = f"{local.home}/{name}"
    have = ask(local, survey(store))
    assert (store, store) == (have.root, have.missing[0])


def test_store_below_home(local: LocalTransport) -> None:
    """~/ leads to the home of the login there."""
    assert f"{local.home}/x y" == ask(local, survey("~/x y/")).root


@pytest.mark.parametrize("store", ["", "x", "~", "~/", "/", "//", "~x/y", "/a\nb", "/a\x1b[2J", "/a\u202eb", "./x"])
def test_unusable_store_is_refused(store: str) -> None:
    """A relative path, the root, or control characters are refused before anything is asked."""
    with pytest.raises(BadStoreError):
        survey(store)


def test_relative_data_home_is_refused(tmp_path: Path) -> None:
    """XDG_DATA_HOME has to be absolute (XDG Base Directory, 0.8); the script ends all the same."""
    fact = survey()
    host = LocalTransport(tmp_path)
    relative = type(fact)(fact.name, f"XDG_DATA_HOME=data\n{fact.script}", fact.parse)
    with pytest.raises(BadStoreError):
        ask(host, relative)


def test_missing_home_is_named(tmp_path: Path) -> None:
    """Without a home there is no place for the store."""
    with pytest.raises(NoHomeError) as caught:
        ask(LocalTransport(tmp_path / "gone"), survey())
    assert str(tmp_path / "gone") == caught.value.home


def test_missing_home_does_not_matter_with_a_store(tmp_path: Path) -> None:
    """--store stands in for the home."""
    assert str(tmp_path / "s") == ask(LocalTransport(tmp_path / "gone"), survey(str(tmp_path / "s"))).root


def test_other_systems_are_refused() -> None:
    """A Mac is named as such."""
    with pytest.raises(ForeignSystemError) as caught:
        survey().parse(GUARD + ANSWER.replace("Linux", "Darwin"))
    assert "Darwin" == caught.value.system


def test_no_digest_is_refused(tmp_path: Path) -> None:
    """Without a tool to verify with, nothing is pushed."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("uname", "id", "ls", "sed", "find"):
        (tools / name).symlink_to(BUSYBOX)
    with pytest.raises(NoDigestError):
        ask(LocalTransport(tmp_path, path=str(tools)), survey())


@given(st.text() | st.lists(LINES | st.text(max_size=20), max_size=12).map("\n".join))
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form gives a Survey, a ValueError or an error for the user."""
    try:
        found = survey().parse(GUARD + text)
    except (ValueError, RemotegoError):
        return
    assert isinstance(found, Survey)
    assert found.root.startswith("/")
