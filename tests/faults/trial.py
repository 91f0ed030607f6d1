"""One trial: a fault strikes at a moment, and the service has to come out of it whole."""

import json
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from subprocess import TimeoutExpired

from tests.faults.dlv import SUFFERERS
from tests.faults.faults import ENDLESS, FAULTS, LASTING, PASSING, Fault
from tests.faults.ground import GRACE_S, TARGET, Ground
from tests.faults.matrix import Cell
from tests.faults.moments import MOMENTS, Moment, Scene
from tests.faults.steps import SIGNALS, STEPS
from tests.journeys.dap.client import DapClient, DapError
from tests.lab.failure import LabError
from tests.ops.controllers import Done, finished
from tests.ops.debuggee import UNTOUCHED
from tests.ops.editors import CONFIGURATION, debugging

RETURN_S = 15.0
"""Within that a controller that can come back has done so."""

LEAVE_S = 60.0
SPONTANEOUS_S = 2.0
INTERRUPTED = 130
QUIET_ENDS = dict.fromkeys(SIGNALS, (0, INTERRUPTED)) | {signal.SIGKILL: (-signal.SIGKILL,)}
"""Exit codes of a controller that was told to end by a signal."""

LOSSES = ("dlv gets SIGKILL", "dlv gets SIGHUP")
LIMIT = "the service was lost, and said to be"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a trial went: ``outcome`` in a word or two, ``problem`` empty if all was well."""

    cell: Cell
    outcome: str
    seconds: float
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether the service is as it was, or its loss is a known limit and was owned up to."""
        return not self.problem


def judge(ground: Ground, cell: Cell) -> Verdict:
    """Try a cell and tell how it went."""
    began_s = time.monotonic()
    try:
        outcome, problem = attempt(ground, cell), ""
    except (AssertionError, DapError, LabError, TimeoutExpired) as error:
        outcome, problem = "failed", str(error) or type(error).__name__
    return Verdict(cell, outcome, time.monotonic() - began_s, problem)


def attempt(ground: Ground, cell: Cell) -> str:
    """Try a cell; its outcome. Raises AssertionError with what is wrong."""
    outcome = _strike(ground, cell)
    if outcome != LIMIT:
        _rerun(ground)
    return outcome


def _strike(ground: Ground, cell: Cell) -> str:
    match cell.group:
        case "controller":
            return _kill(ground, STEPS[cell.moment], signal.Signals[cell.fault.rpartition(" ")[2]])
        case "network":
            return _cut(ground, MOMENTS[cell.moment], FAULTS[cell.fault])
        case _:
            return _hurt(ground, cell)


def _kill(ground: Ground, moment: Moment, number: signal.Signals) -> str:
    with moment(ground) as scene:
        scene.child.send_signal(number)
        struck_s = time.monotonic()
        done = _done(scene)
        assert done.exit_code in QUIET_ENDS[number], done
        _free(scene, struck_s)
        _told(scene, done)
    return f"ended, code {done.exit_code}"


def _cut(ground: Ground, moment: Moment, fault: Fault) -> str:
    with moment(ground) as scene:
        struck_s = time.monotonic()
        with fault.strike(ground):
            if fault.kind in (LASTING, ENDLESS):
                _free(scene, struck_s)
            if fault.kind == ENDLESS or (fault.kind == LASTING and scene.ready is None):
                return _ended(scene, struck_s)
        if fault.kind == LASTING:
            return _ended(scene, struck_s)
        if fault.kind == PASSING and scene.editor:
            scene.editor.vanish()
        assert ground.debuggee.ticks(), "the service stands still"
        if scene.ready is None:
            scene.child.send_signal(signal.SIGINT)
            return _ended(scene, time.monotonic())
        if _serves(scene):
            scene.child.send_signal(signal.SIGINT)
            return f"goes on, {_ended(scene, time.monotonic())}"
        assert not fault.survives, "the session did not survive"
        return _ended(scene, struck_s)


def _ended(scene: Scene, since_s: float) -> str:
    """See the controller end and the invariant hold."""
    done = _done(scene)
    said_s = time.monotonic() - since_s
    _free(scene, since_s)
    _told(scene, done)
    return f"ended after {said_s:.0f} s, code {done.exit_code}"


def _done(scene: Scene) -> Done:
    done = finished(scene.child, LEAVE_S)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def _told(scene: Scene, done: Done) -> None:
    """Either the controller has said how the session ended, or a note on the target says why."""
    if scene.ready is None or scene.asked or '"event": "ended"' in done.stdout:
        return
    store, _, name = scene.ready["directory"].rpartition("/sessions/")
    note = scene.ground.lab.exec(TARGET, "cat", f"{store}/journal/{name}.ended", user="root")
    assert json.loads(note)["end"]["why"], f"a note without a reason: {note}"


def _serves(scene: Scene) -> bool:
    """Whether a new editor gets to a breakpoint, before the controller ends or the time is over."""
    assert scene.ready is not None
    deadline_s = time.monotonic() + RETURN_S
    while scene.child.poll() is None:
        with suppress(DapError), DapClient() as editor:
            editor.attach(scene.ready["port"], CONFIGURATION, scene.ground.debuggee.breakpoints())
            editor.stopped()
            return True
        assert time.monotonic() < deadline_s, "the controller lives, but serves nobody"
    return False


def _hurt(ground: Ground, cell: Cell) -> str:
    with MOMENTS[cell.moment](ground) as scene:
        SUFFERERS[cell.fault](scene)
        with suppress(TimeoutExpired):
            scene.child.wait(SPONTANEOUS_S)
        scene.child.send_signal(signal.SIGINT)
        asked_s = time.monotonic()
        done = _done(scene)
        if cell.fault in LOSSES and not _lives(ground):
            assert "took the process with it" in done.stdout, f"the service was lost, but: {done}"
            return LIMIT
        _free(scene, asked_s)
    return _said(done)


def _free(scene: Scene, since_s: float) -> None:
    """Hold the invariant, within lease and grace. Raises AssertionError with what does not hold."""
    here = scene.ground
    if not here.await_free(since_s + here.lease_s + GRACE_S):
        raise AssertionError(f"{time.monotonic() - since_s:.1f} s after: {here.debuggee.state()}")
    state = here.debuggee.state()
    assert state == UNTOUCHED, f"{state}"


def _lives(ground: Ground) -> bool:
    return str(ground.debuggee.pid) in ground.lab.exec(TARGET, "ls", "/proc", user="root").split()


def _said(done: Done) -> str:
    """What a controller said last about the end of its session."""
    words = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"')]
    outcomes = [word["outcome"] for word in words if "outcome" in word]
    return f"{outcomes[-1] if outcomes else 'an error'}, code {done.exit_code}"


def _rerun(ground: Ground) -> None:
    """Whatever was before, the next session begins and ends well."""
    with debugging(ground.controller, ground.debuggee, None, *ground.flags) as (child, _):
        child.send_signal(signal.SIGINT)
        done = finished(child, LEAVE_S)
    assert (0, UNTOUCHED) == (done.exit_code, ground.debuggee.state()), f"the next session: {done}"
