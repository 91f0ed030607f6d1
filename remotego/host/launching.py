"""What a command means on a target: the directory it would run in, and the file it would execute there."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from remotego.core.errors import MissingError, RefusedError, UsageError
from remotego.core.fact import Fact
from remotego.core.terminal import inert

_SCRIPT = """\
cd -- {directory} 2>/dev/null || {{ echo 'problem=nodirectory'; exit 0; }}
program={program}
case $program in
  */*) ;;
  *) program=$(command -v -- "$program") || {{ echo 'problem=notfound'; exit 0; }} ;;
esac
case $program in /*) ;; *) program=$(pwd -P)/$program ;; esac
printf 'directory=%s\\nprogram=%s\\n' "$(pwd -P)" "$program"
[ -f "$program" ] || {{ echo 'problem=notfound'; exit 0; }}
[ -x "$program" ] || echo 'problem=notexecutable'
"""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=[^\0]*", re.DOTALL)


@dataclass(eq=False)
class NoCommandError(UsageError):
    """There is nothing to execute."""

    command: str
    why: str
    what = "{command!r} is no command: {why}"
    remedy = "give a program and its arguments as you would type them in a shell, such as --exec './svc -v'"


@dataclass(eq=False)
class BadVariableError(UsageError):
    """A variable of the environment is not written as one."""

    given: str
    what = "{given!r} is no variable of an environment"
    remedy = "write --env NAME=VALUE"


@dataclass(eq=False)
class NoSuchDirectoryError(MissingError):
    """The directory to run in is not there."""

    host: str
    directory: str
    what = "{host}: there is no directory {directory} that this login can enter"
    remedy = "name another one with --cwd"


@dataclass(eq=False)
class NoSuchProgramError(MissingError):
    """The program is not there."""

    host: str
    program: str
    what = "{host}: there is no program {program}"
    remedy = "give its path there, from --cwd or from /; a bare name is looked up in PATH"


@dataclass(eq=False)
class NoSuchCoreError(MissingError):
    """The core file is not there."""

    host: str
    file: str
    what = "{host}: there is no core file {file}"
    remedy = "give its path there; `coredumpctl dump -o FILE` writes one that systemd keeps"


@dataclass(eq=False)
class UnexecutableProgramError(RefusedError):
    """The login may not execute the program."""

    host: str
    program: str
    what = "{host}: {program} may not be executed by this login"
    remedy = "give it the right there with chmod, or name another program"


@dataclass(frozen=True, slots=True)
class Place:
    """An absolute ``program`` and the ``directory`` it would run in; ``problem`` is "" where nothing is in the way."""

    directory: str = ""
    program: str = ""
    problem: str = ""


def split_command(command: str) -> tuple[str, ...]:
    """Read a command as a shell would, without its expansions. Raises NoCommandError."""
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise NoCommandError(command, str(error).lower()) from error
    if not words or not words[0]:
        raise NoCommandError(command, "it is empty")
    return words


def check_environment(given: tuple[str, ...]) -> None:
    """Raise BadVariableError for what is not NAME=VALUE."""
    for one in given:
        if not _VARIABLE.fullmatch(one):
            raise BadVariableError(one)


def place(program: str, directory: str) -> Fact[Place]:
    """Ask where a program is, from a directory; "" is where a login begins."""
    where = shlex.quote(directory) if directory else '"$HOME"'
    return Fact("program", _SCRIPT.format(directory=where, program=shlex.quote(program)), _parse)


def check_place(found: Place, *, host: str, program: str, directory: str) -> None:
    """Raise NoSuchDirectoryError, NoSuchProgramError or UnexecutableProgramError for what cannot be run."""
    match found.problem:
        case "nodirectory":
            raise NoSuchDirectoryError(host, directory)
        case "notfound":
            raise NoSuchProgramError(host, program)
        case "notexecutable":
            raise UnexecutableProgramError(host, found.program)


def _parse(text: str) -> Place:
    pairs = dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    if "problem" not in pairs and not {"directory", "program"} <= pairs.keys():
        raise ValueError(f"it does not tell where: {inert(text)[:200]!r}")
    return Place(**{name: inert(pairs.get(name, "")) for name in ("directory", "program", "problem")})
