"""The Python side of ``runner.cjs``: typed commands to a debug adapter client."""

import json
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.journeys.dap import node

RUNNER = Path(__file__).with_name("runner.cjs")
ANSWER_LIMIT_S = 45.0
"""Longer than the runner's own limit, so that it can say what it waited for."""


class DapError(Exception):
    """The debug server refused a command, or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """What the server made of a requested line."""

    verified: bool
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a stack trace; ``path`` is the editor's path."""

    id: int
    function: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the process stands still, innermost frame first."""

    reason: str
    thread: int
    text: str
    frames: tuple[Frame, ...]

    @property
    def top(self) -> Frame:
        """The frame that is about to run."""
        return self.frames[0]


@dataclass(frozen=True, slots=True)
class Variable:
    """A value as the editor shows it; ``reference`` leads to its fields, 0 where it has none."""

    name: str
    value: str
    type: str
    reference: int


@dataclass(slots=True)
class DapClient:
    """An editor's debug client. Leaving the ``with`` block drops its socket without a word."""

    _runner: subprocess.Popen[bytes] = field(init=False)
    _held: bytes = field(init=False, default=b"")

    def __enter__(self) -> Self:
        tool = node.find()
        self._runner = subprocess.Popen(
            [tool.program, RUNNER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"NODE_PATH": str(node.packages(tool))},
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.vanish()

    def attach(
        self,
        port: int,
        configuration: Mapping[str, Any],
        breakpoints: Mapping[Path, Sequence[int]],
        condition: str = "",
    ) -> list[Breakpoint]:
        """Attach as VS Code does, with the breakpoints an editor has open; ``condition`` holds for each."""
        wanted = [
            {"path": str(path), "lines": list(lines), "condition": condition} for path, lines in breakpoints.items()
        ]
        found = self._ask("attach", port=port, configuration=dict(configuration), breakpoints=wanted)
        return [Breakpoint(**one) for one in found]

    def set_breakpoints(self, path: Path, *lines: int) -> list[Breakpoint]:
        """Replace the breakpoints of one file."""
        return [Breakpoint(**one) for one in self._ask("set_breakpoints", path=str(path), lines=list(lines))]

    def stopped(self) -> Stop:
        """Wait until the process has stopped."""
        return _stop(self._ask("stopped"))

    def locals(self, frame: Frame) -> dict[str, Variable]:
        """Arguments and local variables of a frame, by name."""
        return _by_name(self._ask("locals", frame=frame.id))

    def fields(self, variable: Variable) -> dict[str, Variable]:
        """What a struct, map or slice holds, by name; a pointer is followed, as its one child has no name."""
        found = _by_name(self._ask("children", reference=variable.reference))
        return self.fields(found[""]) if list(found) == [""] else found

    def evaluate(self, frame: Frame, expression: str) -> Variable:
        """What the watch window shows for an expression."""
        return Variable(**self._ask("evaluate", frame=frame.id, expression=expression))

    def keep_evaluating(self, frame: Frame, expression: str) -> None:
        """Evaluate without end, from now on; everything that is asked afterwards competes with it."""
        self._ask("keep_evaluating", frame=frame.id, expression=expression)

    def call(self, frame: Frame, call: str) -> Variable:
        """Call a function of the process, as from the debug console. DapError when it does not return."""
        return self.evaluate(frame, f"call {call}")

    def step_over(self, stop: Stop) -> Stop:
        """Run to the next line."""
        return _stop(self._ask("step_over", thread=stop.thread))

    def step_in(self, stop: Stop) -> Stop:
        """Go into the call on this line."""
        return _stop(self._ask("step_in", thread=stop.thread))

    def step_out(self, stop: Stop) -> Stop:
        """Run to the end of this function."""
        return _stop(self._ask("step_out", thread=stop.thread))

    def resume(self, stop: Stop) -> None:
        """Let the process run on."""
        self._ask("resume", thread=stop.thread)

    def disconnect(self) -> None:
        """Leave politely and let the process live."""
        self._ask("disconnect")

    def stop(self) -> None:
        """Press the red square: leave, and have the process ended."""
        self._ask("stop")

    def offers(self) -> dict[str, Any]:
        """What the server said it can do."""
        return dict(self._ask("offers"))

    def outputs(self) -> list[str]:
        """What the server has written to the debug console so far."""
        return [str(line) for line in self._ask("outputs")]

    def vanish(self) -> None:
        """Drop the socket without a word, as a killed editor does. Safe to call twice."""
        self._runner.kill()
        self._runner.communicate()

    def _ask(self, verb: str, **details: Any) -> Any:
        assert self._runner.stdin is not None
        self._runner.stdin.write(json.dumps({"do": verb, **details}).encode() + b"\n")
        self._runner.stdin.flush()
        reply = json.loads(self._read_line(verb))
        if not reply["ok"]:
            raise DapError(f"{verb}: {reply['error']}")
        return reply["result"]

    def _read_line(self, verb: str) -> bytes:
        assert self._runner.stdout is not None
        deadline = time.monotonic() + ANSWER_LIMIT_S
        while b"\n" not in self._held:
            left_s = max(0.0, deadline - time.monotonic())
            if not select.select([self._runner.stdout], [], [], left_s)[0]:
                raise DapError(f"{verb}: the runner did not answer within {ANSWER_LIMIT_S:.0f} s")
            piece = os.read(self._runner.stdout.fileno(), 1 << 16)
            if not piece:
                raise DapError(f"{verb}: the runner ended with {self._runner.wait(ANSWER_LIMIT_S)}")
            self._held += piece
        line, self._held = self._held.split(b"\n", 1)
        return line


def _stop(data: dict[str, Any]) -> Stop:
    frames = tuple(Frame(**frame) for frame in data.pop("frames"))
    return Stop(**data, frames=frames)


def _by_name(data: list[dict[str, Any]]) -> dict[str, Variable]:
    return {one["name"]: Variable(**one) for one in data}
