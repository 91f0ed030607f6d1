"""Whose our directory on a target is: what somebody else could have prepared is refused by every question."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.core.fact import Fact
from remotego.delve.records import sessions
from remotego.host.journal import journal
from remotego.host.root import UntrustedStoreError, guarded
from remotego.host.survey import survey
from remotego.ops.engine import UnansweredError, ask
from tests.ops.local_transport import LocalTransport

OTHER_UID = 65534
STORE = "~/our place"
FACTS: tuple[Callable[[str], Fact[Any]], ...] = (survey, journal, sessions)
DRWX = "drwx------ 2 1000 1000 40 Nov 23 09:30"


@pytest.fixture
def root(local: LocalTransport) -> Path:
    """Our directory with a dlv in its store, all in order."""
    root = local.home / "our place"
    for name in ("store", "journal", "sessions"):
        (root / name).mkdir(parents=True)
    (root / "store/dlv-aa").write_bytes(b"x")
    (root / "store/dlv-aa").chmod(0o700)
    return root


def refusal(local: LocalTransport, fact: Fact[Any]) -> UntrustedStoreError:
    """The error that a question ends with."""
    with pytest.raises(UntrustedStoreError) as caught:
        ask(local, fact)
    return caught.value


@pytest.mark.parametrize("fact", FACTS)
def test_directory_of_ours_is_trusted(local: LocalTransport, root: Path, fact: Callable[[str], Fact[Any]]) -> None:
    """What is ours alone can be asked about."""
    assert ask(local, fact(str(root))) == ask(local, fact(STORE))


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("place", [".", "store", "journal", "sessions", "store/dlv-aa"])
def test_foreign_owner_is_refused(
    local: LocalTransport, root: Path, place: str, fact: Callable[[str], Fact[Any]]
) -> None:
    """Somebody else's directory or file, wherever it is."""
    os.chown(root / place, OTHER_UID, OTHER_UID)
    error = refusal(local, fact(STORE))
    assert (str(root / place), True, 4) == (error.path, f"uid {OTHER_UID}" in error.cause, error.exit_code)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777, 0o2770])
@pytest.mark.parametrize("place", [".", "store", "journal", "sessions", "store/dlv-aa"])
def test_right_of_others_to_write_is_refused(local: LocalTransport, root: Path, place: str, mode: int) -> None:
    """Of the group or of all."""
    (root / place).chmod(mode)
    error = refusal(local, survey(STORE))
    assert (str(root / place), True) == (error.path, "written by others" in error.cause)


@pytest.mark.parametrize("place", [".", "store", "journal", "sessions", "store/dlv-aa"])
def test_link_is_refused(local: LocalTransport, root: Path, place: str) -> None:
    """Even one to something that is ours: whoever owns the link can turn it."""
    (root / place).rename(local.home / "elsewhere")
    (root / place).symlink_to(local.home / "elsewhere")
    assert "a link" in refusal(local, survey(STORE)).cause


def test_link_above_our_directory_is_fine(local: LocalTransport, root: Path) -> None:
    """Homes are often links."""
    (local.home / "way").symlink_to(local.home)
    store = f"{local.home}/way/our place"
    assert store == ask(local, survey(store)).root


def test_right_of_others_to_read_is_fine(local: LocalTransport, root: Path) -> None:
    """Reading changes nothing."""
    root.chmod(0o755)
    assert {"dlv-aa"} == {stored.name for stored in ask(local, survey(STORE)).stored}


def test_without_a_look_nothing_is_believed(root: Path) -> None:
    """Where ls is missing, a directory that is there is not taken for ours."""
    with pytest.raises(UnansweredError):
        ask(LocalTransport(root.parent, path="/nonexistent"), journal(STORE))


@pytest.mark.parametrize(
    "rows",
    [
        f"{DRWX} /r\n-rwx------ 1 1000 0 5 Nov 23 2025 /r/store/dlv-a\tb -> c",
        f"{DRWX.replace('------', '------+')} /r",
        f"{DRWX.replace('Nov 23 09:30', '2026-11-23 09:30')} /r",
        "",
    ],
)
def test_rows_of_ls_are_read(rows: str) -> None:
    """Marks of access lists, names and dates of any form."""
    assert ("/r", "text") == guarded("x", None, "", lambda *parts: parts).parse(f"1000 /r\n{rows}\n#guarded\ntext")


@given(
    st.text() | st.builds("{}\n{}\n#guarded\n{}".format, st.sampled_from(["0 /r", "x /r", "0 r"]), st.text(), st.text())
)
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form gives our directory and the rest, a ValueError or an error for the user."""
    try:
        root, _ = guarded("x", None, "", lambda *parts: parts).parse(text)
    except (ValueError, RemotegoError):
        return
    assert "/" == root[0]


def test_directory_that_somebody_makes_while_we_look_is_seen(local: LocalTransport) -> None:
    """Another controller's first push may come between our listing and the next look."""
    late = 'umask 077; ls() { command ls "$@"; mkdir -p "$root/store"; }\n'
    found = ask(local, replace(survey(STORE), script=late + survey(STORE).script))
    assert (f"{local.home / 'our place'}/journal" in found.missing, f"{local.home / 'our place'}" in found.missing) == (
        True,
        False,
    )
