"""Options: the settings there are, and what values each takes.

schemas/remotego.schema.json tells editors the same; a test holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Word:
    """Text without control characters, as ``pattern`` wants it; ``is_path`` if it names a local file."""

    expected: str
    pattern: str = r".+"
    is_path: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two bounds, both allowed."""

    expected: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Words:
    """A list of words."""

    expected: str
    each: Word


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Option = Word | Number | Words

HOST = Word("a host name without blanks and not beginning with a dash", r"[^\s-]\S*")
"""A name that cannot be read as an option of ssh."""

OPTIONS: Mapping[str, Option] = {
    "hosts": Words("a list of host names, or a table [hosts.NAME] for each", HOST),
    "process": Word("the name of a process"),
    "pid": Number("a process id, 1 to 4194304", 1, 4194304),
    "dlv_version": Word('"auto" or a version such as "1.27.1"', r"auto|v?[0-9]+\.[0-9]+\.[0-9]+"),
    "port": Number("a port, 1 to 65535, or 0 for any free one", 0, 65535),
    "ssh_config": Word("the path of an ssh_config file", is_path=True),
    "store": Word("a directory on the target"),
    "parallel": Number("a number of hosts at a time, 1 to 256", 1, 256),
    "go": Word("the path of a go command", is_path=True),
    "workspace": Word("the folder that VS Code has open", is_path=True),
}

PER_HOST = ("process", "pid", "dlv_version", "port", "store")
"""Options that a [hosts.NAME] table may give for its host alone."""


def fault(key: str, value: Any) -> str | None:
    """Say what is wrong with a setting, None if nothing is. A key is as in ``core.settings.Layer``."""
    if not key.startswith("hosts."):
        return _fault(key, value, tuple(OPTIONS))
    host, _, name = key.removeprefix("hosts.").rpartition(".")
    return _fault(name, value, PER_HOST) if fits(HOST, host) else _fault_of(HOST, host)


def fits(option: Option, value: Any) -> bool:
    """Tell whether an option takes a value. True and False are no numbers."""
    match option:
        case Word(pattern=pattern):
            return isinstance(value, str) and bool(re.fullmatch(pattern, value) and not _CONTROL.search(value))
        case Number(least=least, most=most):
            return type(value) is int and least <= value <= most
        case Words(each=each):
            return isinstance(value, list | tuple) and all(fits(each, item) for item in value)
        case _:
            assert_never(option)


def _fault(name: str, value: Any, known: tuple[str, ...]) -> str | None:
    if name not in known:
        return f"there is no such setting; {_nearest(name, known)}"
    option = OPTIONS[name]
    if fits(option, value):
        return None
    match option, value:
        case Words(each=each), list() | tuple():
            return _fault_of(each, next(item for item in value if not fits(each, item)))
        case _:
            return _fault_of(option, value)


def _fault_of(option: Option, value: Any) -> str:
    return f"{option.expected} was expected, not {value!r}"


def _nearest(name: str, known: tuple[str, ...]) -> str:
    import difflib  # 6 ms, only ever paid for a mistake

    near = difflib.get_close_matches(name, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"here are {', '.join(known)}"
