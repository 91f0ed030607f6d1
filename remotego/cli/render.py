"""The only printer: colour and tables on a terminal, plain lines in a pipe, JSON when asked.

Results go to standard output, progress and errors to standard error. Rich is imported only
where a terminal shows it. Whatever a target may have had a word in is made inert here, last of all.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from remotego.core.errors import RemotegoError
from remotego.core.terminal import inert

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress

_TONES = {
    "failed": "bold red",
    "nothing to do": "green",
    "pushed": "bold green",
    "swept": "bold green",
    "written": "bold green",
    "restarted": "bold green",
    "undone": "bold green",
    "ended": "bold green",
    "installed": "bold green",
    "switched": "bold green",
    "removed": "bold green",
    "whole": "green",
    "damaged": "bold red",
    "planned": "yellow",
    "seen": "dim",
    "lost": "yellow",
    "ok": "green",
    "warning": "yellow",
    "failure": "bold red",
    "unknown": "magenta",
}


MARK = "! "
"""Begins a cell about something that should be looked at."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a verb gives back: one ``document`` for machines, and the same for people.

    ``rows`` under ``columns`` become a table on a terminal and tab-free lines in a pipe;
    ``notes`` follow, a line each.
    """

    verb: str
    document: Mapping[str, Any]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    errors: Sequence[tuple[str, RemotegoError]] = ()
    exit_code: int = 0


@dataclass(slots=True)
class Printer:
    """Prints reports, events, progress and errors. Safe to use from several threads."""

    json: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _progress: RichProgress | None = None
    _bars: dict[str, Any] = field(default_factory=dict)

    def report(self, report: Report) -> None:
        """Print a verb's result; errors of single hosts go to standard error."""
        self.close()
        if self.json:
            ok = report.exit_code == 0
            self._emit({"schema": f"remotego/{report.verb}/1", "ok": ok, **report.document})
            return
        if report.rows:
            self._table(report.columns, report.rows)
        for note in report.notes:
            write_line(note)
        for host, error in report.errors:
            self.error(error, host)

    def event(self, verb: str, event: Mapping[str, Any], text: str) -> None:
        """Print one event of a verb that goes on: a line of JSON, or of text."""
        self.close()
        if self.json:
            self._emit({"schema": f"remotego/{verb}/1", **event}, indent=None)
        else:
            write_line(text)

    def error(self, error: RemotegoError, host: str | None = None) -> None:
        """Print what happened and what to do, to standard error; with --json, to standard output."""
        self.close()
        if self.json:
            self._emit({"schema": "remotego/error/1", "ok": False, "error": error.as_json()})
            return
        text = inert(str(error))
        head = text if host is None or text.startswith(f"{host}:") else f"{host}: {text}"
        if sys.stderr.isatty():
            console = _console(stderr=True)
            console.print(f"error: {head}", style="bold red", markup=False, highlight=False)
            console.print(f"  try: {inert(error.advice)}", markup=False, highlight=False)
        else:
            sys.stderr.write(f"error: {head}\n  try: {inert(error.advice)}\n")

    def crash(self, _: Exception) -> None:
        """Leave the terminal to the traceback of a bug of ours."""
        self.close()

    def interrupt(self, _: BaseException) -> None:
        """Say that the user has ended it."""
        self.close()
        sys.stderr.write("interrupted\n")

    def note(self, text: str) -> None:
        """Say something the user should know about how a result came to be, on standard error."""
        self.close()
        sys.stderr.write(f"note: {inert(text)}\n")

    def step(self, host: str, text: str) -> None:
        """Show that a host has begun a step."""
        with self._lock:
            if self.json or not sys.stderr.isatty():
                return
            bar = self._bar(host)
            self._live().update(bar, description=f"{host}  {text}", visible=True)

    def sent(self, host: str, done_bytes: int, total_bytes: int) -> None:
        """Show how much of a transfer is done."""
        with self._lock:
            if self.json or not sys.stderr.isatty():
                return
            self._live().update(self._bar(host), completed=done_bytes, total=total_bytes)

    def close(self) -> None:
        """Take progress off the terminal."""
        with self._lock:
            if self._progress is not None:
                self._progress.stop()
            self._progress = None
            self._bars.clear()

    def _live(self) -> RichProgress:
        if self._progress is None:
            from rich.progress import (
                BarColumn,
                DownloadColumn,
                Progress,
                SpinnerColumn,
                TextColumn,
                TransferSpeedColumn,
            )

            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
            )
            self._progress = Progress(*columns, console=_console(stderr=True), transient=True)
            self._progress.start()
        return self._progress

    def _bar(self, host: str) -> Any:
        if host not in self._bars:
            self._bars[host] = self._live().add_task(host, total=None)
        return self._bars[host]

    def _table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        if not sys.stdout.isatty():
            for row in rows:
                write_line("  ".join(cell for cell in row if cell))
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns, box=None, pad_edge=False, header_style="dim")
        for row in _without_repeats(rows):
            table.add_row(*(Text(inert(cell), style=_tone(cell)) for cell in row))
        _console().print(table)

    def _emit(self, document: Mapping[str, Any], indent: int | None = 2) -> None:
        write_line(json.dumps(document, indent=indent))


def _tone(cell: str) -> str:
    return "bold yellow" if cell.startswith(MARK) else _TONES.get(cell, "")


def _without_repeats(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Leave out what the row above says already, all but the last cell; a table reads better so."""
    shown = [list(row) for row in rows]
    for row, above, below in zip(rows, rows[1:], shown[1:], strict=False):
        if row[:-1] == above[:-1]:
            below[:-1] = [""] * len(below[:-1])
    return shown


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr)


def write_line(text: str) -> None:
    """Write a line at once, and in one piece, as hosts may speak at the same time.

    A reader or a terminal that has gone away is no error of ours.
    """
    with suppress(OSError):
        sys.stdout.write(f"{inert(text)}\n")
        sys.stdout.flush()
