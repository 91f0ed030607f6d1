"""Selection: the one process a user means, and whether it can be debugged at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remotego.core.errors import MissingError, RefusedError, UsageError
from remotego.host.inventory import Inventory, Running

_SHOWN = 8

UNKNOWN = "ID"
"""What stands for the id of a session that we do not know."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A process by one of its names: that of its program, its number, a TCP port it listens on, its systemd unit."""

    name: str | None = None
    pid: int | None = None
    port: int | None = None
    unit: str | None = None

    def __str__(self) -> str:
        """What the user has named, for an error."""
        given = {"name": self.name, "pid": self.pid, "port": self.port, "unit": self.unit}
        return ", ".join(f"{what} {value}" for what, value in given.items() if value is not None)

    @property
    def needs_agent(self) -> bool:
        """Whether plain sh cannot tell."""
        return self.port is not None or self.unit is not None

    def fits(self, one: Running) -> bool:
        """Whether this is the process. A unit may be named without ".service"."""
        if self.pid is not None:
            return one.pid == self.pid
        if self.port is not None:
            return any(socket.port == self.port for socket in one.ports or ())
        if self.unit is not None:
            return one.unit in (self.unit, f"{self.unit}.service")
        return self.name in (one.label, one.command)


@dataclass(eq=False)
class NoProcessError(MissingError):
    """Nothing matches what the user named."""

    host: str
    wanted: str
    near: str
    what = "{host}: no Go process matches {wanted}{near}"
    remedy = "`remotego ps --host {host}` shows what runs; choose by --process, --pid, --port or --unit"


@dataclass(eq=False)
class AmbiguousProcessError(UsageError):
    """Several processes match what the user named."""

    host: str
    wanted: str
    choices: str
    what = "{host}: several processes match {wanted}: {choices}"
    remedy = "choose one by --pid"


@dataclass(eq=False)
class NoSelectionError(UsageError):
    """The user named no process."""

    what = "no process named"
    remedy = "give --process NAME, --pid N, --port N or --unit NAME, or set process in remotego.toml"


@dataclass(eq=False)
class AlreadyTracedError(RefusedError):
    """Another debugger holds the process; ``session`` is ours that it belongs to, or a word for what is to be seen."""

    host: str
    process: str
    tracer: int
    session: str = UNKNOWN
    what = "{host}: {process} is already traced by pid {tracer}"
    remedy = (
        "see `remotego sessions --host {host}`; end that session with `remotego stop --host {host} --session {session}`"
    )


def select(inventory: Inventory, wanted: Wanted, *, host: str) -> Running:
    """Find the one process the user means.

    Raises NoSelectionError, NoProcessError with what is near, AmbiguousProcessError with what to type.
    """
    if wanted == Wanted():
        raise NoSelectionError
    found = [one for one in inventory.processes if wanted.fits(one)]
    if len(found) == 1:
        return found[0]
    if found:
        raise AmbiguousProcessError(host, str(wanted), _list(found))
    raise NoProcessError(host, str(wanted), _near(inventory, wanted))


def check_untraced(process: Running, *, host: str, session: str = UNKNOWN) -> None:
    """Refuse a process that another debugger holds, that of our ``session``: no right helps against that."""
    if process.tracer:
        raise AlreadyTracedError(host, process.title, process.tracer, session)


def _near(inventory: Inventory, wanted: Wanted) -> str:
    name = wanted.name or wanted.unit
    near = [one for one in inventory.processes if name and name in f"{one.label} {one.unit}"]
    if near:
        return f"; near it: {_list(near)}"
    return f"; Go processes there: {_list(inventory.programs)}" if inventory.programs else ""


def _list(found: Sequence[Running]) -> str:
    rows = [f"{' '.join(one.label.split())} --pid {one.pid}" for one in found[:_SHOWN]]
    return ", ".join(rows) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
