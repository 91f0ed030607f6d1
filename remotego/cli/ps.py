"""The verb that lists processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.deploying import document_changes
from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.host.inventory import Program, Running, Verdict
    from remotego.ops.ps import Listing, Planned

COLUMNS = ("host", "pid", "user", "process", "go", "module", "flags", "ports", "attach")
NONE, UNKNOWN = "-", "?"
_ABSENT: Mapping[str, Any] = {"source": None, "note": None, "yama": None, "changes": [], "processes": []}
_SHOWN = 12
"""How much of a revision or a container's id people need."""


@verb("ps", iterable=("host",), explain={"all": "also processes whose program you may not read"})
def ps(
    c: Context,
    host: list[str],
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    unit: str | None = None,
    all: bool = False,  # noqa: A002 - a flag's name
    parallel: str | None = None,
    go: str | None = None,
) -> Report:
    """List the Go processes on each HOST: what they were built from, where they listen, if you can attach.

    Go processes are told by their build information, whatever they are called. The first run puts
    remotego's agent, a small static program, in the host's store (undo removes it); where it
    may not run, plain sh lists your processes with fewer columns. "?" is what could not be seen;
    you can "likely" attach where only a filter of your own system calls (seccomp) may still forbid it.

    Examples:
        ps --host app1
        ps --host app1 --port 8080
        ps --host app1 --host app2 --all --json
        ps --host app1 --dry
    """
    from remotego.ops.ps import list_processes

    request = c.request
    return on_each_host(
        request,
        "ps",
        lambda name, settings: list_processes(
            request.network, name, settings, request.printer, everything=all, dry=request.dry
        ),
        _view,
        absent=_ABSENT,
        columns=COLUMNS,
    )


def _view(done: Listing | Planned) -> View:
    from remotego.core.change import describe
    from remotego.ops.ps import Planned

    if isinstance(done, Planned):
        notes = [f"planned: {describe(act)}" for change in done.changes for act in change.do]
        return View("planned", document={**_ABSENT, "changes": document_changes(done.changes)}, table=[], notes=notes)
    found = done.inventory
    note = _note(done)
    document: dict[str, Any] = {
        "source": "sh" if done.obstacle else "agent",
        "note": note,
        "yama": found.yama,
        "changes": document_changes(done.changes),
        "processes": [_document(one) for one in found.processes],
    }
    return View(
        "listed",
        document=document,
        table=[_row(one) for one in found.processes],
        notes=[note] if note else [],
    )


def _note(done: Listing) -> str | None:
    if done.obstacle:
        return f"listed by plain sh, Go programs or not, without builds and ports: {done.obstacle}"
    return None if done.inventory.processes else "no Go process whose program you may read; --all shows others"


def _row(one: Running) -> list[str]:
    cells = (
        str(one.pid),
        one.user or (UNKNOWN if one.uid is None else str(one.uid)),
        _name(one),
        one.program.go.removeprefix("go") if one.program else UNKNOWN,
        _module(one.program) if one.program else UNKNOWN,
        _flags(one.program) if one.program else UNKNOWN,
        _ports(one),
        _attach(one.attach),
    )
    return [" ".join(cell.split()) for cell in cells]


def _name(one: Running) -> str:
    place = one.unit or one.container[:_SHOWN]
    return f"{one.label} [{place}]" if place else one.label


def _module(program: Program) -> str:
    if program.version not in ("", "(devel)"):
        return f"{program.module}@{program.version}"
    revision = f"@{program.revision[:_SHOWN]}{'+dirty' * bool(program.modified)}" if program.revision else ""
    return f"{program.module or program.path}{revision}" or NONE


def _flags(program: Program) -> str:
    words = [name for name in ("optimised", "stripped", "trimpath", "race", "cgo", "pie") if getattr(program, name)]
    return ",".join(words) or NONE


def _ports(one: Running) -> str:
    if one.ports is None:
        return UNKNOWN
    return ",".join(str(port) for port in sorted({socket.port for socket in one.ports})) or NONE


def _attach(verdict: Verdict) -> str:
    if verdict.can is None:
        return UNKNOWN
    if verdict.can:
        return "yes" if verdict.certain else "likely"
    return f"no: {verdict.causes[0].text}" if verdict.causes else "no"


def _document(one: Running) -> dict[str, Any]:
    """Give a process as JSON: its own words, and None for what could not be seen."""
    given = {"process": one.label} | asdict(one)
    for name in ("user", "container", "unit", "problem"):
        given[name] = given[name] or None
    return given
