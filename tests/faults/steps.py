"""Steps of a controller's way, after each of which it may be killed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.faults.ground import Ground
from tests.faults.moments import Moment, Scene, evaluating, idle, stopped, uploading
from tests.journeys.dap.client import DapClient
from tests.ops.controllers import running
from tests.ops.editors import CONFIGURATION

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

CONNECTED = "pgrep -u dev -x sshd >/dev/null"
GUARDED = 'ls -d "$store"/sessions/*/ >/dev/null 2>&1'
ATTACHED = '! grep -q "^TracerPid:.0$" /proc/$service/status'
SERVING = '[ -S "$(ls -d "$store"/sessions/*/session.sock 2>/dev/null)" ]'
LETTING_GO = 'grep -q "^TracerPid:.0$" /proc/$service/status'


def _after(condition: str) -> Moment:
    """The step at whose end a condition holds on the target."""

    @contextmanager
    def moment(ground: Ground) -> Iterator[Scene]:
        with running(ground.debug()) as child:
            assert ground.await_there(condition), f"never seen: {condition}"
            yield Scene(ground, child)

    return moment


@contextmanager
def watched(ground: Ground) -> Iterator[Scene]:
    """An editor is connected and the service runs."""
    with idle(ground) as scene, DapClient() as editor:
        assert scene.ready is not None
        editor.attach(scene.ready["port"], CONFIGURATION, {})
        yield replace(scene, editor=editor)


@contextmanager
def ending(ground: Ground) -> Iterator[Scene]:
    """The controller was asked to end and has let the service go, but is not done yet."""
    with stopped(ground) as scene:
        scene.child.send_signal(signal.SIGINT)
        assert ground.await_there(LETTING_GO), "the service is not let go"
        yield replace(scene, asked=True)


STEPS: dict[str, Moment] = {
    "connected": _after(CONNECTED),
    "uploading": uploading,
    "guard started": _after(GUARDED),
    "attached": _after(ATTACHED),
    "serving": _after(SERVING),
    "ready": idle,
    "editor attached": watched,
    "at breakpoint": stopped,
    "evaluation": evaluating,
    "ending": ending,
}
