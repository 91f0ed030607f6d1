"""The journal on a target."""

import json
import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.change import (
    Change,
    RemoveDir,
    RemoveFile,
    RemovePrivileged,
    RestoreFile,
    RestoreGoEnv,
    RestoreProfile,
    RestoreScope,
    RestoreSettings,
    Reversal,
    UndoAs,
    describe,
)
from remotego.core.errors import RemotegoError
from remotego.host.journal import BadJournalError, Entry, ForeignPathError, check_undo, journal, write_entry
from remotego.host.ptrace import CANDIDATES, PERSISTENT
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

GUARD = "1000 /h/r\n\n#guarded\n"
NAME = "1795421058-e044486efc4c-1.json"
TOOLS = st.lists(st.tuples(st.text(), st.text(), st.none() | st.text()), max_size=2).map(tuple)
CHANGES = st.builds(
    Change,
    st.text(),
    st.just(()),
    st.lists(
        st.builds(RemoveFile, st.text())
        | st.builds(RemoveDir, st.text())
        | st.builds(RemovePrivileged, st.text())
        | st.builds(RestoreScope, st.text(), st.integers(0, 9))
        | st.builds(RestoreFile, st.text(), st.text(), st.text(), st.integers(0, 9))
        | st.builds(RestoreSettings, st.text(), st.text(), st.text(), st.integers(0, 9), TOOLS)
        | st.builds(RestoreGoEnv, st.text(), st.text(), st.text(), st.integers(0, 9), TOOLS)
        | st.builds(
            RestoreProfile, *[st.text()] * 3, st.integers(0, 9), TOOLS, st.text(), st.lists(st.text()).map(tuple)
        )
        | st.builds(UndoAs, st.text(), st.none() | st.text()),
        max_size=4,
    ).map(tuple),
)


def put(local: LocalTransport, **files: str) -> None:
    """Write files into the journal."""
    folder = local.home / ".local/share/remotego/journal"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)


@given(CHANGES)
def test_entry_is_one_line(change: Change) -> None:
    """Whatever a change says, its entry is a single line of ASCII."""
    line = write_entry(change, "me@here")
    assert ("ascii", 1) == ("ascii" if line.isascii() else "other", len(line.splitlines()))


@given(CHANGES)
def test_entry_is_read_back(change: Change) -> None:
    """The reversals that come back are those that were written."""
    (entry,) = journal().parse(f"{GUARD}{NAME}\t{write_entry(change, 'me@here')}\n")
    assert (NAME, change.undo) == (entry.name, entry.undo)


def test_entries_come_oldest_first(local: LocalTransport) -> None:
    """Names begin with the target's clock."""
    line = write_entry(Change("x", (), (RemoveFile("/x"),)), "me@here")
    put(local, **{"20-ab-0.json": line, "10-ff-0.json": line, "20-aa-0.json": line})
    assert ["10-ff-0.json", "20-aa-0.json", "20-ab-0.json"] == [entry.name for entry in ask(local, journal())]


def test_no_journal_is_empty(local: LocalTransport) -> None:
    """A target never touched has no entries."""
    assert () == ask(local, journal())


def test_entry_under_way_is_not_read(local: LocalTransport) -> None:
    """Before its rename an entry does not exist."""
    put(local, **{".10-ff-0": "{"})
    assert () == ask(local, journal())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 5000, '{"by": "x"}', '{"by": 1, "reason": "x", "undo": []}']
)
def test_damaged_entry_is_named(local: LocalTransport, text: str) -> None:
    """An entry that cannot be read stops the undo and says which it is."""
    put(local, **{NAME: text, "9999999999-ab-0.json": write_entry(Change("x", (), ()), "me")})
    with pytest.raises(BadJournalError) as caught:
        ask(local, journal())
    assert NAME == caught.value.entry


@pytest.mark.parametrize("name", ["notes.json", "1-ab-0;x.json", "1-ab-.json"])
def test_foreign_file_is_named(local: LocalTransport, name: str) -> None:
    """A file that is none of our entries is not guessed at."""
    put(local, **{name: write_entry(Change("x", (), ()), "me")})
    with pytest.raises(BadJournalError) as caught:
        ask(local, journal())
    assert name == caught.value.entry


def test_entry_of_a_newer_version_is_not_skipped() -> None:
    """A reversal this version does not know is an error with a remedy."""
    newer = json.dumps({"by": "me", "reason": "x", "undo": [{"kind": "RestoreSysctl", "path": "/x"}]})
    with pytest.raises(BadJournalError) as caught:
        journal().parse(f"{GUARD}{NAME}\t{newer}\n")
    assert "newer remotego" in caught.value.advice


@given(st.text() | st.text().map(lambda text: f"{NAME}\t{text}"))
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form gives entries, a ValueError or an error for the user."""
    try:
        found = journal().parse(GUARD + text)
    except (ValueError, RemotegoError):
        return
    assert all(isinstance(entry, Entry) for entry in found)


SESSION = "0f1e2d3c"
SHA = "0f" * 32
OURS: tuple[Reversal, ...] = (
    RestoreFile("/home/ann/.bashrc", SHA, SHA, 0),
    RestoreFile("/h/.config/remotego/env.sh", "", SHA, 2),
    RestoreSettings("/h/.vscode-server/data/Machine/settings.json", "", SHA, 3, (("go", "/opt/go/bin/go", None),)),
    RestoreGoEnv("/elsewhere/go.env", "", SHA, 1, (("GOFLAGS", "-v", None),)),
    RestoreProfile("/elsewhere/go.env", "", SHA, 1, (("GOFLAGS", "-v", None),), "mixed", ("GOPROXY",)),
    RemoveFile("/h/r/store/dlv-aa"),
    *(RemovePrivileged(f"{place}/{SESSION}") for place in CANDIDATES),
    RemovePrivileged(PERSISTENT),
    *(RestoreScope(SESSION, level) for level in (0, 1, 2)),
    *(UndoAs("svc", store) for store in (None, "/var/tmp/remotego-1002", "/h/r-1002")),
    *map(RemoveDir, ("/h/r/store", "/h/r/journal", "/h/r/sessions", "/h/r", "/h")),
)
FOREIGN_TO_ROOT = (
    *("", "/", "/etc/sysctl.d/10-ptrace.conf", f"{PERSISTENT}.new", f"{PERSISTENT}/", f"/etc/{SESSION}"),
    *(
        f"{CANDIDATES[0]}{tail}"
        for tail in ("", "/", "/..", f"/{SESSION}/dlv", f"/{SESSION}/..", "/x y", f"-/{SESSION}")
    ),
    *(f"{CANDIDATES[0]}/{name}" for name in ("0F1E2D3C", "0f1e2d3", "0f1e2d3c\n", ".", "0" * 33, ".made-by-remotego")),
)
PATHS = st.lists(st.sampled_from(["", "h", "r", "store", "journal", ".", "..", "dlv-aa", "etc"]), max_size=6).map(
    "/".join
)


def entry(*undo: Reversal) -> Entry:
    """An entry that takes these back."""
    return Entry(NAME, "me@here", "x", undo)


def test_what_we_make_may_be_undone() -> None:
    """All that planners write."""
    assert check_undo([entry(*OURS)], "/h/r") is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    "act",
    [
        *map(RemoveFile, ("/etc/passwd", "/h/r/store/../x", "/h/r/store/..", "/h/r/store/a/b", "/h/r/store", "x", "")),
        *map(RemoveDir, ("/etc", "/h/r/a/b", "/h/r/..", "/h/r/", "/h/rr", "/h/./", "", "h")),
        *map(RemovePrivileged, FOREIGN_TO_ROOT),
        *(
            RestoreFile(path, SHA, SHA, 0)
            for path in ("/etc/passwd", "/home/ann/.bashrc/x", ".bashrc", "/home/../etc/.profile", "/h//.profile", "")
        ),
        *(RestoreGoEnv(path, SHA, SHA, 0, ()) for path in ("", "env", "/h/../env", "/h//env", "/h/./env", "/h/e\nv")),
        RestoreProfile("/h/../env", SHA, SHA, 0, (), "mixed", ()),
        *(RestoreGoEnv("/h/go/env", SHA, now, made, ()) for now, made in ((SHA, 3), (SHA, -1), ("", 0))),
        *(RestoreFile("/h/.profile", SHA, now, 0) for now in ("", "x", f"{SHA}\n")),
        *(RestoreFile("/h/.profile", was, SHA, 0) for was in ("x", f"{SHA}0")),
        *(RestoreFile("/h/.profile", SHA, SHA, made) for made in (-1, 5)),
        *(RestoreScope(SESSION, level) for level in (-1, 3, 4)),
        *(RestoreScope(session, 1) for session in ("", "../x", "0f1e2d3", "$(reboot)", f"{SESSION} 1")),
        *(UndoAs(user, None) for user in ("", "-u", "svc root", "a;b", "#", "$(id)")),
        *(
            UndoAs("svc", store)
            for store in ("/", "/home/svc", "/h/r", "/h/r-1/..", "/var/tmp/remotego-", "~/x", "-1", "/h/r-1/x")
        ),
    ],
)
def test_foreign_path_is_not_undone(act: Reversal) -> None:
    """One such path stops everything, and is named."""
    with pytest.raises(ForeignPathError) as caught:
        check_undo([entry(*OURS), entry(act)], "/h/r")
    assert describe(act) == caught.value.act


@given(PATHS | PATHS.map(lambda path: f"/h/r/{path}"))
def test_only_plain_names_in_the_store_are_removed(path: str) -> None:
    """Whatever a file is called, it is accepted only where no name leads out of the store."""
    try:
        check_undo([entry(RemoveFile(path))], "/h/r")
    except ForeignPathError:
        return
    assert ("/h/r/store", True) == (path.rpartition("/")[0], path == posixpath.normpath(path))


@given(PATHS | PATHS.map(lambda path: f"/h/r/{path}"))
def test_only_directories_on_the_way_are_removed(path: str) -> None:
    """Our directory, what is right below it and what is above it."""
    try:
        check_undo([entry(RemoveDir(path))], "/h/r")
    except ForeignPathError:
        return
    assert (True, True) == (
        path == posixpath.normpath(path),
        path in ("/h", "/h/r") or path.rpartition("/")[0] == "/h/r",
    )
