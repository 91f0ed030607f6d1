"""The ``remotego`` command: the same verbs as ``invoke`` with our namespace, in any directory."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from invoke import Config, Exit, ParseError, Program

from remotego import __version__
from remotego.cli.ns import GROUPS, ns
from remotego.cli.verb import printer_for
from remotego.core.errors import UsageError

_UNKNOWN = re.compile(r"No idea what '(.*)' is!")
"""What Invoke's parser says of a word that is neither a verb nor a value."""

_CORE_FLAGS = ("--help", "-h", "--dry")

_WITH_A_WORD = {f"{group.name}.{name}" for group in GROUPS for name, one in group.tasks.items() if one.positional}
"""Verbs that take a bare word."""


@dataclass(eq=False)
class BadWordsError(UsageError):
    """A verb or flag that does not exist, or lacks its value."""

    said: str
    what = "{said}"
    remedy = "`remotego --list` shows the verbs, `remotego VERB --help` what each takes"


@dataclass(eq=False)
class SeveralWordsError(UsageError):
    """Several words behind a flag that may be given several times, each with one."""

    flag: str
    first: str
    word: str
    what = "{flag} {first} {word}: a flag takes one word, and {word!r} is no verb"
    remedy = "give the flag again for each: {flag} {first} {flag} {word}"


class _QuietConfig(Config):
    """Invoke's configuration without its files: a workspace or a home must not steer us through them."""

    def load_base_conf_files(self) -> None:
        """Read no invoke.yaml or its kin from home and /etc."""


class _Program(Program):
    """Invoke's program, where wrong words are a UsageError like any other."""

    def normalize_argv(self, argv: list[str] | None) -> None:
        """Let --help and --dry stand between a verb and its bare word, where Invoke takes them for that word."""
        super().normalize_argv(argv)
        self.argv = _core_flags_first(self.argv)

    def parse_core(self, argv: list[str] | None) -> None:
        """Read the flags that belong to no verb."""
        with self._bad_words():
            super().parse_core(argv)

    def parse_tasks(self) -> None:
        """Read the verbs and their flags."""
        with self._bad_words():
            super().parse_tasks()

    @contextmanager
    def _bad_words(self) -> Iterator[None]:
        try:
            yield
        except ParseError as error:
            problem = _several(error, self.argv) or BadWordsError(str(error))
            printer_for({"json": "--json" in sys.argv, "task": "--task" in sys.argv}).error(problem)
            raise Exit(code=problem.exit_code) from error


def _several(error: ParseError, words: list[str]) -> SeveralWordsError | None:
    """Tell whether a word that is unknown follows the value of a flag that may be repeated."""
    unknown = _UNKNOWN.fullmatch(str(error))
    flags = error.context.flags if error.context else {}
    for flag, first, word in zip(words, words[1:], words[2:], strict=False):
        if unknown and word == unknown[1] and flag in flags and flags[flag].kind is list:
            return SeveralWordsError(flag, first, word)
    return None


def _core_flags_first(words: list[str]) -> list[str]:
    for place, word in enumerate(words):
        if word in _WITH_A_WORD and words[place + 1 : place + 2] and words[place + 1] in _CORE_FLAGS:
            flag, rest = words[place + 1], words[place + 2 :]
            return _core_flags_first([*words[:1], flag, *words[1:place], word, *rest])
    return words


def run() -> None:
    """Run the command line."""
    _Program(version=__version__, namespace=ns, name="remotego", binary="remotego", config_class=_QuietConfig).run()
