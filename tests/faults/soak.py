"""Many editors, many sessions, one service under load."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle

from tests.faults import usage
from tests.faults.ground import PORT, TARGET, Ground
from tests.faults.usage import Growth, Usage
from tests.journeys.dap.client import DapClient, Stop
from tests.ops.controllers import Child, finished, next_event
from tests.ops.debuggee import UNTOUCHED
from tests.ops.editors import CONFIGURATION, debugging

WARM = 5
"""Cycles before the first sample: what is made once is made then."""

WHIM_KIB = 4096
"""A Go heap of a few MB doubles before its garbage is collected (runtime.SetGCPercent, and 4 MB at least)."""

WHIM_THREADS = 4
"""Go starts a thread when all it has are in system calls, and keeps it."""

LOAD = """\
echo $$ >"$2.pid"
while sleep 0.05; do
  exec 3<>/dev/tcp/127.0.0.1/$1 && head -c 1 <&3 >/dev/null && echo >>"$2"
  exec 3>&-
done 2>/dev/null
"""

Leave = Callable[[DapClient, Stop], None]


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak came to: ``cycles`` that went well, ``answers`` the service gave meanwhile to its load, and how the
    processes that lived all the time have grown per cycle.
    """

    cycles: int
    answers: int
    growth: Mapping[str, Growth]
    last: Mapping[str, Usage]


def many_editors(ground: Ground, cycles: int) -> Soaked:
    """One session, and so many editors one after the other, which stop at a breakpoint and leave in three ways.

    After each the service runs and its code is as before it came. Raises AssertionError.
    """
    samples: list[tuple[int, dict[str, Usage]]] = []
    with _load(ground) as answers, debugging(ground.controller, ground.debuggee, None, *ground.flags) as (child, ready):
        pids = ground.pids(ready)
        before = ground.debuggee.code()
        for number, leave in zip(range(cycles), cycle(_ways(ground)), strict=False):
            _visit(ground, int(ready["port"]), leave)
            _await(child, "released")
            assert before == ground.debuggee.code(), f"cycle {number}: the code has changed"
            if number >= WARM:
                samples.append((number, _sample(ground, child, pids)))
        child.send_signal(signal.SIGINT)
        done = finished(child)
        assert (0, UNTOUCHED) == (done.exit_code, ground.debuggee.state()), done
    return _soaked(cycles, answers(), samples)


def many_sessions(ground: Ground, cycles: int) -> Soaked:
    """So many whole sessions with an editor that stops at a breakpoint and leaves; then nothing of it is left."""
    samples: list[tuple[int, dict[str, Usage]]] = []
    with _load(ground) as answers:
        for number, leave in zip(range(cycles), cycle(_ways(ground)), strict=False):
            with debugging(ground.controller, ground.debuggee, None, *ground.flags) as (child, ready):
                _visit(ground, int(ready["port"]), leave)
                child.send_signal(signal.SIGINT)
                done = finished(child)
            assert (0, UNTOUCHED) == (done.exit_code, ground.debuggee.state()), done
            if number >= min(WARM, cycles // 2):
                samples.append((number, {"service": usage.there(ground.lab, TARGET, ground.debuggee.pid)[0]}))
    return _soaked(cycles, answers(), samples)


def growing(soaked: Soaked) -> dict[str, Growth]:
    """Processes that have grown over a soak, by a file, or by more threads or memory than is a runtime's whim."""
    limits = Growth(1, WHIM_THREADS, WHIM_KIB)
    return {
        name: grown
        for name, grown in soaked.growth.items()
        if any(each * soaked.cycles >= limit for each, limit in zip(grown, limits, strict=True))
    }


def _visit(ground: Ground, port: int, leave: Leave) -> None:
    with DapClient() as editor:
        editor.attach(port, CONFIGURATION, ground.debuggee.breakpoints())
        leave(editor, editor.stopped())


def _ways(ground: Ground) -> tuple[Leave, ...]:
    """How an editor leaves: at the breakpoint, killed, and in good order."""

    def in_order(editor: DapClient, stop: Stop) -> None:
        for path in ground.debuggee.breakpoints():
            editor.set_breakpoints(path)
        editor.resume(stop)
        editor.disconnect()

    return (lambda editor, _: editor.disconnect(), lambda editor, _: editor.vanish(), in_order)


def _await(child: Child, kind: str) -> None:
    while next_event(child)["event"] != kind:
        pass


def _sample(ground: Ground, child: Child, pids: Mapping[str, int]) -> dict[str, Usage]:
    there = usage.there(ground.lab, TARGET, *pids.values())
    return {"controller": usage.here(child.pid), **dict(zip(pids, there, strict=True))}


def _soaked(cycles: int, answers: int, samples: list[tuple[int, dict[str, Usage]]]) -> Soaked:
    last = samples[-1][1]
    grown = {name: usage.growth([(number, used[name]) for number, used in samples]) for name in last}
    return Soaked(cycles, answers, grown, last)


@contextmanager
def _load(ground: Ground) -> Iterator[Callable[[], int]]:
    """Ask the service up to twenty times a second; gives how many answers came so far."""
    tally = f"/run/ticker/{ground.debuggee.pid}.answers"
    container = ground.lab.containers[TARGET]
    ground.lab.engine.docker("exec", "-d", container, "bash", "-c", LOAD, "bash", str(PORT), tally)
    try:
        yield lambda: int(ground.lab.exec(TARGET, "sh", "-c", f"wc -l <{tally}"))
    finally:
        ground.lab.kill(int(ground.lab.exec(TARGET, "cat", f"{tally}.pid")), TARGET)
