"""Sessions with an editor in each of the states that matter when they end."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.journeys.dap.client import DapClient
from tests.ops.controllers import Child, Controller, next_event, running
from tests.ops.debuggee import Debuggee

CONFIGURATION = {"type": "go", "request": "attach", "mode": "remote", "stopOnEntry": False}
Ready = dict[str, Any]
LEASE = "4s"
"""Short, so that what a killed controller leaves is gone when a test looks; long enough for a busy machine."""


@contextmanager
def debugging(
    controller: Controller, debuggee: Debuggee, alias: str | None = None, *flags: str
) -> Iterator[tuple[Child, Ready]]:
    """A session that is up, and its ``ready`` event; ``alias`` is how the host is reached, by its own name if None."""
    with debugging_at(controller, alias or debuggee.host, debuggee.pid, *flags) as session:
        yield session


@contextmanager
def debugging_at(controller: Controller, alias: str, pid: int, *flags: str) -> Iterator[tuple[Child, Ready]]:
    """A session with a process of any machine."""
    words = ("--host", alias, "--pid", str(pid), "--local-port", "0", "--json", *(flags or ("--lease", LEASE)))
    with running(controller.start("debug", *words)) as child:
        yield child, next_event(child)


@contextmanager
def no_editor(_: Ready, __: Debuggee) -> Iterator[None]:
    """Nobody is connected."""
    yield


@contextmanager
def watching_editor(ready: Ready, _: Debuggee) -> Iterator[None]:
    """An editor is connected, and the process runs."""
    with DapClient() as editor:
        editor.attach(ready["port"], CONFIGURATION, {})
        yield


@contextmanager
def stopped_editor(ready: Ready, debuggee: Debuggee) -> Iterator[None]:
    """An editor holds the process at a breakpoint."""
    with DapClient() as editor:
        editor.attach(ready["port"], CONFIGURATION, debuggee.breakpoints())
        editor.stopped()
        yield


@contextmanager
def vanished_editor(ready: Ready, debuggee: Debuggee) -> Iterator[None]:
    """An editor was killed while it held the process at a breakpoint."""
    with stopped_editor(ready, debuggee):
        pass
    yield


@contextmanager
def rpc_client(ready: Ready, _: Debuggee) -> Iterator[None]:
    """A terminal client, as `dlv connect` is: halts the process, lets it run on and waits (Delve, service/rpc2)."""
    with socket.create_connection(("127.0.0.1", ready["port"]), timeout=30) as client, client.makefile() as answers:
        client.sendall(_call("halt"))
        assert json.loads(answers.readline())["error"] is None
        client.sendall(_call("continue"))
        yield


def _call(name: str) -> bytes:
    return json.dumps({"method": "RPCServer.Command", "params": [{"name": name}], "id": 1}).encode() + b"\n"


EDITORS = {
    "nobody": no_editor,
    "watching": watching_editor,
    "stopped": stopped_editor,
    "vanished": vanished_editor,
}
