"""The same work on several hosts."""

import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import pytest

from remotego.core.errors import HostError, MissingError
from remotego.ops.fleet import NoHostError, Outcome, each, exit_code

INTERRUPTED = """
import sys, threading
from remotego.cli.signals import hearing
from remotego.ops.fleet import each

def work(host):
    print(host + chr(10), end="", flush=True)
    threading.Event().wait()

try:
    with hearing():
        each(["a", "b", "c"], work, parallel=2)
except KeyboardInterrupt:
    sys.exit(130)
"""


@dataclass(eq=False)
class LostError(HostError):
    """A host that fails."""

    what = "lost"
    remedy = "none"


@dataclass(eq=False)
class AbsentError(MissingError):
    """Another way to fail."""

    what = "absent"
    remedy = "none"


def work(host: str) -> str:
    """Fail where the name says so."""
    if host == "lost":
        raise LostError
    if host == "absent":
        raise AbsentError
    if host == "bug":
        raise ZeroDivisionError
    return host.upper()


def results(outcomes: list[Outcome[str]]) -> list[str | None]:
    """What came of each host."""
    return [outcome.result for outcome in outcomes]


@pytest.mark.parametrize("parallel", [1, 2, 9])
def test_outcomes_stand_in_the_order_of_the_hosts(parallel: int) -> None:
    """However many at once."""
    assert ["C", "A", "B"] == results(each(["c", "a", "b"], work, parallel=parallel))


def test_host_named_twice_is_visited_once() -> None:
    """The second mention is the same host."""
    assert ["A", "B"] == results(each(["a", "b", "a"], work, parallel=2))


def test_failing_host_stops_no_other() -> None:
    """Its error is its outcome."""
    outcomes = each(["a", "lost", "b"], work, parallel=1)
    errors = [outcome.error.code if outcome.error else None for outcome in outcomes]
    assert (["A", None, "B"], [None, "lost", None]) == (results(outcomes), errors)


def test_exit_code_is_that_of_the_first_failure() -> None:
    """0 only when all went well."""
    codes = [exit_code(each(hosts, work, parallel=2)) for hosts in (["a"], ["a", "absent", "lost"], ["lost", "absent"])]
    assert [0, 5, 7] == codes


@pytest.mark.parametrize("hosts", [["bug"], ["a", "bug", "b"]])
def test_bug_is_no_outcome(hosts: list[str]) -> None:
    """What is no error for the user is raised."""
    with pytest.raises(ZeroDivisionError):
        each(hosts, work, parallel=2)


def test_no_host_is_an_error() -> None:
    """There is nothing to do it on."""
    with pytest.raises(NoHostError):
        each([], work, parallel=2)


def test_work_is_done_at_the_same_time_within_the_bound() -> None:
    """Three hosts that wait for each other end only if three run at once; a fourth may not."""
    together, most, now, lock = threading.Barrier(3), 0, 0, threading.Lock()

    def meet(host: str) -> str:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        together.wait(10)
        with lock:
            now -= 1
        return host

    each(list("abcdef"), meet, parallel=3)
    assert 3 == most


def test_interruption_does_not_wait_for_hosts() -> None:
    """Ctrl-C ends the program though two hosts hang, and the third is never begun."""
    with subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        begun = {child.stdout.readline(), child.stdout.readline()}
        at_s = time.monotonic()
        child.send_signal(signal.SIGINT)
        rest, _ = child.communicate(timeout=20)
        took_s = time.monotonic() - at_s
    assert ({"a\n", "b\n"}, "", 130, True) == (begun, rest, child.returncode, took_s < 5)
