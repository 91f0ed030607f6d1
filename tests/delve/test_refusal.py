"""Why a session never came up."""

import pytest

from remotego.delve.ending import Ended
from remotego.delve.refusal import EarlyEndError, ProcessGoneError, never_up


@pytest.mark.parametrize("outcome", ["exited", "missing"])
def test_process_that_has_gone_is_named(outcome: str) -> None:
    """These two ends are the process's own."""
    assert ProcessGoneError is type(never_up("app", "svc (pid 7)", Ended(outcome)))


@pytest.mark.parametrize("outcome", ["clean", "rescued", "removed"])
def test_process_that_runs_on_is_not_said_to_have_ended(outcome: str) -> None:
    """A host that stood still for longer than the lease ends the session, and not the process."""
    error = never_up("app", "svc (pid 7)", Ended(outcome, why="lease"))
    assert (EarlyEndError, True) == (type(error), "(lease); svc (pid 7) runs on" in str(error))
