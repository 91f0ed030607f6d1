"""One press of F5, measured: ``python -m benchmarks.keypress remote FOLDER`` or ``local FOLDER DLV PID``.

FOLDER is a workspace with the marked line and what gen-launch has written. The process ends where the editor
stands at the breakpoint; how long each step took is printed as ``step SECONDS NAME``. Whoever presses the key again
has to release the process first.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.demo.service import marked_line
from tests.journeys.dap.client import DapClient
from tests.journeys.vscode import Window

STOPPED = "stopped at the breakpoint"
_LISTENS = re.compile(r"DAP server listening at: .*:(\d+)")


@dataclass(slots=True)
class Clock:
    """Tells how long each step took, from one ``tick`` to the next."""

    _last_s: float = field(default_factory=time.monotonic)

    def tick(self, name: str, now_s: float | None = None) -> None:
        """A step is over."""
        now_s = time.monotonic() if now_s is None else now_s
        print(f"step {now_s - self._last_s:.4f} {name}")
        self._last_s = now_s


def remote(folder: Path) -> None:
    """Do what VS Code does with the generated files: the preLaunchTask, and then the attach."""
    clock = Clock()
    window = Window(folder, os.environ)
    configuration = window.configuration()
    task = window.before(configuration)
    clock.tick("task: Python starts, finds its tasks", task.times_s[0])
    for name, begun_s in zip(task.lines, task.times_s[1:], strict=False):
        clock.tick(f"task: {name.strip()}", begun_s)
    _stop(clock, folder, configuration)


def local(folder: Path, dlv: Path, pid: int) -> None:
    """Do what the Go extension does for a process on this machine: start ``dlv dap``, and then the attach."""
    clock = Clock()
    argv = [str(dlv), "dap", "--listen=127.0.0.1:0", "--check-go-version=false"]
    server = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert server.stdout is not None
    found = _LISTENS.search(server.stdout.readline())
    assert found is not None
    clock.tick("dlv dap starts")
    rules = Window(folder, os.environ).configuration()["substitutePath"]
    entry = {"name": "local", "type": "go", "request": "attach", "mode": "local", "processId": pid}
    _stop(clock, folder, {**entry, "substitutePath": rules, "port": int(found[1])})


def _stop(clock: Clock, folder: Path, configuration: Mapping[str, Any]) -> None:
    line = marked_line(folder)
    with DapClient() as editor:
        clock.tick("editor: client starts")
        editor.attach(configuration["port"], configuration, {line.path: [line.number]})
        clock.tick("editor: attach, breakpoints")
        stop = editor.stopped()
        clock.tick("editor: stops, reads the stack")
    if (stop.top.path, stop.top.line) == (str(line.path), line.number):
        print(STOPPED, flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["remote", place]:
            remote(Path(place))
        case ["local", place, program, number]:
            local(Path(place), Path(program), int(number))
