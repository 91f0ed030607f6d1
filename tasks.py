"""The project's own tasks, and remotego's: ``invoke --list``."""

from __future__ import annotations

from invoke import Collection, Context, task

from remotego.cli.ns import VERBS


@task
def check(c: Context) -> None:
    """Lint, format, types and floors: everything that needs no target."""
    for command in ("ruff check .", "ruff format --check .", "mypy", "lint-imports"):
        c.run(command, pty=False)


@task(help={"only": "a path or expression for pytest instead of everything"})
def test(c: Context, only: str = "") -> None:  # noqa: PT028 - a task, not a test
    """Run the checks and the whole suite; the lab brings up what it needs."""
    check(c)
    c.run(f"pytest {only}", pty=False)


ns = Collection(check, test, *VERBS)
