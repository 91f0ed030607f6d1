"""The screen of a background task: lines for VS Code's problemMatcher (vscode/problems.py), errors as problems."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remotego.cli.render import Printer, Report, write_line
from remotego.core.errors import RemotegoError
from remotego.core.terminal import one_line
from remotego.vscode.problems import (
    BEGIN,
    MARGIN,
    READY,
    Place,
    choose_place,
    entry_place,
    render_problem,
    task_place,
)


@dataclass(slots=True)
class TaskPrinter(Printer):
    """Prints plain lines only. ``folder`` is the workspace, ``port`` what leads to our entry in its files."""

    folder: Path = field(default_factory=Path)
    port: int = 0

    def report(self, report: Report) -> None:
        """Print a result as lines."""
        for row in report.rows:
            self._say("  ".join(row))
        for note in report.notes:
            self._say(note)

    def event(self, _: str, event: Mapping[str, Any], text: str) -> None:
        """Print one event; the line that VS Code waits for comes after what makes it true."""
        if event.get("event") != "ready":
            for line in text.splitlines():
                self._say(line)
            return
        self._say(text.splitlines()[0])
        self._remember(None)
        write_line(f"{READY} 127.0.0.1:{event['port']}")

    def error(self, error: RemotegoError, host: str | None = None) -> None:
        """Print an error as one problem, at a place the user can change."""
        text = str(error)
        head = text if host is None or text.startswith(f"{host}:") else f"{host}: {text}"
        self._problem(self._places(error), head, error.advice, error.code)

    def crash(self, bug: Exception) -> None:
        """Print a bug as a problem too: without one VS Code would take the task for done, and attach to nothing."""
        what = f"a bug in remotego: {type(bug).__name__}: {bug}"
        self._problem(self._places(bug), what, "see the traceback in the task's terminal, and report it", "bug")

    def interrupt(self, cause: BaseException) -> None:
        """Print that the task was ended as a problem, for the same reason."""
        what = f"the task was interrupted{f' ({cause})' if str(cause) else ''}"
        self._problem(self._places(cause), what, "press F5 again; a session it had begun ends by itself", "interrupted")

    def _problem(self, places: Sequence[Place], what: str, remedy: str, code: str) -> None:
        place = choose_place(places, self._last())
        self._remember(place.file)
        write_line(render_problem(place, what, remedy, code))

    def note(self, text: str) -> None:
        """Say something the user should know."""
        self._say(f"note: {text}")

    def step(self, host: str, text: str) -> None:
        """Say that a host has begun a step."""
        self._say(f"{host}: {text}")

    def sent(self, host: str, done_bytes: int, total_bytes: int) -> None:
        """Say nothing: lines cannot be taken back."""

    def _say(self, text: str) -> None:
        write_line(MARGIN + one_line(text))

    def _places(self, error: BaseException) -> Sequence[Place]:
        launch, tasks = (self.folder / ".vscode" / name for name in ("launch.json", "tasks.json"))
        entry = entry_place(_read(launch), str(launch), self.port)
        task = task_place(_read(tasks), str(tasks), self.port)
        own = _own_place(error)
        return [*([own] if own else []), entry, task]

    def _last(self) -> str | None:
        from remotego.adapters.claims import claims_folder, last_problem

        return last_problem(claims_folder(), self.port)

    def _remember(self, file: str | None) -> None:
        from remotego.adapters.claims import claims_folder, note_problem

        note_problem(claims_folder(), self.port, file)


def begin_task(flags: Mapping[str, Any]) -> TaskPrinter:
    """Become a background task: say so, and ask nobody from now on, as nobody sees its terminal."""
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - it lasts as long as we do
    folder = Path.cwd() if _has_directory() else Path()
    port = str(flags.get("local_port") or "")
    write_line(BEGIN)
    return TaskPrinter(folder=folder, port=int(port) if port.isdecimal() else 0)


def _has_directory() -> bool:
    with suppress(FileNotFoundError):
        return bool(Path.cwd())
    return False


def _own_place(error: BaseException) -> Place | None:
    """Where an error says itself that it is to be put right: a setting's or a file's place."""
    file, line, column = (getattr(error, name, None) for name in ("file", "line", "column"))
    if isinstance(file, str) and file:
        return Place(str(Path(file).absolute()), line or 1, column or 1)
    found = re.fullmatch(r"(.+):(\d+)", str(getattr(error, "origin", "")))
    return Place(found[1], int(found[2])) if found else None


def _read(file: Path) -> str | None:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="utf-8")
    return None
