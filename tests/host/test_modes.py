"""Our directory closed to others and opened again, by real shells; what a journal may say of it."""

import hashlib
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.change import describe, parse_reversal, reversal_as_json
from remotego.core.errors import RemotegoError
from remotego.core.health import Place
from remotego.core.modechange import Recheck, RestoreMode, SetMode
from remotego.core.progress import Silence
from remotego.doctor.check import HostFix
from remotego.doctor.storage import judge_store
from remotego.host.condition import Condition, condition
from remotego.host.journal import Entry, ForeignPathError, check_undo, journal
from remotego.host.survey import survey
from remotego.ops.engine import apply, ask, inquire, undo
from tests.ops.local_transport import LocalTransport

ROOT = "/home/dev/.local/share/remotego"


def open_store(local: LocalTransport) -> Path:
    """A store that others may write, with a program that is what its name says and one that is not."""
    root = Path(ask(local, survey()).root)
    (root / "store").mkdir(parents=True)
    honest = b"#!/bin/sh\n"
    for content, name in ((honest, hashlib.sha256(honest).hexdigest()), (b"other", "0" * 64)):
        (root / "store" / f"dlv-{name}").write_bytes(content)
        (root / "store" / f"dlv-{name}").chmod(0o700)
    root.chmod(0o770)
    (root / "store").chmod(0o700)
    return root


def fix_of(found: Condition) -> HostFix:
    """What the finding about permissions offers."""
    (fix,) = [one.fix for one in judge_store(found) if one.check == "store-permissions"]
    assert isinstance(fix, HostFix)
    return fix


def mode(path: Path) -> int:
    """Permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_closed_and_what_lies_is_removed(local: LocalTransport) -> None:
    """Only then is the store believed again."""
    root = open_store(local)
    found = ask(local, condition())
    apply(local, fix_of(found).changes, found.survey, Silence())
    honest = hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    assert (0o750, [f"dlv-{honest}"]) == (mode(root), [one.name for one in (root / "store").iterdir()])
    assert isinstance(ask(local, survey()).root, str)


def test_undo_opens_it_again(local: LocalTransport) -> None:
    """As it was, with nothing of ours left in it but what was there."""
    root = open_store(local)
    found = ask(local, condition())
    apply(local, fix_of(found).changes, found.survey, Silence())
    undo(local, ask(local, journal()), ask(local, survey()))
    assert (0o770, ["store"]) == (mode(root), [one.name for one in root.iterdir()])


def test_what_belongs_to_others_is_not_touched(local: LocalTransport) -> None:
    """A link may lead anywhere."""
    root = open_store(local)
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir(mode=0o777)
    elsewhere.chmod(0o777)
    (root / "journal").symlink_to(elsewhere)
    found = ask(local, condition())
    rows = [Place(f"{root}/journal", 0o777)]
    fixed = fix_of(_with(found, rows))
    with pytest.raises(RemotegoError):
        apply(local, fixed.changes, found.survey, Silence())
    assert 0o777 == mode(elsewhere)


def _with(found: Condition, rows: list[Place]) -> Condition:
    from dataclasses import replace

    return replace(found, rows=tuple(rows))


def test_a_question_without_an_answer_does_not_spoil_the_others(local: LocalTransport) -> None:
    """The store is not trusted, and that is one answer of two."""
    open_store(local)
    first, second = inquire(local, [survey(), condition()], timeout_s=60)
    assert (True, True) == (isinstance(first, RemotegoError), isinstance(second, Condition))


@given(st.builds(RestoreMode, st.text(), st.integers(0, 0o777)))
def test_a_reversal_survives_the_journal(act: RestoreMode) -> None:
    """As plain data and back."""
    assert act == parse_reversal(reversal_as_json(act))


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}/store", f"{ROOT}/journal", f"{ROOT}/store/dlv-1"])
def test_our_own_may_be_opened_again(path: str) -> None:
    """By a journal that is trusted."""
    check_undo([Entry("1-a-0.json", "me", "x", (RestoreMode(path, 0o770),))], ROOT)


@pytest.mark.parametrize(
    ("path", "bits"),
    [
        ("/etc/shadow", 0o666),
        (f"{ROOT}/../x", 0o777),
        (f"{ROOT}/store/a/b", 0o777),
        (ROOT, 0o4755),
        (ROOT, -1),
        ("", 0),
    ],
)
def test_nothing_else_may_be(path: str, bits: int) -> None:
    """Whoever wrote that entry."""
    with pytest.raises(ForeignPathError):
        check_undo([Entry("1-a-0.json", "me", "x", (RestoreMode(path, bits),))], ROOT)


def test_actions_are_told_in_words() -> None:
    """For a plan."""
    told = [describe(act) for act in (SetMode("/s", 0o700), Recheck("/s/store"), RestoreMode("/s", 0o770))]
    assert ["give /s the mode 0700", True, "give /s the mode 0770 back"] == [told[0], "hash" in told[1], told[2]]


def test_links_of_a_dotfiles_manager_are_followed(local: LocalTransport) -> None:
    """What a link leads to counts: every link itself looks as if all might write it."""
    home = Path(ask(local, condition()).home)
    (home / "dots").mkdir(mode=0o700)
    (home / ".ssh").symlink_to("dots")
    (found,) = ask(local, condition()).ssh_files
    assert (0o700, True) == (found.mode, found.mine)


def test_a_link_in_the_place_of_our_directory_is_nobodys(local: LocalTransport) -> None:
    """It may lead anywhere, and is not opened or closed."""
    root = Path(ask(local, condition()).root)
    root.parent.mkdir(parents=True)
    (root.parent / "x").mkdir()
    root.symlink_to("x")
    found = next(one for one in judge_store(ask(local, condition())) if one.check == "store-permissions")
    assert ("failure", None) == (found.verdict, found.fix)
