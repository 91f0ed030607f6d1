"""Sessions as they are found on a target."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.errors import RemotegoError
from remotego.delve.ending import Ended
from remotego.delve.records import BadRecordError, Ending, Record, Sessions, sessions
from remotego.ops.engine import ask
from tests.ops.local_transport import LocalTransport

RECORD = {
    "id": "1f0c2a9d",
    "directory": "/r/sessions/1f0c2a9d",
    "pid": 20,
    "start": 200,
    "process": "svc",
    "by": "me@here",
    "dlv": [30, 300],
    "keeper": [40, 400],
    "since": 900,
}
NOTE = {
    "id": "1f0c2a9d",
    "process": "svc",
    "by": "me@here",
    "pid": 20,
    "end": {"event": "ended", "outcome": "clean", "why": "silent", "text": "same", "at": 990},
}
GUARD = "1000 /r\n\n#guarded\n"
LINES = st.sampled_from(
    [
        "now 1000",
        "now x",
        f"session 0a\t{json.dumps(RECORD)}",
        "session 0a\t",
        "session 0a\t{",
        f"ending 0a.ended\t{json.dumps(NOTE)}",
        "ending 0a.ended\t{}",
        "stat 1 (a) S",
        "stat",
    ]
)


def stat(pid: int, start: int, state: str = "S", name: str = "x") -> str:
    """A process as the question prints it (proc(5), /proc/pid/stat)."""
    return f"stat {pid} ({name}) {state} " + "0 " * 18 + str(start)


def found(*processes: str, **changed: object) -> Record:
    """The session as it is read when these processes live."""
    line = f"session 1f0c2a9d\t{json.dumps(RECORD | changed)}"
    (record,) = sessions().parse(GUARD + "\n".join(["now 1000", line, *processes])).records
    return record


@pytest.mark.parametrize(
    ("processes", "state"),
    [
        ((stat(20, 200), stat(30, 300), stat(40, 400)), "held"),
        ((stat(20, 200), stat(30, 300)), "orphaned"),
        ((stat(20, 200),), "dead"),
        ((), "dead"),
        ((stat(30, 300), stat(40, 401)), "orphaned"),
        ((stat(30, 301), stat(40, 401)), "dead"),
        ((stat(30, 300, "Z"), stat(40, 400, "Z")), "dead"),
        ((stat(40, 400, name="a) S (b"),), "held"),
    ],
)
def test_state_is_told_from_who_lives(processes: tuple[str, ...], state: str) -> None:
    """A keeper holds, dlv alone is an orphan; pids that were taken over by others do not count."""
    assert state == found(*processes).state


@pytest.mark.parametrize(("state", "paused"), [("S", False), ("R", False), ("t", True), ("T", True)])
def test_process_that_stands_still_is_paused(state: str, paused: bool) -> None:
    """The kernel's letters t and T."""
    assert paused == found(stat(20, 200, state)).paused


@pytest.mark.parametrize(
    ("told", "state"),
    [({"holders": 1}, "held"), ({"holders": 0}, "waiting"), ({"holders": 0, "keep": True}, "kept"), ({}, "held")],
)
def test_state_is_told_from_who_holds_it(told: dict[str, object], state: str) -> None:
    """A guard writes down how many controllers it has."""
    assert state == found(stat(40, 400), **told).state


def test_note_of_an_end_is_read() -> None:
    """Why a session ended when nobody heard it, and how long ago."""
    (ending,) = sessions().parse(f"{GUARD}now 1000\nending 1f0c2a9d.ended\t{json.dumps(NOTE)}").endings
    assert (10, Ended("clean", "", "silent", "same")) == (ending.now - ending.at, ending.ended)


def test_times_are_those_of_the_target() -> None:
    """Its own clock says how old a session is."""
    record = found()
    assert 100 == record.now - record.since


def test_texts_are_harmless() -> None:
    """A name in a record does not command the terminal."""
    assert "svc" == found(process="\x1b[31msvc").process


@pytest.mark.parametrize("changed", [{"dlv": [1]}, {"dlv": None}, {"pid": "x"}, {"since": []}, {"keeper": "ab"}])
def test_record_that_makes_no_sense_is_named(changed: dict[str, object]) -> None:
    """It is not guessed at."""
    with pytest.raises(BadRecordError):
        found(**changed)


@pytest.mark.parametrize("text", ["{", "[]", "[" * 5000, "null", "1"])
def test_record_that_is_none_is_named(text: str) -> None:
    """Nor is other JSON, or none."""
    with pytest.raises(BadRecordError):
        sessions().parse(f"{GUARD}now 1\nsession 0a\t{text}")


def test_directory_without_a_record_is_dead(local: LocalTransport) -> None:
    """A keeper that was killed at once leaves one."""
    folder = local.home / "s p/sessions/0badf00d"
    folder.mkdir(parents=True)
    (record,) = ask(local, sessions("~/s p")).records
    assert ("0badf00d", str(folder), "dead", 0) == (record.id, record.directory, record.state, record.pid)


def test_record_does_not_say_where_its_session_is() -> None:
    """The place of the file does."""
    assert "/r/sessions/1f0c2a9d" == found(directory="/etc").directory


@pytest.mark.parametrize("name", ["..", "a/b", "x", "", "1f 0c"])
def test_odd_name_of_a_session_is_refused(name: str) -> None:
    """Names of sessions are hexadecimal, whatever else lies there."""
    with pytest.raises(BadRecordError):
        sessions().parse(f"{GUARD}now 1000\nsession {name}\t{json.dumps(RECORD)}")


def test_link_is_no_session(local: LocalTransport) -> None:
    """A link would lead the end of a session elsewhere."""
    folder = local.home / "s/sessions"
    folder.mkdir(parents=True)
    (folder / "0badf00d").symlink_to(local.home)
    assert Sessions() == ask(local, sessions("~/s"))


def test_no_sessions(local: LocalTransport) -> None:
    """A target never touched has none."""
    assert Sessions() == ask(local, sessions())


@given(st.text() | st.lists(LINES | st.text(max_size=20), max_size=6).map("\n".join))
def test_any_answer_is_read_or_refused(text: str) -> None:
    """An answer of any form gives sessions, a ValueError or an error for the user."""
    try:
        found = sessions().parse(GUARD + text)
    except (ValueError, RemotegoError):
        return
    assert all(isinstance(record, Record) for record in found.records)
    assert all(isinstance(ending, Ending) for ending in found.endings)
