"""Asking the agent on a target for its processes (remotego/agent/PROTOCOL.md), and reading what it says.

One script finds the agent that fits the machine, so that asking costs no round trip of its own.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from remotego.core.artifact import Artifact
from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.host.inventory import Cause, Inventory, Program, Running, Socket, Verdict
from remotego.host.root import TRUSTED, root_word

T = TypeVar("T")

_SCRIPT = """\
{trusted}
root={root} agent= size=
case $(uname -m) in
{cases}
esac
set -f
set -- - - - - -
[ -z "$agent" ] || set -- $(ls -ln -- "$root/store/$agent" 2>/dev/null)
if [ -z "$agent" ] || [ "${{5:-}}" != "$size" ]; then echo absent; exit 0; fi
if ! trusted -d "$root" || ! trusted -d "$root/store" || ! trusted -f "$root/store/$agent"; then
  echo untrusted; exit 0
fi
printf '%s\n' {order} | "$root/store/$agent" {word} 2>&1
printf '\nexit %s\n' $?
"""


NOT_EXECUTED = 126


@dataclass(frozen=True, slots=True)
class Absent:
    """No agent that we know of and that fits this machine is in the store."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """The agent is there and does not do its work: it ended with ``exit_code`` and ``said`` why.

    NOT_EXECUTED is the shell's code for a program it may not execute, 128 and more stand for signals.
    """

    exit_code: int
    said: str


Listed = Inventory | Absent | Unusable


def inventory(agents: Mapping[str, Artifact], store: str | None = None, *, everything: bool) -> Fact[Listed]:
    """Ask the agent for all Go processes.

    ``agents`` are those to look for, by what ``uname -m`` says. ``everything`` adds processes
    whose program this login may not read. ``store`` is as in ``survey``.
    """
    script = asking(agents, store, "ps", json.dumps({"all": everything}))
    return Fact("inventory", script, lambda text: read_ending(text, _read))


def asking(programs: Mapping[str, Artifact], store: str | None, word: str, order: str) -> str:
    """Write the script that finds a program of ours by the machine, and has it do what ``word`` says with an order."""
    cases = [
        f"{shlex.quote(machine)}) agent={shlex.quote(program.name)} size={program.size_bytes} ;;"
        for machine, program in programs.items()
    ]
    return _SCRIPT.format(
        trusted=TRUSTED, root=root_word(store), cases="\n".join(cases), order=shlex.quote(order), word=word
    )


def parse_appearance(line: bytes) -> Running | tuple[int, ...]:
    """Read a line of ``agent wait``: the process that has appeared, or the pids of those that were there before.

    Raises ValueError.
    """
    match data := _line(line.decode("utf-8", "replace")):
        case {"running": [*pids]} if all(type(pid) is int for pid in pids):
            return tuple(pids)
        case _:
            return _process(data)


def read_ending(text: str, read: Callable[[str], T]) -> T | Absent | Unusable:
    """Read what such a script prints; ``read`` gets what a program said that has done its work. Raises ValueError."""
    if text.strip() == "absent":
        return Absent()
    if text.strip() == "untrusted":
        return Unusable(NOT_EXECUTED, "others could have changed it, so it was not run")
    said, found, code = text.rpartition("\nexit ")
    if not found:
        raise ValueError("it does not tell how the agent ended")
    if int(code) != 0:
        return Unusable(int(code), inert(said).strip()[-500:])
    return read(said)


def _read(said: str) -> Inventory:
    """Read the lines of a whole list. Raises ValueError for anything else."""
    lines = [_line(line) for line in said.split("\n") if line]
    match lines:
        case [{"self": {"yama": int() | None as yama}}, *middle, {"done": {"listed": int(listed)}}]:
            found = tuple(_process(line) for line in middle)
        case _:
            raise ValueError("the agent's list is not complete")
    if listed != len(found):
        raise ValueError(f"the agent counted {listed} processes and told of {len(found)}")
    return Inventory(found, yama)


def _line(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the agent said {inert(text)[:200]!r}") from error


def _process(line: Any) -> Running:
    match line:
        case {
            "process": {
                "pid": int(pid),
                "start": int(start),
                "command": str(command),
                "argv": [*words],
                "state": str(state),
                "user": str(user),
                "uid": int(uid),
                "tracer_pid": int(tracer),
                "ports": [*_] | None as ports,
                "program": dict() | None as program,
                "attach": {"can": bool(can), "certain": bool(certain), **verdict},
                **rest,
            }
        }:
            return Running(
                pid=pid,
                start=start,
                command=inert(command),
                exe=_word(rest, "exe") or None,
                arguments=tuple(inert(str(word)) for word in words),
                state=inert(state),
                user=inert(user),
                uid=uid,
                tracer=tracer,
                ports=None if ports is None else tuple(map(_socket, ports)),
                container=_word(rest, "container"),
                unit=_word(rest, "unit"),
                program=None if program is None else _program(program),
                problem=_word(rest, "problem"),
                attach=Verdict(can, certain, tuple(_causes(verdict.get("causes")))),
            )
        case _:
            raise ValueError(f"the agent said {inert(repr(line))[:200]}")


def _socket(data: Any) -> Socket:
    match data:
        case {"address": str(address), "port": int(port)}:
            return Socket(inert(address), port)
        case _:
            raise ValueError(f"the agent said {inert(repr(data))[:200]} of a port")


def _causes(data: Any) -> Iterator[Cause]:
    for cause in data or ():
        match cause:
            case {"code": str(code), "text": str(text)}:
                yield Cause(inert(code), inert(text))
            case _:
                raise ValueError(f"the agent said {inert(repr(cause))[:200]} of a cause")


def _program(data: dict[Any, Any]) -> Program:
    match data:
        case {"go": str(go), "pie": bool(pie), "stripped": bool(stripped), "symbols": bool(symbols)}:
            return Program(
                go=inert(go),
                goarch=_word(data, "goarch"),
                path=_word(data, "path"),
                module=_word(data, "module"),
                version=_word(data, "version"),
                revision=_word(data, "revision"),
                modified=_flag(data, "modified"),
                optimised=_flag(data, "optimised"),
                trimpath=_flag(data, "trimpath"),
                race=_flag(data, "race"),
                cgo=_flag(data, "cgo"),
                pie=pie,
                stripped=stripped,
                symbols=symbols,
            )
        case _:
            raise ValueError(f"the agent said {inert(repr(data))[:200]} of a program")


def _word(data: Mapping[Any, Any], name: str) -> str:
    """Text that may be left out."""
    value = data.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"the agent said {inert(repr(value))[:200]} for {name}")
    return inert(value)


def _flag(data: Mapping[Any, Any], name: str) -> bool | None:
    """Yes, no, or not recorded."""
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"the agent said {inert(repr(value))[:200]} for {name}")
    return value
