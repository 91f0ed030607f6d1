"""The router on this machine: the gateway's process that serves GOPROXY, talked to by lines of JSON."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from remotego.core.errors import HostError

_UP_S = 30.0
_END_S = 10.0


@dataclass(eq=False)
class RouterDownError(HostError):
    """The router does not start, or has ended by itself."""

    reason: str
    what = "the router does not run: {reason}"
    remedy = "see whether something else listens on that port (--listen names another), then run this again"


class Router:
    """A router that runs; ``tell`` hears its events, and None when it has ended by itself. It ends with this."""

    def __init__(self, program: Path, order: Mapping[str, Any], tell: Callable[[dict[str, Any] | None], None]) -> None:
        self._tell = tell
        self._closing = False
        self._first: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.process = subprocess.Popen(
            [program, "route"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="router", daemon=True)
        self._reader.start()
        self._say(order)
        self.port = self._await_up()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self.process.pid

    def turn(self, current: str | None) -> None:
        """Have commands that begin from now on served by another upstream, None for nobody."""
        self._say({"current": current or ""})

    def close(self) -> None:
        """End it: it lets requests under way finish for a moment. Safe to call twice."""
        self._closing = True
        with suppress(OSError):
            if self.process.stdin:
                self.process.stdin.close()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(_END_S)

    def _say(self, line: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):  # that it has ended is told by the reader
            self.process.stdin.write(json.dumps(line) + "\n")
            self.process.stdin.flush()

    def _await_up(self) -> int:
        try:
            first = self._first.get(timeout=_UP_S)
        except Empty:
            first = {}
        match first:
            case {"up": {"port": int(port)}}:
                return port
            case _:
                self.close()
                raise RouterDownError(self._complaint())

    def _complaint(self) -> str:
        said = self.process.stderr.read() if self.process.stderr else ""
        with suppress(ValueError):
            return str(json.loads(said)["error"])
        return said.strip()[-300:] or "it says nothing"

    def _read(self) -> None:
        is_first = True
        for line in self.process.stdout or ():
            with suppress(ValueError):
                event = json.loads(line)
                if is_first:
                    self._first.put(event)
                else:
                    self._tell(event)
                is_first = False
        if is_first:
            self._first.put({})
        elif not self._closing:
            self._tell(None)
