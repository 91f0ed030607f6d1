"""The project's own tasks, and remotego's: ``invoke --list``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from invoke import Collection, Context, task

from remotego.cli.ns import VERBS

HERE = Path(sys.executable).parent
"""This environment's programs, whether it is activated or not."""


def _run(c: Context, command: str) -> None:
    c.run(command, env={"PATH": f"{HERE}{os.pathsep}{os.environ.get('PATH', os.defpath)}"})


@task
def check(c: Context) -> None:
    """Lint, format, types and floors: everything that needs no target."""
    for command in ("ruff check .", "ruff format --check .", "mypy", "lint-imports"):
        _run(c, command)


@task(help={"only": "a path or expression for pytest instead of everything"})
def test(c: Context, only: str = "") -> None:  # noqa: PT028 - a task, not a test
    """Run the checks and the whole suite; the lab brings up what it needs."""
    check(c)
    _run(c, f"pytest {only}")


@task(help={"options": "options of `python -m benchmarks`, such as --json"})
def bench(c: Context, options: str = "") -> None:
    """Measure what a user waits for against what they would otherwise type, on the lab."""
    _run(c, f"python -m benchmarks {options}")


ns = Collection(check, test, bench, *VERBS)
