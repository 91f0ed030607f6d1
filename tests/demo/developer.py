"""The developer at the keyboard: runs remotego in the workspace, and interrupts it as Ctrl-C does."""

import contextlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

VERB_LIMIT_S = 200.0
READY_LIMIT_S = 120.0
END_LIMIT_S = 60.0
PORTS = range(24000, 30000)

Child = subprocess.Popen[bytes]
Announce = Callable[[Sequence[str]], None]


class Developer:
    """Runs the product's commands in a workspace; ``announce`` hears each before it runs.

    ``variables`` are more of the environment, as a terminal may have them.
    """

    def __init__(self, workspace: Path, announce: Announce, **variables: str) -> None:
        self._workspace = workspace
        self._announce = announce
        self._variables = variables

    def prefer(self, **settings: str | int) -> None:
        """Write what a team keeps in its workspace: remotego.toml."""
        lines = (f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
        (self._workspace / "remotego.toml").write_text("".join(lines))

    def run(self, *words: str) -> None:
        """Run a command to its end. Raises RuntimeError if it fails."""
        self._finish(words, None)

    def ask(self, *words: str) -> Any:
        """Run a command with --json to its end; give its document. Raises RuntimeError if it fails."""
        return json.loads(self._finish((*words, "--json"), subprocess.PIPE))

    def _finish(self, words: tuple[str, ...], stdout: int | None) -> bytes:
        self._announce(["remotego", *words])
        child = self._start(words, stdout)
        try:
            printed, _ = child.communicate(timeout=VERB_LIMIT_S)
        finally:
            _interrupt(child)
        if child.returncode:
            raise RuntimeError(f"`remotego {' '.join(words)}` ended with {child.returncode}: {printed!r}")
        return printed or b""

    def debugging(self, *words: str) -> contextlib.AbstractContextManager[dict[str, Any]]:
        """Hold a debug session; gives its ``ready`` event. Leaving is Ctrl-C, and must end with code 0."""
        return self.holding("debug", *words)

    @contextlib.contextmanager
    def holding(self, *words: str) -> Iterator[dict[str, Any]]:
        """Hold any command that says when it is ready, in the same way."""
        self._announce(["remotego", *words])
        child = self._start((*words, "--json"), stdout=subprocess.PIPE)
        try:
            yield _event(child, "ready")
            child.send_signal(signal.SIGINT)
            code = child.wait(END_LIMIT_S)
        finally:
            _interrupt(child)
        if code:
            raise RuntimeError(f"`remotego {words[0]}` ended with {code} after Ctrl-C")

    @property
    def places(self) -> dict[str, str]:
        """Where remotego keeps what is the developer's own: nowhere that outlives this."""
        return {f"XDG_{kind}_HOME": str(self._workspace.parent / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}

    def _start(self, words: tuple[str, ...], stdout: int | None = None) -> Child:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("REMOTEGO_")}
        return subprocess.Popen(
            [sys.executable, "-m", "remotego", *words],
            cwd=self._workspace,
            env=clean | self.places | self._variables,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            start_new_session=True,
        )


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on; none of those that a kernel gives to connections, from 32768 on."""
    for port in random.sample(PORTS, len(PORTS)):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError("no port is free")


def _event(child: Child, name: str) -> dict[str, Any]:
    assert child.stdout is not None
    deadline = time.monotonic() + READY_LIMIT_S
    for line in _lines(child, deadline):
        event = dict(json.loads(line))
        if event.get("event") == name:
            return event
    raise RuntimeError(f"it ended with {child.wait(END_LIMIT_S)} before it was {name}")


def _lines(child: Child, deadline: float) -> Iterator[bytes]:
    assert child.stdout is not None
    held = b""
    while select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(child.stdout.fileno(), 1 << 16)
        *whole, held = (held + piece).split(b"\n")
        yield from whole
        if not piece:
            return
    raise RuntimeError(f"it was not ready within {READY_LIMIT_S:.0f} s")


def _interrupt(child: Child) -> None:
    """End what still runs: first as Ctrl-C does, with its whole group, then by force."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if child.poll() is not None:
            return
        os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(END_LIMIT_S)
