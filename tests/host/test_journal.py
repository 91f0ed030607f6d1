"""The journal on a target."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.change import Change, RemoveDir, RemoveFile
from remotego.core.errors import RemotegoError
from remotego.host.journal import BadJournalError, Entry, journal, write_entry
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

NAME = "1795421058-e044486efc4c-1.json"
CHANGES = st.builds(
    Change,
    st.text(),
    st.just(()),
    st.lists(st.builds(RemoveFile, st.text()) | st.builds(RemoveDir, st.text()), max_size=4).map(tuple),
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
    (entry,) = journal().parse(f"{NAME}\t{write_entry(change, 'me@here')}\n")
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
        journal().parse(f"{NAME}\t{newer}\n")
    assert "newer remotego" in caught.value.advice


@given(st.text() | st.text().map(lambda text: f"{NAME}\t{text}"))
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form gives entries, a ValueError or an error for the user."""
    try:
        found = journal().parse(text)
    except (ValueError, RemotegoError):
        return
    assert all(isinstance(entry, Entry) for entry in found)
