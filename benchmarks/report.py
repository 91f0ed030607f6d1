"""The figures as a table: rich on a terminal, plain in a pipe, or JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any, assert_never

from benchmarks.contest import CpuSeconds, Result, WallAbove, WallDifference, WallRatio
from benchmarks.machine import Line, Machine
from benchmarks.sample import Sample

_STEP = re.compile(r"^step ([0-9.]+) (.+)$", re.MULTILINE)
COLUMNS = ("", "wall ms", "least", "CPU ms", "round trips", "ratio", "bound", "")


def heading(machine: Machine, lines: Sequence[tuple[float, Line]], rounds: int) -> str:
    """Say what the figures were taken on."""
    links = "; ".join(
        f"link of {wanted:g} ms: measured {line.rtt_ms:.2f} ms, {line.bytes_per_s / 1e6:.0f} MB/s"
        for wanted, line in lines
    )
    return (
        f"{machine.cores} cores, load {machine.load:.1f}, {machine.system}, Python {machine.python}, "
        f"{machine.openssh}; {links}; medians of {rounds} interleaved rounds"
    )


def rows(result: Result) -> Iterator[tuple[str, ...]]:
    """One row for the contest's name, one for each contender."""
    yield (result.contest.title, *[""] * (len(COLUMNS) - 1))
    for index, contender in enumerate(result.contest.contenders):
        samples = result.samples[index]
        walls = [sample.wall_s for sample in samples]
        verdict = (_bound(result), "held" if result.held else "MISSED") if index == 0 else ("", "")
        ratio = f"{result.ratio(index):.2f}" if len(result.samples) > 1 else ""
        cpu_s = median(sample.cpu_s for sample in samples)
        trips = "+".join(map(str, result.talks[index]))
        yield (f"  {contender.name}", _ms(median(walls)), _ms(min(walls)), _ms(cpu_s), trips, ratio, *verdict)
        yield from _steps(samples)


def _steps(samples: Sequence[Sample]) -> Iterator[tuple[str, ...]]:
    """One row for each step a command tells of, in the order of the first run."""
    told = [_STEP.findall(sample.said) for sample in samples]
    for name in dict.fromkeys(name for _, name in told[0]):
        walls = [sum(float(wall_s) for wall_s, step in one if step == name) for one in told]
        yield (f"    {name}", _ms(median(walls)), _ms(min(walls)), *[""] * (len(COLUMNS) - 3))


def document(machine: Machine, lines: Sequence[tuple[float, Line]], results: Sequence[Result]) -> dict[str, Any]:
    """Everything measured, as plain data."""
    return {
        "machine": asdict(machine),
        "links": [{"wanted_rtt_ms": wanted, **asdict(line)} for wanted, line in lines],
        "contests": [_contest(result) for result in results],
    }


def show(table: Sequence[tuple[str, ...]]) -> None:
    """Print a table to standard output."""
    if sys.stdout.isatty():
        _show_rich(table)
        return
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    for row in table:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip(), flush=True)


def show_json(data: dict[str, Any]) -> None:
    """Print data to standard output."""
    print(json.dumps(data, indent=2))


def _show_rich(table: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    header, *body = table
    shown = Table(box=None, header_style="dim")
    for title in header:
        shown.add_column(title, justify="left" if not title else "right")
    for row in body:
        style = {"held": "green", "MISSED": "bold red"}.get(row[-1], "" if row[1] else "bold")
        shown.add_row(*row, style=style)
    Console().print(shown)


def _contest(result: Result) -> dict[str, Any]:
    contest = result.contest
    return {
        "title": contest.title,
        "bound": {"kind": type(contest.bound).__name__, "at_most": contest.bound.at_most},
        "figure": round(result.figure, 4),
        "held": result.held,
        "contenders": [
            {
                "name": contender.name,
                "wall_s": [round(sample.wall_s, 4) for sample in samples],
                "cpu_s": [round(sample.cpu_s, 4) for sample in samples],
                "round_trips": list(talks),
            }
            for contender, samples, talks in zip(contest.contenders, result.samples, result.talks, strict=True)
        ],
    }


def _bound(result: Result) -> str:
    match result.contest.bound:
        case WallRatio(at_most):
            return f"{at_most:.1f} of its wall"
        case WallAbove(at_most):
            return f"its wall + {_ms(at_most)}"
        case WallDifference(at_most):
            return f"its wall + {at_most:.1f} of the third"
        case CpuSeconds(at_most):
            return f"{_ms(at_most)} CPU"
        case bound:
            assert_never(bound)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"
