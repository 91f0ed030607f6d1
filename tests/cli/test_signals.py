"""Signals that interrupt no wait: those that come when the main thread is just about to begin it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from select import select

import pytest

from remotego.cli.signals import hearing, heed

WAIT_S, SOON_S = 40.0, 20.0
BEGIN_S = 0.3
"""After which the main thread waits: nothing tells of it."""


class HeardError(Exception):
    """A handler has run."""


def raise_heard(number: int, _: object) -> None:
    """Show that the handler has run, by ending the wait."""
    raise HeardError(signal.Signals(number).name)


def wait_for_a_child() -> None:
    """As for ssh -G."""
    with subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({WAIT_S})"]) as child:
        try:
            child.wait()
        finally:
            child.kill()


def wait_for_a_descriptor() -> None:
    """As for an answer on a socket."""
    ours, theirs = os.pipe()
    try:
        select([ours], [], [], WAIT_S)
    finally:
        os.close(ours)
        os.close(theirs)


def sleeper() -> threading.Thread:
    """A thread that lasts longer than it may be waited for."""
    thread = threading.Thread(target=time.sleep, args=(WAIT_S,), daemon=True)
    thread.start()
    return thread


WAITS: dict[str, Callable[[], object]] = {
    "queue": lambda: SimpleQueue[None]().get(timeout=WAIT_S),
    "event": lambda: threading.Event().wait(WAIT_S),
    "thread": lambda: sleeper().join(),
    "sleep": lambda: time.sleep(WAIT_S),
    "child": wait_for_a_child,
    "descriptor": wait_for_a_descriptor,
}


def strike(number: signal.Signals) -> None:
    """Let a signal interrupt a thread of its own, so that it interrupts no wait of the main one."""

    def take() -> None:
        time.sleep(BEGIN_S)  # nothing tells that the main thread has begun to wait in C
        signal.pthread_kill(threading.get_ident(), number)

    threading.Thread(target=take, daemon=True).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_signal_is_heard_in_a_wait_that_it_does_not_interrupt(
    wait: Callable[[], object], number: signal.Signals
) -> None:
    """The handler runs at once, and not when the wait is over."""
    before, begun_s = signal.getsignal(number), time.monotonic()
    try:
        with hearing():
            heed((number,), raise_heard)
            strike(number)
            with pytest.raises(HeardError, match=number.name):
                wait()
    finally:
        signal.signal(number, before)
    assert time.monotonic() - begun_s < SOON_S


def test_each_signal_is_heard_once() -> None:
    """Waking the main thread is no second Ctrl-C."""
    before, heard = signal.getsignal(signal.SIGTERM), []
    try:
        with hearing():
            heed((signal.SIGTERM,), lambda number, _: heard.append(number))
            for _ in range(3):
                strike(signal.SIGTERM)
                time.sleep(2 * BEGIN_S)  # a second call would be the fault, and no event says that none comes
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [signal.SIGTERM] * 3 == heard


def open_files() -> int:
    """How many this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_behind() -> None:
    """A program that runs our tasks has its own handlers, descriptors and threads back."""
    threads, files = threading.active_count(), open_files()
    handler = signal.getsignal(signal.SIGURG)
    with hearing():
        pass
    descriptor = signal.set_wakeup_fd(-1)
    assert (handler, -1, threads, files) == (
        signal.getsignal(signal.SIGURG),
        descriptor,
        threading.active_count(),
        open_files(),
    )


FLOOD = """
import os, signal, sys, time
from queue import SimpleQueue
from remotego.cli.signals import heed, hearing

inbox = SimpleQueue()
with hearing():
    heed((signal.SIGINT,), lambda *_: inbox.put("asked"))
    for line in sys.stdin:
        os.write(1, b"ready\\n")
        for _ in range(int(line)):
            pass
        inbox.get()
"""
ROUNDS = 3000


def test_signals_right_after_ready_are_heard() -> None:
    """One in a hundred came between the last look for signals and the wait, and was lost."""
    with subprocess.Popen([sys.executable, "-c", FLOOD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            for round_number in range(ROUNDS):
                child.stdin.write(b"%d\n" % (round_number % 1000))
                child.stdin.flush()
                ready, _, _ = select([child.stdout], [], [], WAIT_S)
                assert ready, f"the signal of round {round_number} was lost"
                os.read(child.stdout.fileno(), 6)
                child.send_signal(signal.SIGINT)
        finally:
            child.kill()


CLOSING = """
import os, signal, sys
from remotego.__main__ import main
from remotego.cli.request import Request

Request.close = lambda _: os.kill(os.getpid(), signal.SIGINT)
sys.argv = ["remotego", "config"]
main()
"""


def test_signal_while_everything_is_closed_is_an_interrupt(tmp_path: Path) -> None:
    """Invoke would end with 1, which is the code of no class of errors, and without a word."""
    done = subprocess.run([sys.executable, "-c", CLOSING], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (130, "interrupted\n") == (done.returncode, done.stderr)


LOADING = """
import os, signal, sys
from importlib.abc import MetaPathFinder
from remotego.__main__ import main

class Loader(MetaPathFinder):
    def find_spec(self, name, *_):
        if name == "remotego.cli.program":
            class Dying:
                def __del__(self):
                    os.kill(os.getpid(), signal.SIGINT)
            Dying()

sys.meta_path.insert(0, Loader())
main()
"""

PARSING = """
import os, signal, sys
from remotego.__main__ import main
from invoke import Program

Program.parse_collection = lambda _: os.kill(os.getpid(), signal.SIGINT)
main()
"""


@pytest.mark.parametrize("program", [PARSING, LOADING], ids=["reading words", "loading"])
def test_signal_before_the_verb_begins_is_an_interrupt(tmp_path: Path, program: str) -> None:
    """Invoke would end with 1 and no word, and in a destructor Python would lose it."""
    done = subprocess.run(
        [sys.executable, "-c", program, "config"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (130, "", "interrupted\n") == (done.returncode, done.stdout, done.stderr)
