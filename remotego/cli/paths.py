"""The verb that shows where a process's source files are on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.debugging import one_host
from remotego.cli.deploying import document_changes
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.ops.source_paths import Planned, SourcePaths

_SHOWN = 5
"""How many files without a place people want to see for each reason; --json has all."""


@verb("paths", iterable=("host",))
def paths(
    c: Context,
    host: list[str],
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    unit: str | None = None,
    workspace: str | None = None,
    client: str | None = None,
    go: str | None = None,
) -> Report:
    """Show which rules lead from a process's source files on HOST to files here, and which files none does.

    The names are read from the process's own binary, a few hundred kilobytes of it; the rules are what
    gen-launch writes as substitutePath, in the order Delve reads them. Nothing is written here.

    Examples:
        paths --host app1 --process svc
        paths --host app1 --process svc --workspace ~/src/svc --json
        paths --host app1 --pid 4711 --client windows
    """
    from remotego.ops.source_paths import Planned, find_paths

    request = c.request
    name = one_host(request.settings.hosts)
    settings = request.settings.of(name)
    found = find_paths(request.network, name, settings, request.printer, dry=request.dry)
    return _planned(name, found) if isinstance(found, Planned) else report(name, found)


def _planned(host: str, planned: Planned) -> Report:
    from remotego.core.change import describe

    document = {"host": host, "status": "planned", "process": None, "pid": None, "go": None, "files": 0}
    empty: dict[str, Any] = {"rules": [], "unmapped": [], "warnings": []}
    return Report(
        "paths",
        {**document, **empty, "changes": document_changes(planned.changes)},
        notes=[f"planned: {describe(act)}" for change in planned.changes for act in change.do],
    )


def report(host: str, found: SourcePaths) -> Report:
    """Say which rules there are, and which files have no place."""
    mapped = found.paths
    rules = [{"from": one.local, "to": one.binary, "files": mapped.uses.get(one, 0)} for one in mapped.rules]
    groups = _groups(found)
    return Report(
        "paths",
        {
            "host": host,
            "status": "listed",
            "process": found.process,
            "pid": found.pid,
            "go": found.info.go,
            "files": len(found.files),
            "rules": rules,
            "unmapped": [{"reason": reason, "files": files} for reason, files in groups.items()],
            "warnings": list(mapped.warnings),
            "changes": [],
        },
        columns=("files", "from", "to"),
        rows=[(str(rule["files"]), str(rule["from"]), str(rule["to"]) or '""') for rule in rules],
        notes=[*_notes(found, groups), *(f"note: {warning}" for warning in mapped.warnings)],
    )


def _groups(found: SourcePaths) -> dict[str, list[str]]:
    """Give the files without a place by the reason."""
    groups: dict[str, list[str]] = {}
    for name, reason in found.paths.reasons.items():
        groups.setdefault(reason, []).append(name)
    return groups


def _notes(found: SourcePaths, groups: dict[str, list[str]]) -> list[str]:
    total, lost = len(found.files), len(found.paths.unmapped)
    lines = [f"{total - lost} of the {total} source files of {found.process} ({found.info.go}) have a place here"]
    for reason, files in groups.items():
        more = f" and {len(files) - _SHOWN} more (--json has all)" if len(files) > _SHOWN else ""
        verb = "has" if len(files) == 1 else "have"
        lines.append(f"{len(files)} {verb} none: {reason}: {', '.join(files[:_SHOWN])}{more}")
    return lines
