"""What a guard is ordered and what it says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.delve.ending import BAD, GOOD, Ended, UncleanEndError, check_end
from remotego.delve.guard import (
    Event,
    Gone,
    Other,
    Paused,
    Printed,
    Released,
    Resumed,
    Up,
    parse_event,
    write_order,
    write_takeover,
)
from remotego.delve.records import Record
from remotego.delve.refusal import attach_refused
from remotego.delve.session import Plan, Terms
from tests.host.test_selection import svc

KINDS = st.sampled_from(["up", "paused", "resumed", "released", "gone", "ended", "pong", "clients"])
WORDS = st.sampled_from(["event", "dlv", "socket", "before", "age_s", "clients", "why", "what", "outcome", "text"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.none(), max_size=1)
LINES = st.builds(lambda kind, rest: json.dumps(rest | {"event": kind}).encode(), KINDS, st.dictionaries(WORDS, VALUES))


def said(kind: str, **fields: object) -> bytes:
    """A line of a guard."""
    return json.dumps({"event": kind, **fields}).encode()


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (said("up", dlv=12, socket="/r/s x/session.sock", before=2), Up(12, "/r/s x/session.sock", 2)),
        (said("paused", age_s=5.2, clients=1), Paused(5.2, 1)),
        (said("resumed"), Resumed()),
        (said("released", why="nobody is connected", breakpoints=2), Released("nobody is connected", 2)),
        (said("output", stream="stdout", data="x\n"), Printed("stdout", "x\n")),
        (said("output", stream="stdout", lost=7), Printed("stdout", "", 7)),
        (said("gone", what="process"), Gone("process")),
        (said("clients", clients=1), Other("clients")),
        (said("ended", outcome="clean", why="end", text="same", at=1), Ended("clean", "", "end", "same")),
        (said("ended", outcome="failed", detail="could not\x1b[31m"), Ended("failed", "could not")),
    ],
)
def test_event(line: bytes, event: Event) -> None:
    """Each word a guard says."""
    assert event == parse_event(line)


@given(st.binary() | LINES)
def test_any_line_is_an_event_or_refused(line: bytes) -> None:
    """A line of any form is an event or a ValueError."""
    try:
        event = parse_event(line)
    except ValueError:
        return
    assert isinstance(event, Up | Paused | Resumed | Released | Printed | Gone | Other | Ended)


def test_order_names_process_by_start_time() -> None:
    """A pid alone may be another process by the time dlv attaches."""
    terms = Terms(lease_s=3, max_pause_s=30, hold=True, keep=True)
    order = json.loads(write_order(Plan("0a", "/r", "/r/store/dlv-1", svc(7, start=9), "me", terms)))
    assert {
        "dlv": ["/r/store/dlv-1", "attach", "7", "--headless", "--accept-multiclient", "--continue"],
        "pid": 7,
        "start": 9,
        "directory": "/r/sessions/0a",
        "record": {"id": "0a", "process": "svc", "by": "me"},
        "note": "/r/journal/0a.ended",
        "lease_s": 3,
        "max_pause_s": 30,
        "hold": True,
        "keep": True,
        "tcp": False,
    } == order


def test_takeover_names_the_orphaned_dlv() -> None:
    """By pid and start time, too."""
    record = Record("0a", "/r/sessions/0a", 7, 9, "svc", "me", (30, 300), (40, 400), 1, 2, "orphaned", paused=False)
    expected = {"adopt": {"pid": 30, "start": 300}, "pid": 7, "start": 9, "directory": "/r/sessions/0a"}
    assert expected == json.loads(write_takeover(record))


@pytest.mark.parametrize("outcome", GOOD)
def test_good_end_is_no_error(outcome: str) -> None:
    """Nothing is left to do."""
    assert check_end("app", "0a", Ended(outcome)) is None  # type: ignore[func-returns-value]  # it raises or says nothing


@pytest.mark.parametrize("outcome", [*BAD, "something new"])
def test_bad_end_is_an_error_with_a_remedy(outcome: str) -> None:
    """What is left, and what to do, with the facts filled in."""
    with pytest.raises(UncleanEndError) as caught:
        check_end("app", "0a", Ended(outcome, "77"))
    assert "{" not in str(caught.value) + caught.value.advice


@pytest.mark.parametrize("outcome", ["stuck", "traced", "silent"])
def test_only_the_session_itself_is_to_be_stopped(outcome: str) -> None:
    """Others of the same user may be at work there."""
    with pytest.raises(UncleanEndError) as caught:
        check_end("app", "0a", Ended(outcome))
    assert caught.value.advice.endswith("`remotego stop --host app --session 0a`")


@pytest.mark.parametrize(("outcome", "text"), [("clean", "differs"), ("rescued", "differs"), ("rescued", "unknown")])
def test_good_end_with_doubtful_code_is_bad(outcome: str, text: str) -> None:
    """A process that runs with breakpoints in it dies at the first."""
    with pytest.raises(UncleanEndError) as caught:
        check_end("app", "0a", Ended(outcome, text=text))
    assert text == caught.value.outcome


@pytest.mark.parametrize(
    ("said", "yama", "hint"),
    [
        ("could not attach to pid 7: operation not permitted", 1, "PR_SET_PTRACER"),
        ('try writing "0" to /proc/sys/kernel/yama/ptrace_scope', 2, "ptrace_scope is 2"),
        ("could not attach to pid 7: operation not permitted", 0, "protected"),
        ("could not attach to pid 7: operation not permitted", None, "protected"),
        ("could not open debug info", 1, "dlv's own"),
    ],
)
def test_refusal_is_explained(said: str, yama: int | None, hint: str) -> None:
    """Yama is blamed only where it is on."""
    assert hint in attach_refused("app", "svc", said, yama).advice


def test_port_stands_for_a_socket() -> None:
    """A dlv that listens on its own loopback has a port and no socket."""
    assert Up(5, "", 0, 4711) == parse_event(b'{"event":"up","dlv":5,"port":4711}')
