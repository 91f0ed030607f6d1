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
class Switch:
    """Yes or no."""

    expected: str


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of time: a number of seconds, or text such as "30s", "2m" or "1h"; bounds in seconds, both allowed."""

    expected: str
    least_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class Words:
    """A list of words."""

    expected: str
    each: Word


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_SPAN = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)(s|m|h)?")
_UNITS = {None: 1, "s": 1, "m": 60, "h": 3600}

Option = Word | Number | Switch | Duration | Words

HOST = Word("a host name without blanks and not beginning with a dash", r"[^\s-]\S*")
"""A name that cannot be read as an option of ssh."""

MIRROR = Word("a URL of https, http or file below which the official archives of Go lie", r"(https?|file)://\S+")

OPTIONS: Mapping[str, Option] = {
    "hosts": Words("a list of host names, or a table [hosts.NAME] for each", HOST),
    "process": Word("the name of a process"),
    "pid": Number("a process id, 1 to 4194304", 1, 4194304),
    "dlv_version": Word('"auto" or a version such as "1.27.1"', r"auto|v?[0-9]+\.[0-9]+\.[0-9]+"),
    "port": Number("a port, 1 to 65535", 1, 65535),
    "unit": Word('the name of a systemd unit, such as "svc.service"'),
    "local_port": Number("a port, 1 to 65535, or 0 for any free one", 0, 65535),
    "lease": Duration('a span such as "10s", 1 second to 1 hour', 1, 3600),
    "max_pause": Duration('a span such as "30s", or 0 for no limit', 0, 86400),
    "hold": Switch("true or false"),
    "detach_on_exit": Switch("true or false"),
    "channel": Word('"auto", "streamlocal", "relay" or "tcp"', r"auto|streamlocal|relay|tcp"),
    "ssh_config": Word("the path of an ssh_config file", is_path=True),
    "transport": Word('"fabric" or "openssh"', r"fabric|openssh"),
    "store": Word("a directory on the target"),
    "ptrace": Word("auto, none, as-user, setcap, sysctl or exec", r"auto|none|as-user|setcap|sysctl|exec"),
    "parallel": Number("a number of hosts at a time, 1 to 256", 1, 256),
    "go": Word("the path of a go command", is_path=True),
    "remote_go": Word("an absolute path of a go command on the target", r"(~/|/)[^'\"$`\\:]+"),
    "workspace": Word("the folder that VS Code has open", is_path=True),
    "sdk_mirror": MIRROR,
    "sdk_catalogue": Word("the path of a file with digests of SDKs", is_path=True),
    "client": Word('"auto", "posix" or "windows"', r"auto|posix|windows"),
}

SELECTORS = ("process", "pid", "port", "unit")
"""Options that each name a process; one of them is enough."""

PER_HOST = (
    *SELECTORS,
    "dlv_version",
    "local_port",
    "lease",
    "max_pause",
    "hold",
    "detach_on_exit",
    "channel",
    "transport",
    "store",
    "ptrace",
    "remote_go",
)
"""Options that a [hosts.NAME] table may give for its host alone."""


_MACHINE = r"[A-Za-z0-9_\[][A-Za-z0-9._@:\[\]-]*"

MACHINE: Mapping[str, Option] = {
    "address": Word("a host name or an IP address", r"[A-Za-z0-9_:][A-Za-z0-9._:-]*"),
    "user": Word("the name of a login", r"[A-Za-z0-9_][A-Za-z0-9._@-]*"),
    "ssh_port": Number("a port, 1 to 65535", 1, 65535),
    "jump": Word('machines on the way, such as "jump1" or "jump1,ann@jump2:2222"', rf"{_MACHINE}(,{_MACHINE})*"),
    "identity": Word("the path of a key, without quotes, %, $ and \\", r"[^\"'%$\\]+", is_path=True),
    "host_keys": Words(
        "a list of public keys as in known_hosts",
        Word(
            'a public key such as "ssh-ed25519 AAAA..."',
            r"(@cert-authority )?(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}( [^#]*)?",
        ),
    ),
    "keep_alive": Duration('a span such as "15s", or 0 for none', 0, 3600),
}
"""What a [hosts.NAME] or [jumps.NAME] table may say of the way to its machine, for gen-ssh-config.

Nothing here can become a second keyword of ssh_config, a command, or a ``%`` that ssh expands.
"""

JUMPS = "jumps"
"""Machines that are only on the way to others: they have tables like hosts, and no verb works on them."""


def fault(key: str, value: Any) -> str | None:
    """Say what is wrong with a setting, None if nothing is. A key is as in ``core.settings.Layer``."""
    table, _, rest = key.partition(".")
    if not rest or table not in ("hosts", JUMPS):
        return _fault(key, value, tuple(OPTIONS))
    host, _, name = rest.rpartition(".")
    known = tuple(MACHINE) if table == JUMPS else (*PER_HOST, *MACHINE)
    return _fault(name, value, known) if fits(HOST, host) else fault_of(HOST, host)


def fits(option: Option, value: Any) -> bool:
    """Tell whether an option takes a value. True and False are no numbers."""
    match option:
        case Word(pattern=pattern):
            return isinstance(value, str) and bool(re.fullmatch(pattern, value) and not _CONTROL.search(value))
        case Number(least=least, most=most):
            return type(value) is int and least <= value <= most
        case Switch():
            return isinstance(value, bool)
        case Duration(least_s=least_s, most_s=most_s):
            span_s = seconds(value)
            return span_s is not None and least_s <= span_s <= most_s
        case Words(each=each):
            return isinstance(value, list | tuple) and all(fits(each, item) for item in value)
        case _:
            assert_never(option)


def seconds(value: Any) -> float | None:
    """Read a span of time in seconds; None for what is none."""
    if type(value) in (int, float):
        return float(value) if value == value and abs(value) < 1e9 else None
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    return float(found[1]) * _UNITS[found[2]] if found else None


def _fault(name: str, value: Any, known: tuple[str, ...]) -> str | None:
    if name not in known:
        return f"there is no such setting; {nearest(name, known)}"
    option = OPTIONS.get(name) or MACHINE[name]
    return None if fits(option, value) else fault_of(option, value)


def fault_of(option: Option, value: Any) -> str:
    """Say what an option expects, for a value that it does not take."""
    match option, value:
        case Words(each=each), list() | tuple():
            return fault_of(each, next(item for item in value if not fits(each, item)))
        case _:
            return f"{option.expected} was expected, not {value!r}"


def nearest(name: str, known: tuple[str, ...]) -> str:
    """Name the setting that was probably meant, or all there are."""
    import difflib  # 6 ms, only ever paid for a mistake

    near = difflib.get_close_matches(name, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"here are {', '.join(known)}"
