"""The processes a developer may want to debug: what runs, what it was built from, whether attaching works."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.host.processes import Process, ProcessTable


@dataclass(frozen=True, slots=True)
class Socket:
    """An address a process listens on with TCP."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why attaching fails: a ``code`` for programs, a ``text`` for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether this login can attach; None where nobody asked the kernel.

    ``certain`` is False where a rule we do not know may have the last word. ``causes`` explain a
    no, the one to look at first at the beginning.
    """

    can: bool | None
    certain: bool
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """What a Go binary says of itself; "" where it says nothing, None for a flag it does not record.

    ``stripped`` means without DWARF, ``symbols`` with a symbol table.
    """

    go: str
    goarch: str
    path: str
    module: str
    version: str
    revision: str
    modified: bool | None
    optimised: bool | None
    trimpath: bool | None
    race: bool | None
    cgo: bool | None
    pie: bool
    stripped: bool
    symbols: bool


@dataclass(frozen=True, slots=True)
class Running:
    """A process. pid and ``start`` (clock ticks since boot) together never recur.

    None and "" stand for what could not be seen. ``command`` is the kernel's name for it;
    ``tracer`` the pid of the process that traces it, or 0; ``problem`` why ``program`` is None.
    """

    pid: int
    start: int
    command: str
    exe: str | None
    arguments: tuple[str, ...] | None
    state: str
    user: str
    uid: int | None
    tracer: int
    ports: tuple[Socket, ...] | None
    container: str
    unit: str
    program: Program | None
    problem: str
    attach: Verdict

    @property
    def label(self) -> str:
        """Its name for people: the executable's file name, else the kernel's 15 characters."""
        return self.exe.rsplit("/", 1)[-1].removesuffix(" (deleted)") if self.exe else self.command

    @property
    def title(self) -> str:
        """Name and number."""
        return f"{self.label} (pid {self.pid})"


@dataclass(frozen=True, slots=True)
class Inventory:
    """What runs on a target, by pid; ``yama`` is kernel.yama.ptrace_scope, None without Yama."""

    processes: tuple[Running, ...]
    yama: int | None

    @property
    def programs(self) -> tuple[Running, ...]:
        """Those that are known to be of Go."""
        return tuple(one for one in self.processes if one.program)


def take_inventory(table: ProcessTable, *, uid: int, everything: bool) -> Inventory:
    """Make an inventory of what plain sh sees: no ports, no builds, and Go programs among all others.

    The processes of this login, ``uid``, that have a program; with ``everything`` those of others too.
    """
    chosen = [one for one in table.processes if one.state not in "ZX" and (everything or (one.exe and one.uid == uid))]
    by_pid = sorted(chosen, key=lambda one: one.pid)
    return Inventory(tuple(_running(one, uid) for one in by_pid), table.yama)


def _running(process: Process, uid: int) -> Running:
    return Running(
        pid=process.pid,
        start=process.start,
        command=process.name,
        exe=process.exe,
        arguments=None,
        state=process.state,
        user="",
        uid=process.uid,
        tracer=process.tracer,
        ports=None,
        container="",
        unit="",
        program=None,
        problem="",
        attach=_judge(process, uid),
    )


def _judge(process: Process, uid: int) -> Verdict:
    """Only what forbids attaching for certain can be told from here."""
    if process.tracer:
        return Verdict(can=False, certain=True, causes=(Cause("traced", "another debugger or tracer holds it"),))
    if uid != 0 and process.uid not in (None, uid):
        return Verdict(can=False, certain=True, causes=(Cause("uid", "its user is not ours"),))
    return Verdict(can=None, certain=False)
