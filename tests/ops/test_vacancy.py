"""Sessions of tasks that no editor uses."""

from queue import Empty

import pytest

from remotego.ops.holding import Stop
from remotego.ops.vacancy import Vacancy

SOON_S, NEVER_S, LIMIT_S = 0.05, 600.0, 30.0


def test_nobody_comes() -> None:
    """The task ends and says why."""
    stop = Stop()
    Vacancy(stop, SOON_S, NEVER_S).begin()
    assert "no editor came" == stop.inbox.get(timeout=LIMIT_S)


def test_the_editor_goes() -> None:
    """The task ends after its grace."""
    stop = Stop()
    watched = Vacancy(stop, NEVER_S, SOON_S)
    watched.begin()
    watched.count(1)
    watched.count(0)
    assert "the editor has gone" == stop.inbox.get(timeout=LIMIT_S)


@pytest.mark.parametrize("counts", [(1,), (1, 0, 1), (2, 1)], ids=str)
def test_an_editor_is_there(counts: tuple[int, ...]) -> None:
    """As long as one is, or has come back in time, nothing ends; one may be there before the session says so."""
    stop = Stop()
    watched = Vacancy(stop, SOON_S, 0.2)
    for count in counts:
        watched.count(count)
    watched.begin()
    with pytest.raises(Empty):
        stop.inbox.get(timeout=0.5)
    watched.close()


def test_a_session_that_has_ended_is_not_watched() -> None:
    """Nothing is asked of it any more."""
    stop = Stop()
    watched = Vacancy(stop, SOON_S, SOON_S)
    watched.begin()
    watched.close()
    with pytest.raises(Empty):
        stop.inbox.get(timeout=0.3)
