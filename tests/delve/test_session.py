"""Sessions as they are planned."""

import pytest

from remotego.delve.session import SOCKET_PATH_LIMIT, LongSocketPathError, Plan, check_room
from tests.host.test_selection import svc


def test_everything_of_a_session_is_below_our_root() -> None:
    """Its directory, and the note of its end."""
    plan = Plan("1f0c2a9d", "/r", "/r/store/dlv", svc(), "me")
    assert ("/r/sessions/1f0c2a9d", "/r/journal/1f0c2a9d.ended") == (plan.directory, plan.note)


@pytest.mark.parametrize("unit", ["x", "ü"])
def test_long_root_is_refused(unit: str) -> None:
    """Bytes count, not letters."""
    longest = SOCKET_PATH_LIMIT - len("/sessions/1f0c2a9d/control.sock")
    fits = "/" + unit * ((longest - 1) // len(unit.encode()))
    check_room(fits)
    with pytest.raises(LongSocketPathError):
        check_room(fits + unit)
