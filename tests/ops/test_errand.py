"""Errands: who may have the port of another task, without a host."""

from collections.abc import Callable
from pathlib import Path

import pytest

from remotego.adapters.claims import Claimed, PortHeldError, claim, find_claim
from remotego.core.settings import Settings
from remotego.ops.choice import Choice
from remotego.ops.errand import errand
from remotego.ops.goals import Appear, Launch
from remotego.ops.holding import Stop

PORT = 23513
MINE = Choice("app1", Settings(process="svc"))


class UnresolvedError(Exception):
    """What was asked for is not there."""


def fail() -> None:
    """Find nothing."""
    raise UnresolvedError


def refused(folder: Path, choice: Choice, look: Callable[[], None] = fail) -> str:
    """What somebody is told who wants the port of a task."""
    with pytest.raises(PortHeldError) as caught, errand(PORT, choice, look, Stop(), folder):
        pass
    return str(caught.value).rpartition(" and ")[2]


def test_a_task_waiting_for_its_editor_is_left(tmp_path: Path) -> None:
    """Nothing is looked for, as nothing could come of it."""
    with claim(tmp_path, PORT, MINE.host, MINE.mark) as other:
        assert isinstance(other, Claimed)
        before = find_claim(tmp_path, PORT)
        said = refused(tmp_path, MINE)
        assert ("waits for its editor", before) == (said, find_claim(tmp_path, PORT))


@pytest.mark.parametrize(
    "choice",
    [
        Choice("app1", Settings(process="other")),
        Choice("app1", Settings(process="svc"), Launch("./svc")),
        Choice("app2", Settings(process="svc")),
        Choice("app1", Settings(process="svc"), None, "1f0c"),
    ],
    ids=["process", "goal", "host", "session"],
)
def test_a_task_about_something_else_is_left(tmp_path: Path, choice: Choice) -> None:
    """Even where its editor has gone."""
    with claim(tmp_path, PORT, MINE.host, MINE.mark) as other:
        assert isinstance(other, Claimed)
        other.note(session="1f0c", came=True)
        assert "is about something else" == refused(tmp_path, choice)


def test_a_task_in_use_is_left(tmp_path: Path) -> None:
    """By whoever asks."""
    with claim(tmp_path, PORT, MINE.host, MINE.mark) as other:
        assert isinstance(other, Claimed)
        other.note(session="1f0c", came=True, clients=1)
        assert "is in use" == refused(tmp_path, MINE)


def test_nothing_is_taken_over_before_the_goal_is_found(tmp_path: Path) -> None:
    """Who cannot start themselves end nobody."""
    with claim(tmp_path, PORT, MINE.host, MINE.mark) as other:
        assert isinstance(other, Claimed)
        other.note(session="1f0c", came=True)
        before = find_claim(tmp_path, PORT)
        with pytest.raises(UnresolvedError), errand(PORT, MINE, fail, Stop(), tmp_path):
            pass
        assert before == find_claim(tmp_path, PORT)


def test_an_editor_that_comes_back_meanwhile_keeps_its_task(tmp_path: Path) -> None:
    """Looking takes its time."""
    with claim(tmp_path, PORT, MINE.host, MINE.mark) as other:
        assert isinstance(other, Claimed)
        other.note(session="1f0c", came=True)
        assert "is in use" == refused(tmp_path, MINE, lambda: other.note(clients=1))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Choice("app1", Settings(process="svc", lease="60s")), True),
        (Choice("app1", Settings(pid=7)), False),
        (Choice("app1", Settings(process="svc"), Appear("svc")), False),
    ],
    ids=["how", "what", "when"],
)
def test_a_choice_is_what_is_debugged_and_not_how(other: Choice, expected: bool) -> None:
    """Its mark is the same for the same process."""
    assert expected == (MINE.mark == other.mark)


def test_a_mark_shows_no_environment() -> None:
    """It is written into a file."""
    assert "secret" not in Choice("app1", Settings(), Launch("./svc", "", ("TOKEN=secret",))).mark


def test_a_session_that_is_there_already_has_no_mark() -> None:
    """To end the task that holds it would end it."""
    assert "" == Choice("app1", Settings(), None, "1f0c").mark
