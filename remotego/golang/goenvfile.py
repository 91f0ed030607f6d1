"""The go env file: what ``go env -w`` keeps, edited by the rules by which go reads it (Go 1.27).

go takes ``NAME=VALUE`` lines that begin with a capital letter, nothing quoted, the last one of a name; it passes over
all others (cmd/go's cfg.readEnvFile). ``go env -w`` itself rewrites the file in place, without a lock, and sorts it
(envcmd.updateEnvFile): we change only the lines asked for, and leave order, other lines and unknown bytes alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remotego.core.errors import UsageError
from remotego.core.tables import secret_in
from remotego.golang import goauth

KNOWN = frozenset(
    """
    AR CC CGO_CFLAGS CGO_CFLAGS_ALLOW CGO_CFLAGS_DISALLOW CGO_CPPFLAGS CGO_CPPFLAGS_ALLOW CGO_CPPFLAGS_DISALLOW
    CGO_CXXFLAGS CGO_CXXFLAGS_ALLOW CGO_CXXFLAGS_DISALLOW CGO_ENABLED CGO_FFLAGS CGO_FFLAGS_ALLOW CGO_FFLAGS_DISALLOW
    CGO_LDFLAGS CGO_LDFLAGS_ALLOW CGO_LDFLAGS_DISALLOW CXX FC GCCGO GO111MODULE GO386 GOAMD64 GOARCH GOARM GOARM64
    GOAUTH GOBIN GOCACHE GOCACHEPROG GOEXPERIMENT GOFIPS140 GOFLAGS GOINSECURE GOMIPS GOMIPS64 GOMODCACHE GONOPROXY
    GONOSUMDB GOOS GOPATH GOPPC64 GOPRIVATE GOPROXY GORISCV64 GOSUMDB GOTMPDIR GOTOOLCHAIN GOVCS GOWASM
    GO_EXTLINK_ENABLED PKG_CONFIG
    """.split()  # noqa: SIM905 - fifty short words read better as text
)
"""Names that ``go env -w`` takes (internal/cfg.KnownEnv less those below)."""

FIXED = frozenset(
    (
        "GOEXE",
        "GOGCCFLAGS",
        "GOHOSTARCH",
        "GOHOSTOS",
        "GOMOD",
        "GOTELEMETRY",
        "GOTELEMETRYDIR",
        "GOTOOLDIR",
        "GOVERSION",
    )
)

_ELSEWHERE: Mapping[str, str] = {
    "GOROOT": "go finds its own tree by where it lies; set, it makes every other go fail",
    "GOENV": "it names this very file, so go reads it from the environment only",
    "GODEBUG": "go reads it from the environment only; a //go:debug line or go.mod holds it for a program",
    "GOWORK": "go finds go.work by the directory it runs in, and reads this from the environment only",
}

_PATHS = ("GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN", "GOTMPDIR")


@dataclass(eq=False)
class UnfitVariableError(UsageError):
    """A variable that does not belong into go's file, or a value that go would not take."""

    name: str
    reason: str
    what = "{name} cannot be set in go's own file: {reason}"
    remedy = "see `go help environment`; `go env -w` refuses the same"


@dataclass(eq=False)
class SecretVariableError(UnfitVariableError):
    """A value with a user, a password or a token: the file is in clear, and ``go env`` prints it."""

    remedy = "leave it out: go reads it from ~/.netrc, or asks the program that GOAUTH names (`go help goauth`)"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable we set: the value it has ``now`` in the file, and what it ``was`` there (None: it was not there)."""

    name: str
    now: str
    was: str | None


def parse_assignments(words: Iterable[str]) -> dict[str, str]:
    """Read words ``NAME=VALUE``; the last one of a name counts. Raises UnfitVariableError, SecretVariableError."""
    wanted: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UnfitVariableError(word or "''", "NAME=VALUE was expected")
        wanted[name] = value
    check(wanted)
    return wanted


def check(wanted: Mapping[str, str]) -> None:
    """Refuse what ``go env -w`` refuses (envcmd.checkEnvWrite), and secrets. Raises UnfitVariableError."""
    for name, value in wanted.items():
        if reason := _unfit_name(name) or _unfit_text(value) or _unfit_value(name, value):
            raise UnfitVariableError(name, reason)
        if secret_in(f"terminal.linux.{name}", value):
            raise SecretVariableError(name, "a URL here has a user, a password or a query")


def _unfit_name(name: str) -> str:
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    if name in FIXED:
        return "go works it out by itself"
    return "" if name in KNOWN else "go knows no such variable"


def _unfit_text(value: str) -> str:
    if re.search("[\x00\v\r\n]", value):
        return "its value has a line break or a NUL in it"
    return "its value is no text" if re.search("[\ud800-\udfff]", value) else ""


def _unfit_value(name: str, value: str) -> str:
    """Say what go would refuse; an empty value stands for "not given" and always fits."""
    if not value:
        return ""
    match name:
        case "GO111MODULE":
            return "" if value in ("auto", "on", "off") else "auto, on or off was expected"
        case _ if name in _PATHS:
            return "" if value.startswith("/") else "an absolute path was expected"
        case "CC" | "CXX":
            return _unfit_command(value)
        case _:
            return ""


def _unfit_command(value: str) -> str:
    try:
        program = next(iter(shlex.split(value, posix=True)), "")
    except ValueError as error:
        return f"it cannot be split into words: {error}"
    return "" if program and (program.startswith("/") or "/" not in program) else "an absolute path was expected"


def held(data: bytes, name: str) -> str | None:
    """Give the value that go reads for a name; None where the file does not give it."""
    at = _last(_lines(data), name)
    return None if at is None else _value(_lines(data)[at])


def edited(data: bytes, wanted: Mapping[str, str]) -> bytes:
    """Give the file with these values: a name that is there in its place, the others at the end."""
    lines = _lines(data)
    for name, value in wanted.items():
        at = _last(lines, name)
        if at is None:
            lines = _ended(lines)
            lines.append(_line(name, value))
        elif _value(lines[at]) != value:
            lines[at] = _line(name, value)
    return b"".join(lines)


def told(data: bytes, wanted: Mapping[str, str]) -> tuple[Variable, ...]:
    """Say which variables an edit changes, for taking it back."""
    before = {name: held(data, name) for name in wanted}
    return tuple(Variable(name, value, before[name]) for name, value in wanted.items() if before[name] != value)


def withdrawn(data: bytes, ours: Sequence[Variable]) -> bytes:
    """Take our values out of a file that somebody has changed since; what has another value by now is theirs.

    GOAUTH is a list, to which we add in two ways: of that our part goes.
    """
    lines = _lines(data)
    for one in ours:
        at = _last(lines, one.name)
        if at is None and (one.name, one.now) == (goauth.NAME, "") and one.was is not None:
            lines = [*_ended(lines), _line(one.name, one.was)]  # what came after us has taken our empty one away
        elif at is not None and (after := _without(_value(lines[at]), one)) != _value(lines[at]):
            lines[at : at + 1] = [] if after is None else [_line(one.name, after)]
    return b"".join(lines)


def _without(value: str, one: Variable) -> str | None:
    if one.name == goauth.NAME:
        return goauth.taken_out(value, one.now, one.was)
    return one.was if value == one.now else value


def _lines(data: bytes) -> list[bytes]:
    """Split behind line feeds only, as go does."""
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _last(lines: Sequence[bytes], name: str) -> int | None:
    key = name.encode() + b"="
    return next((at for at in range(len(lines) - 1, -1, -1) if lines[at].startswith(key)), None)


def _value(line: bytes) -> str:
    return line.partition(b"=")[2].removesuffix(b"\n").decode("utf-8", "surrogateescape")


def _line(name: str, value: str) -> bytes:
    return f"{name}={value}\n".encode("utf-8", "surrogateescape")


def _ended(lines: list[bytes]) -> list[bytes]:
    """Have the last line end."""
    return [*lines[:-1], lines[-1] + b"\n"] if lines and not lines[-1].endswith(b"\n") else lines
