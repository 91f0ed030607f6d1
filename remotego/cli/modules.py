"""The verbs about the modules of a workspace: what is wrong with them, and their graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.render import Report
from remotego.cli.verb import verb
from remotego.core.errors import UsageError

if TYPE_CHECKING:
    from remotego.modgraph.finding import Finding
    from remotego.ops.modules.diagnosing import Diagnosed
    from remotego.ops.modules.drawing import Drawn
    from remotego.ops.modules.fixing import Fixed

SEVERITIES: Mapping[str, Any] = {"failure": "error", "warning": "warning", "unknown": "warning", "note": "info"}


@dataclass(eq=False)
class OneOfTheseError(UsageError):
    """Flags that do not go together."""

    flags: str
    what = "{flags} do not go together"
    remedy = "give one of them"


@verb(
    "doctor",
    explain={
        "fix": "make the proposed edits for what fails, once they were tried together; with --dry only show them",
        "undo": "put go.mod, go.sum and the like back as they were before the last --fix",
        "sarif": "write the findings to this file too, as SARIF 2.1.0",
        "problems": "print a line for each finding, as the problemMatcher of the task reads them",
        "vscode": "put a task into .vscode/tasks.json that shows the findings in Problems",
        "no_edits": "look only, and try no edit",
    },
)
def doctor(
    c: Context,
    fix: bool = False,
    undo: bool = False,
    sarif: str | None = None,
    problems: bool = False,
    vscode: bool = False,
    no_edits: bool = False,
    workspace: str | None = None,
    go: str | None = None,
) -> Report | None:
    """Find what really is a conflict between the modules of a workspace, with cause, place, and the smallest edit.

    Forced upgrades and the requirement that forces them, go lines and toolchains, exclude and replace, retractions,
    deprecations, several majors, go.sum and the module cache, vendor. go does the resolving, in copies: the workspace
    is not written, unless by --fix, which --undo takes back. Each edit shown was tried. What cannot be known without
    a network is said. It ends with 0 when nothing fails, else with the class of the gravest.

    Examples:
        mod.doctor
        mod.doctor --json --sarif modules.sarif
        mod.doctor --fix --dry
        mod.doctor --vscode
    """
    from remotego.ops.modules.diagnosing import diagnose_modules

    request = c.request
    if sum((fix, undo, vscode)) > 1:
        raise OneOfTheseError("--fix, --undo and --vscode")
    if undo:
        return _undone(request.settings.workspace, request.dry)
    if vscode:
        return _tasked(request.settings.workspace, request.dry)
    found = diagnose_modules(request.settings, request.printer, edits=not no_edits)
    done = _fixed(found, request) if fix else None
    report = _report(found, done, sarif, dry=request.dry)
    return replace(report, rows=(), notes=list(_problems(found))) if problems else report


def _report(found: Diagnosed, done: Fixed | None, sarif: str | None, *, dry: bool) -> Report:
    from remotego.modgraph.finding import counted, exit_code

    gone = {one.identity for one in done.cured} if done and not dry else set()
    left = [one for one in found.findings if one.identity not in gone]
    written = _write_sarif(sarif, found) if sarif and not dry else []
    return Report(
        "mod-doctor",
        {
            "workspace": str(found.root),
            "go": found.go,
            "counts": counted(found.findings),
            "findings": [_document(one) for one in found.findings],
            "raised": _raised(found),
            "fix": _document_fix(done, dry=dry) if done else None,
        },
        columns=("level", "kind", "module", ""),
        rows=[row for one in found.findings for row in _rows(one, gone=one.identity in gone)] or [_clean(found)],
        notes=[*_proposals(left), *(_fix_lines(done, dry=dry) if done else ()), *written],
        exit_code=exit_code(left),
    )


def _clean(found: Diagnosed) -> tuple[str, ...]:
    number = sum(1 for node in found.seen.graph.selected if node not in ("go", "toolchain"))
    return ("ok", "", str(found.root), f"{number} modules, no conflict")


def _rows(one: Finding, *, gone: bool) -> Iterator[tuple[str, str, str, str]]:
    level = "ok" if gone else one.level
    yield level, one.kind, one.module, one.evidence
    yield level, one.kind, one.module, f"{one.place.file}:{one.place.line}:{one.place.column}: {one.remedy}"


def _proposals(findings: Sequence[Finding]) -> Iterator[str]:
    """Show each edit that helped once, with what it changes."""
    shown: dict[tuple[str, ...], list[Finding]] = {}
    for one in findings:
        if one.proposal:
            shown.setdefault(one.proposal.edit.written(), []).append(one)
    for steps, whose in shown.items():
        names = ", ".join(dict.fromkeys(f"{one.kind} {one.module}" for one in whose))
        yield f"tried in a copy, takes away {names}:"
        yield from (f"  {step}" for step in steps)
        yield from (f"    {line}" for line in (whose[0].proposal.diff if whose[0].proposal else ()))


def _document(one: Finding) -> dict[str, Any]:
    edit = one.proposal
    return {
        "kind": one.kind,
        "level": one.level,
        "module": one.module,
        "evidence": one.evidence,
        "remedy": one.remedy,
        "place": {"file": one.place.file, "line": one.place.line, "column": one.place.column},
        "chain": list(one.chain),
        "edit": {"steps": list(edit.edit.written()), "diff": list(edit.diff)} if edit else None,
    }


def _raised(found: Diagnosed) -> list[dict[str, Any]]:
    """Say which modules need the highest Go of all, whether that is a conflict or not."""
    from remotego.modgraph.judges.golines import raisers

    return [{"module": str(one), "go": version} for one, version in raisers(found.seen.graph)]


def _fixed(found: Diagnosed, request: Any) -> Fixed:
    from remotego.ops.modules.fixing import fix_modules

    return fix_modules(found, request.settings, request.printer, dry=request.dry)


def _document_fix(done: Fixed, *, dry: bool) -> dict[str, Any]:
    status = "nothing to do" if not done.files else "planned" if dry else "written"
    return {"status": status, "files": list(done.files), "diff": list(done.diff)}


def _fix_lines(done: Fixed, *, dry: bool) -> Iterator[str]:
    if not done.files:
        yield "nothing to do: nothing that fails comes with an edit of go.mod or go.sum"
        return
    yield f"{'planned' if dry else 'written'}: {', '.join(done.files)}"
    if dry:
        yield from done.diff
    else:
        yield "`remotego mod.doctor --undo` puts them back"


def _write_sarif(file: str, found: Diagnosed) -> list[str]:
    import json

    from remotego.modgraph.sarif import render_sarif
    from remotego.ops.modules.pages import put_text, version

    place = Path(file).absolute()
    put_text(place, json.dumps(render_sarif(found.findings, found.root.as_uri(), version()), indent=2) + "\n")
    return [f"the SARIF log is {place}"]


def _problems(found: Diagnosed) -> Iterator[str]:
    """Give the lines that the matcher reads, and one to end with."""
    from remotego.vscode.findings import render_finding
    from remotego.vscode.problems import Place

    for one in found.findings:
        edit = f"; or: {' && '.join(one.proposal.edit.written())}" if one.proposal else ""
        place = Place(str(found.root / one.place.file), one.place.line, one.place.column)
        yield render_finding(SEVERITIES[one.level], place, one.evidence, f"{one.remedy}{edit}", one.kind)
    number = len(found.findings)
    yield "  no conflict" if not number else f"  {number} finding{'' if number == 1 else 's'}"


def _undone(workspace: str, dry: bool) -> Report:
    from remotego.ops.modules.fixing import undo_fix
    from remotego.ops.modules.ground import root_of

    root = root_of(Path(workspace))
    files = undo_fix(root, dry=dry)
    status = "nothing to do" if not files else "planned" if dry else "undone"
    fix = {"status": status, "files": list(files), "diff": []}
    document = _without_look(root, fix)
    rows = [(status, name) for name in files] or [(status, "there is no fix to take back")]
    return Report("mod-doctor", document, columns=("status", "file"), rows=rows)


def _without_look(root: Path, fix: Mapping[str, Any]) -> dict[str, Any]:
    """Give the document of a run that did not look at the modules."""
    return {"workspace": str(root), "go": None, "counts": None, "findings": [], "raised": [], "fix": fix}


def _tasked(workspace: str, dry: bool) -> Report:
    from remotego.cli.flags import program
    from remotego.ops.modules.diagnosing import diff_of
    from remotego.ops.modules.tasking import put_task

    root = Path(workspace).absolute()
    draft = put_task(root, program(None), dry=dry)
    file = str(draft.original.path)
    status = "nothing to do" if not draft.changed else "planned" if dry else "written"
    diff = diff_of(file, draft.original.text or "", draft.text)
    fix = {"status": status, "files": [file], "diff": diff}
    document = _without_look(root, fix)
    return Report(
        "mod-doctor",
        document,
        columns=("status", "file"),
        rows=[(status, file)],
        notes=[*(diff if dry else ()), "in VS Code: Terminal, Run Task, remotego: modules"],
    )


@verb(
    "graph",
    explain={
        "html": "write the graph to this file, as one page that needs no network",
        "dot": "print it for Graphviz",
        "why": "only show why this module is in the build, by every module that requires it",
    },
)
def graph(
    c: Context,
    html: str | None = None,
    dot: bool = False,
    why: str | None = None,
    workspace: str | None = None,
    go: str | None = None,
) -> Report:
    """Show the module graph of a workspace: what each module requires, what is selected, and what is found about it.

    The page works from a file: search, focus on a module, why it is there, colours by finding; keys with `?`.
    go does the resolving, in a copy. With --dry no page is written.

    Examples:
        mod.graph --html graph.html
        mod.graph --why golang.org/x/sys
        mod.graph --dot | dot -Tsvg -o graph.svg
        mod.graph --json
    """
    from remotego.modgraph.picture import render_dot
    from remotego.ops.modules.drawing import draw_modules, why_lines, write_page

    request = c.request
    found = draw_modules(request.settings, request.printer)
    picture = found.picture
    if why:
        lines = why_lines(found, why)
        return Report("mod-graph", _document_graph(found, why), notes=lines)
    if dot:
        return Report("mod-graph", _document_graph(found), notes=list(render_dot(picture)))
    written = []
    if html:
        place = Path(html).absolute()
        if not request.dry:
            write_page(place, picture)
        written = [f"{'planned: the page would be' if request.dry else 'the page is'} {place}"]
    direct = [(path, picture.versions[path], picture.level(path) or "") for path in sorted(picture.direct)]
    number = len(picture.versions)
    said = f"{number} module{'' if number == 1 else 's'}, {len(picture.links)} requirements"
    return Report(
        "mod-graph",
        _document_graph(found),
        columns=("required directly", "version", "finding"),
        rows=direct,
        notes=[said, *written],
    )


def _document_graph(found: Drawn, why: str | None = None) -> dict[str, Any]:
    """Give modules, requirements and findings; the chains of one module where they were asked for."""
    from remotego.ops.modules.drawing import chains

    picture = found.picture
    return {
        "workspace": str(found.root),
        "go": picture.go,
        "modules": [
            {
                "module": path,
                "version": version or None,
                "main": path in picture.mains,
                "direct": path in picture.direct,
                "level": picture.level(path),
            }
            for path, version in picture.versions.items()
        ],
        "requirements": [
            {"from": one.source, "by": one.by or None, "to": one.target, "version": one.version}
            for one in picture.links
        ],
        "findings": [_document(one) for one in picture.findings],
        "why": [list(map(str, chain)) for chain in chains(found, why)] if why else None,
    }
