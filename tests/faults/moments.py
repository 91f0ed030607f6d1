"""Moments at which a fault strikes: what a session is doing just then."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from tests.faults.ground import Ground
from tests.journeys.dap.client import DapClient, DapError, Frame
from tests.ops.controllers import Child, fresh_store, running
from tests.ops.editors import CONFIGURATION, Ready, debugging

NEVER = "s.Count < 0"
"""A condition of the marked line that Delve looks at ten times a second and that never holds."""

LARGE = "runtime.mheap_"
"""A variable of every Go program that takes Delve a while to read."""

HALF_SENT = 'for file in "$store"/store/.[0-9]*/file; do [ -s "$file" ] && break; done; [ -s "$file" ]'


@dataclass(frozen=True, slots=True)
class Scene:
    """A controller caught at a moment; ``ready`` is None while there is no session yet, ``editor`` without one.

    ``asked``: it has been told to end, so nobody has to be told why the session has ended.
    """

    ground: Ground
    child: Child
    ready: Ready | None = None
    editor: DapClient | None = None
    asked: bool = False


Moment = Callable[[Ground], AbstractContextManager[Scene]]


@contextmanager
def idle(ground: Ground) -> Iterator[Scene]:
    """The session is up and nobody is connected."""
    with debugging(ground.controller, ground.debuggee, None, *ground.flags) as (child, ready):
        yield Scene(ground, child, ready)


@contextmanager
def uploading(ground: Ground) -> Iterator[Scene]:
    """Half of dlv is on the target, and the rest is on its way."""
    store = fresh_store()
    fresh = replace(
        ground, controller=replace(ground.controller, store=store), debuggee=replace(ground.debuggee, store=store)
    )
    try:
        with ground.jump.slow(), running(fresh.debug()) as child:
            assert fresh.await_there(HALF_SENT), "no upload was seen"
            yield Scene(fresh, child)
    finally:
        fresh.controller.run("undo", "--host", fresh.debuggee.host)


@contextmanager
def armed(ground: Ground) -> Iterator[Scene]:
    """The service runs through a breakpoint whose condition never holds."""
    with idle(ground) as scene, DapClient() as editor:
        assert scene.ready is not None
        editor.attach(scene.ready["port"], CONFIGURATION, ground.debuggee.breakpoints(), NEVER)
        yield replace(scene, editor=editor)


@contextmanager
def stopped(ground: Ground) -> Iterator[Scene]:
    """The service stands at a breakpoint."""
    with _stopped(ground) as (scene, _, _):
        yield scene


@contextmanager
def evaluating(ground: Ground) -> Iterator[Scene]:
    """At a breakpoint, Delve is reading variables and has more to read."""
    with _stopped(ground) as (scene, editor, frame):
        editor.keep_evaluating(frame, LARGE)
        yield scene


@contextmanager
def calling(ground: Ground) -> Iterator[Scene]:
    """The service stands at a breakpoint inside a function that Delve has called in it for the editor."""
    with _stopped(ground) as (scene, editor, frame):
        _call_in_vain(editor, frame)
        yield scene


def _call_in_vain(editor: DapClient, frame: Frame) -> None:
    """Call the function with the breakpoint: it stops there instead of returning."""
    try:
        returned = editor.call(frame, "s.tick()")
    except DapError:
        return
    raise AssertionError(f"the call has returned {returned}")


@contextmanager
def _stopped(ground: Ground) -> Iterator[tuple[Scene, DapClient, Frame]]:
    with idle(ground) as scene, DapClient() as editor:
        assert scene.ready is not None
        editor.attach(scene.ready["port"], CONFIGURATION, ground.debuggee.breakpoints())
        yield replace(scene, editor=editor), editor, editor.stopped().top


MOMENTS: dict[str, Moment] = {
    "idle": idle,
    "upload": uploading,
    "breakpoint set": armed,
    "at breakpoint": stopped,
    "evaluation": evaluating,
    "inside a call": calling,
}
