"""The files of ours that start-up files read: they put go's directory in front, and print nothing.

They set PATH and nothing else: an exported GOROOT breaks every other go, an exported GOPROXY hides ``go env -w``.
Read again they change nothing, so that a shell that reads several start-up files ends with one entry.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

HEAD = "# Written by remotego; `remotego undo` takes it back.\n"

_FIRST = """\
case $PATH: in
  {word}:*) ;;
  *)
    remotego_path=:$PATH:
    while :; do
      case $remotego_path in
        *:{word}:*) remotego_path=${{remotego_path%%:{word}:*}}:${{remotego_path#*:{word}:}} ;;
        *) break ;;
      esac
    done
    remotego_path=${{remotego_path#:}} remotego_path=${{remotego_path%:}}
    PATH={word}${{remotego_path:+:$remotego_path}}
    export PATH
    unset remotego_path ;;
esac
"""
_THERE = 'case ":$PATH:" in\n  *:{word}:*) ;;\n  *) PATH={word}${{PATH:+:$PATH}}; export PATH ;;\nesac\n'

_FISH_FIRST = """\
if test "$PATH[1]" != {word}
    set -l remotego_path
    for remotego_one in $PATH
        test "$remotego_one" = {word}; or set remotego_path $remotego_path $remotego_one
    end
    set -gx PATH {word} $remotego_path
    set -e remotego_one
end
"""
_FISH_THERE = "contains -- {word} $PATH; or set -gx PATH {word} $PATH\n"


def sh_text(first: str | None, others: Sequence[str]) -> str:
    """Have ``first`` in front of PATH, before any other go, and ``others`` in it at all; for shells like sh."""
    return HEAD + _lines(_FIRST, first, _THERE, others)


def fish_text(first: str | None, others: Sequence[str]) -> str:
    """The same for fish."""
    return HEAD + _lines(_FISH_FIRST, first, _FISH_THERE, others)


def _lines(first_form: str, first: str | None, form: str, others: Sequence[str]) -> str:
    lines = [form.format(word=shlex.quote(one)) for one in reversed(others)]
    return "".join([*lines, *([] if first is None else [first_form.format(word=shlex.quote(first))])])


_FIRST_LINE = re.compile(r"^ +(?:PATH=|set -gx PATH )(.+?)(?:\$\{remotego_path:\+.*| \$remotego_path)$", re.MULTILINE)
_OTHER_LINE = re.compile(
    r"^(?:  \*\) PATH=(.+)\$\{PATH:\+:\$PATH\}; export PATH ;;|contains -- (.+) \$PATH; or .*)$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a file of ours names: the directory that is ``first`` (None: none), and ``others`` that are there at all."""

    first: str | None
    others: tuple[str, ...]


def directories_named(text: str) -> Named | None:
    """Read the directories out of a file of ours; None unless every byte of it is what we would write for them."""
    firsts, others = _words(_FIRST_LINE, text), _words(_OTHER_LINE, text)
    found = Named(firsts[0] if firsts else None, tuple(reversed(others)))
    same = text in (form(found.first, found.others) for form in (sh_text, fish_text))
    return found if same else None


def _words(line: re.Pattern[str], text: str) -> list[str]:
    """Give what stands in lines of a form, without the quotes."""
    words = (next(filter(None, found.groups())) for found in line.finditer(text))
    return [word.strip("'") for word in words]
