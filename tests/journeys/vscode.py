"""What VS Code does with .vscode/launch.json and tasks.json when F5 is pressed, without VS Code.

The rules are those of its sources: contrib/debug/browser/debugTaskRunner and contrib/tasks/common/problemCollectors
(WatchingProblemCollector). Regular expressions are the generated ones, in a dialect that JavaScript and Python share.
"""

import contextlib
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remotego.vscode.jsonc import parse_jsonc

READY_LIMIT_S = 120.0
END_LIMIT_S = 60.0
NUMBERED = ("line", "column")


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of the Problems view."""

    file: str
    line: int
    column: int
    severity: str
    code: str
    message: str


@dataclass(slots=True)
class Collector:
    """The problems of a task: when it is busy, and what is shown. ``shown`` is the view of its owner."""

    matcher: Mapping[str, Any]
    shown: dict[str, Problem]
    busy: bool = False
    begun: bool = False
    _found: dict[str, Problem] = field(default_factory=dict)
    _stale: set[str] = field(default_factory=set)

    def start(self) -> None:
        """The process has started."""
        self.busy = self.matcher["background"]["activeOnStart"]
        self._stale = set(self.shown)

    def read(self, line: str) -> None:
        """Take in one line of the terminal."""
        background, pattern = self.matcher["background"], self.matcher["pattern"]
        if re.search(background["beginsPattern"], line):
            self.begun = True
            if not self.busy:
                self.busy, self._found, self._stale = True, {}, self._stale | set(self.shown)
                return
        if re.search(background["endsPattern"], line) and self.busy:
            self.busy = False
            self._deliver()
            self._clean()
            return
        if match := re.search(pattern["regexp"], line):
            groups = {name: match[group] for name, group in pattern.items() if name != "regexp"}
            problem = Problem(**{name: int(text) if name in NUMBERED else text for name, text in groups.items()})
            self._found[problem.file] = problem
            self._stale.discard(problem.file)

    def end(self) -> None:
        """The process has ended: what was shown before goes, what was not comes."""
        self._stale |= set(self.shown)
        self._deliver()
        self._clean()
        self.busy = False

    def _deliver(self) -> None:
        self.shown.update(self._found)
        self._found = {}

    def _clean(self) -> None:
        for file in self._stale:
            self.shown.pop(file, None)
        self._stale = set()


@dataclass(slots=True)
class Task:
    """A background task that runs: its lines so far, and when each came (monotonic clock)."""

    child: subprocess.Popen[bytes]
    collector: Collector
    lines: list[str] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    _held: bytes = b""
    _ended: bool = False

    @property
    def runs(self) -> bool:
        """Whether its process lives."""
        return self.child.poll() is None

    def await_line(self, text: str) -> None:
        """Read on until a line has this in it, or its process has ended."""
        self._read(lambda: any(text in line for line in self.lines), READY_LIMIT_S)

    def await_idle(self) -> None:
        """Read on until VS Code would go on: it is not busy any more, or has ended."""
        self._read(lambda: not self.collector.busy, READY_LIMIT_S)

    def await_end(self) -> int:
        """Read on until the process ends; its exit code."""
        self._read(lambda: False, END_LIMIT_S)
        return self.child.wait(END_LIMIT_S)

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self.collector.end()

    def _read(self, enough: Callable[[], bool], limit_s: float) -> None:
        assert self.child.stdout is not None
        deadline_s = time.monotonic() + limit_s
        while not enough():
            ready = select.select([self.child.stdout], [], [], max(0.0, deadline_s - time.monotonic()))[0]
            assert ready, f"nothing within {limit_s} s after {self.lines}"
            piece = os.read(self.child.stdout.fileno(), 1 << 16)
            if not piece:
                self.child.wait(END_LIMIT_S)
                self._end()
                return
            *whole, self._held = (self._held + piece).split(b"\n")
            for line in whole:
                self.lines.append(line.decode())
                self.times_s.append(time.monotonic())
                self.collector.read(self.lines[-1])


@dataclass(slots=True)
class Window:
    """One window with a workspace open. ``problems`` are shown for each owner; ``answers`` are given to inputs."""

    workspace: Path
    env: Mapping[str, str]
    answers: Mapping[str, str] = field(default_factory=dict)
    problems: dict[str, dict[str, Problem]] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)

    def configuration(self, name: str | None = None) -> dict[str, Any]:
        """The entry of this name, or the only one."""
        found = self._load("launch.json")["configurations"]
        return dict(next(one for one in found if name in (None, one["name"])))

    def before(self, configuration: Mapping[str, Any]) -> Task:
        """Run the preLaunchTask as far as VS Code waits for it; one that runs already is not started again."""
        return self.run(configuration["preLaunchTask"])

    def together(self, name: str) -> list[dict[str, Any]]:
        """Run the preLaunchTask of a compound: what it depends on, side by side; the configurations it starts."""
        found = self._load("launch.json")
        compound = next(one for one in found["compounds"] if one["name"] == name)
        group = self._task(compound["preLaunchTask"])
        for label in group["dependsOn"]:
            self.tasks[label] = self._start(self._task(label))
        for label in group["dependsOn"]:
            self.tasks[label].await_idle()
        return [self.configuration(member) for member in compound["configurations"]]

    def run(self, label: str) -> Task:
        """Run a background task as far as VS Code waits for it."""
        running = self.begin(label)
        running.await_idle()
        return running

    def begin(self, label: str) -> Task:
        """Start a background task, unless it runs already."""
        running = self.tasks.get(label)
        if running is None or not running.runs:
            self.tasks[label] = running = self._start(self._task(label))
        return running

    def after(self, configuration: Mapping[str, Any]) -> subprocess.CompletedProcess[bytes]:
        """Run the postDebugTask to its end."""
        command, cwd = self._command(self._task(configuration["postDebugTask"]))
        return subprocess.run(command, cwd=cwd, env=dict(self.env), capture_output=True, timeout=END_LIMIT_S)

    def shown(self) -> list[Problem]:
        """What the Problems view holds."""
        return [problem for owned in self.problems.values() for problem in owned.values()]

    def close(self) -> None:
        """End what still runs, as a window that is closed does."""
        for task in self.tasks.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(task.child.pid, signal.SIGHUP)
            task.child.communicate(timeout=END_LIMIT_S)

    def _start(self, task: Mapping[str, Any]) -> Task:
        command, cwd = self._command(task)
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(self.env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        owner = task["problemMatcher"]["owner"]
        collector = Collector(task["problemMatcher"], self.problems.setdefault(owner, {}))
        collector.start()
        return Task(child, collector)

    def _command(self, task: Mapping[str, Any]) -> tuple[list[str], str]:
        words = [task["command"], *task["args"]]
        return [self._answered(word) for word in words], task["options"]["cwd"]

    def _answered(self, word: str) -> str:
        for name, answer in self.answers.items():
            word = word.replace(f"${{input:{name}}}", answer)
        return word

    def _resolved(self, text: str) -> str:
        return text.replace("${workspaceFolder}", str(self.workspace))

    def _task(self, label: str) -> dict[str, Any]:
        found = self._load("tasks.json")["tasks"]
        return dict(next(one for one in found if one["label"] == label))

    def _load(self, name: str) -> dict[str, Any]:
        text = self._resolved((self.workspace / ".vscode" / name).read_text())
        return dict(parse_jsonc(text, file=name).root.value)


@contextlib.contextmanager
def window(workspace: Path, env: Mapping[str, str], answers: Mapping[str, str] | None = None) -> Iterator[Window]:
    """Open a window; closing it ends its tasks."""
    opened = Window(workspace, env, answers or {})
    try:
        yield opened
    finally:
        opened.close()
