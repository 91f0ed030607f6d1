"""The ``remotego`` command: the same verbs as ``invoke`` with our namespace, in any directory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from invoke import Config, Exit, ParseError, Program

from remotego import __version__
from remotego.cli.ns import ns
from remotego.cli.render import Printer
from remotego.core.errors import UsageError


@dataclass(eq=False)
class BadWordsError(UsageError):
    """A verb or flag that does not exist, or lacks its value."""

    said: str
    what = "{said}"
    remedy = "`remotego --list` shows the verbs, `remotego VERB --help` what each takes"


class _QuietConfig(Config):
    """Invoke's configuration without its files: a workspace or a home must not steer us through them."""

    def load_base_conf_files(self) -> None:
        """Read no invoke.yaml or its kin from home and /etc."""


class _Program(Program):
    """Invoke's program, where wrong words are a UsageError like any other."""

    def parse_core(self, argv: list[str] | None) -> None:
        """Read the flags that belong to no verb."""
        with _bad_words():
            super().parse_core(argv)

    def parse_tasks(self) -> None:
        """Read the verbs and their flags."""
        with _bad_words():
            super().parse_tasks()


@contextmanager
def _bad_words() -> Iterator[None]:
    try:
        yield
    except ParseError as error:
        problem = BadWordsError(str(error))
        Printer(json="--json" in sys.argv).error(problem)
        raise Exit(code=problem.exit_code) from error


def run() -> None:
    """Run the command line."""
    _Program(version=__version__, namespace=ns, name="remotego", binary="remotego", config_class=_QuietConfig).run()
