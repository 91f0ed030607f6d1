"""The verbs about the modules of a workspace: what is wrong with them, and their graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.modview import (
    document_finding,
    document_fix,
    document_graph,
    document_raised,
    document_without_look,
    fix_lines,
    line_of_graph,
    problem_lines,
    proposal_lines,
    raiser_lines,
    row_of_clean,
    rows_of,
    rows_of_graph,
)
from remotego.cli.render import Report
from remotego.cli.verb import verb
from remotego.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from remotego.adapters.files import Original
    from remotego.modgraph.finding import Finding
    from remotego.ops.modules.diagnosing import Diagnosed
    from remotego.ops.modules.drawing import Drawn
    from remotego.ops.modules.fixing import Fixed


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
    from remotego.ops.modules.pages import LOG, place_for

    request = c.request
    if sum((fix, undo, vscode)) > 1:
        raise OneOfTheseError("--fix, --undo and --vscode")
    if (undo or vscode) and (sarif or problems):
        raise OneOfTheseError(f"{'--undo' if undo else '--vscode'} and {'--sarif' if sarif else '--problems'}")
    if undo:
        return _undone(request.settings.workspace, request.dry)
    if vscode:
        return _tasked(request.settings.workspace, request.dry)
    log = place_for(sarif, LOG) if sarif else None
    found = diagnose_modules(request.settings, request.printer, edits=not no_edits)
    done = _fixed(found, request) if fix else None
    report, left = _report(found, done, dry=request.dry)
    written = _write_sarif(log, found.root, left) if log and not request.dry else []
    notes = list(problem_lines(found.root, left)) if problems else [*report.notes, *written]
    return replace(report, rows=() if problems else report.rows, notes=notes)


def _report(found: Diagnosed, done: Fixed | None, *, dry: bool) -> tuple[Report, list[Finding]]:
    """Give the report, and the findings that are left after what was done."""
    from remotego.modgraph.finding import counted, exit_code

    gone = {one.identity for one in done.cured} if done and not dry else set()
    left = [one for one in found.findings if one.identity not in gone]
    report = Report(
        "mod-doctor",
        {
            "workspace": str(found.root),
            "go": found.go,
            "counts": counted(left),
            "findings": [document_finding(one) for one in left],
            "cured": [document_finding(one) for one in found.findings if one.identity in gone],
            "raised": document_raised(found),
            "fix": document_fix(done, dry=dry) if done else None,
        },
        columns=("level", "kind", "module", ""),
        rows=[row for one in found.findings for row in rows_of(one, gone=one.identity in gone)]
        or [row_of_clean(found)],
        notes=[*proposal_lines(left), *raiser_lines(found), *(fix_lines(done, dry=dry) if done else ())],
        exit_code=exit_code(left),
    )
    return report, left


def _fixed(found: Diagnosed, request: Any) -> Fixed:
    from remotego.ops.modules.fixing import fix_modules

    return fix_modules(found, request.settings, request.printer, dry=request.dry)


def _write_sarif(log: Original, root: Path, findings: Sequence[Finding]) -> list[str]:
    import json

    from remotego.modgraph.sarif import render_sarif
    from remotego.ops.modules.pages import put_text, version

    put_text(log, json.dumps(render_sarif(findings, root.as_uri(), version()), indent=2) + "\n")
    return [f"the SARIF log is {log.path}"]


def _undone(workspace: str, dry: bool) -> Report:
    from remotego.ops.modules.fixing import fixed_root, undo_fix

    root = fixed_root(Path(workspace))
    files = undo_fix(root, dry=dry)
    status = "nothing to do" if not files else "planned" if dry else "undone"
    fix = {"status": status, "files": list(files), "diff": []}
    document = document_without_look(root, fix)
    rows = [(status, name) for name in files] or [(status, "there is no fix to take back")]
    return Report("mod-doctor", document, columns=("status", "file"), rows=rows)


def _tasked(workspace: str, dry: bool) -> Report:
    from remotego.cli.flags import program
    from remotego.ops.modules.diagnosing import diff_of
    from remotego.ops.modules.tasking import put_task

    root = Path(workspace).absolute()
    draft = put_task(root, program(None), dry=dry)
    file = str(draft.original.path)
    status = "nothing to do" if not draft.changed else "planned" if dry else "written"
    diff = diff_of(draft.original.path.relative_to(root).as_posix(), draft.original.text or "", draft.text)
    fix = {"status": status, "files": [file], "diff": diff}
    document = document_without_look(root, fix)
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
    from remotego.ops.modules.drawing import draw_modules, why_lines
    from remotego.ops.modules.pages import PAGE, place_for

    if why and dot:
        raise OneOfTheseError("--why and --dot")
    request = c.request
    page = place_for(html, PAGE) if html else None
    found = draw_modules(request.settings, request.printer)
    chains = why_lines(found, why) if why else []
    written = _write_page(page, found, dry=request.dry) if page else []
    if why:
        return Report("mod-graph", document_graph(found, why), notes=[*chains, *written])
    if dot:
        comments = [f"// {line}" for line in written]
        return Report("mod-graph", document_graph(found), notes=[*render_dot(found.picture), *comments])
    return Report(
        "mod-graph",
        document_graph(found),
        columns=("required directly", "version", "finding"),
        rows=rows_of_graph(found.picture),
        notes=[line_of_graph(found.picture), *written],
    )


def _write_page(page: Original, found: Drawn, *, dry: bool) -> list[str]:
    from remotego.ops.modules.drawing import write_page

    if not write_page(page, found.picture, dry=dry):
        return [f"nothing to do: {page.path} is this page already"]
    return [f"{'planned: the page would be' if dry else 'the page is'} {page.path}"]
