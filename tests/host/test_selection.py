"""The one process a user means."""

import pytest

from remotego.core.errors import RemotegoError
from remotego.host.inventory import Cause, Inventory, Program, Running, Socket, Verdict
from remotego.host.selection import (
    AlreadyTracedError,
    AmbiguousProcessError,
    NoProcessError,
    NoSelectionError,
    Wanted,
    check_untraced,
    select,
)

PROGRAM = Program("go1.27.3", "amd64", "svc", "svc", "", "", None, False, False, False, False, False, False, True)
CAN = Verdict(can=True, certain=True)


def svc(pid: int = 10, **changed: object) -> Running:
    """A Go service of this login that nobody traces."""
    facts = {
        "pid": pid,
        "start": 5,
        "command": "svc",
        "exe": "/opt/svc",
        "arguments": (),
        "state": "S",
        "user": "dev",
        "uid": 1000,
        "tracer": 0,
        "ports": (Socket("::", 8000 + pid),),
        "container": "",
        "unit": f"svc{pid}.service",
        "program": PROGRAM,
        "problem": "",
        "attach": CAN,
    }
    return Running(**{**facts, **changed})  # type: ignore[arg-type]


def choose(*found: Running, **wanted: object) -> Running:
    """Select among processes of a host called app."""
    return select(Inventory(found, None), Wanted(**wanted), host="app")  # type: ignore[arg-type]


def refusal(process: Running) -> RemotegoError:
    """Why it cannot be debugged."""
    with pytest.raises(RemotegoError) as caught:
        check_untraced(process, host="app")
    return caught.value


@pytest.mark.parametrize(
    "wanted", [{"name": "other"}, {"pid": 11}, {"port": 8011}, {"unit": "svc11.service"}, {"unit": "svc11"}]
)
def test_each_name_selects(wanted: dict[str, object]) -> None:
    """Program, number, port and unit."""
    assert 11 == choose(svc(10), svc(11, exe="/opt/other", command="other"), **wanted).pid


def test_kernel_name_selects_too() -> None:
    """A process that renamed itself is found by that name."""
    assert 10 == choose(svc(10, command="worker"), name="worker").pid


def test_ports_that_cannot_be_seen_select_nothing() -> None:
    """Another user's process keeps its sockets to itself."""
    with pytest.raises(NoProcessError):
        choose(svc(10, ports=None), port=8010)


def test_two_of_a_name_are_ambiguous() -> None:
    """The error lists the pids to choose from."""
    with pytest.raises(AmbiguousProcessError) as caught:
        choose(svc(10), svc(11), name="svc")
    assert "svc --pid 10, svc --pid 11" == caught.value.choices


def test_near_misses_are_shown() -> None:
    """A name that is part of another hints at it."""
    with pytest.raises(NoProcessError) as caught:
        choose(svc(10, exe="/opt/svc-v2", command="svc-v2"), name="svc")
    assert "app: no Go process matches name svc; near it: svc-v2 --pid 10" == str(caught.value)


def test_without_near_misses_all_are_shown() -> None:
    """What there is to choose from."""
    with pytest.raises(NoProcessError) as caught:
        choose(svc(10), port=1)
    assert "app: no Go process matches port 1; Go processes there: svc --pid 10" == str(caught.value)


def test_nothing_named_is_an_error() -> None:
    """One of the names is needed."""
    with pytest.raises(NoSelectionError):
        choose(svc())


def test_traced_process_is_refused() -> None:
    """Only one debugger fits."""
    error = refusal(svc(tracer=77))
    assert isinstance(error, AlreadyTracedError)
    assert 77 == error.tracer


@pytest.mark.parametrize(("known", "said"), [({}, "ID"), ({"session": "1f0c2a9d"}, "1f0c2a9d")])
def test_the_way_out_of_a_trace_ends_one_session_only(known: dict[str, str], said: str) -> None:
    """Others of the same login on that host go on."""
    with pytest.raises(AlreadyTracedError) as caught:
        check_untraced(svc(tracer=77), host="app", **known)
    assert caught.value.advice.endswith(f"`remotego stop --host app --session {said}`")


def test_whom_nobody_traces_is_not_refused() -> None:
    """Whatever else is in the way is the matter of rights."""
    verdict = Verdict(can=False, certain=True, causes=(Cause("uid", "its user is not ours"),))
    assert check_untraced(svc(attach=verdict), host="app") is None  # type: ignore[func-returns-value]
