"""How the verbs about modules show what they found: rows and lines for people, documents for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remotego.core.terminal import one_line

if TYPE_CHECKING:
    from remotego.modgraph.finding import Finding
    from remotego.modgraph.picture import Picture
    from remotego.ops.modules.diagnosing import Diagnosed
    from remotego.ops.modules.drawing import Drawn
    from remotego.ops.modules.fixing import Fixed

SEVERITIES: Mapping[str, Any] = {"failure": "error", "warning": "warning", "unknown": "warning", "note": "info"}


def row_of_clean(found: Diagnosed) -> tuple[str, ...]:
    """Say that nothing was found, among how many modules."""
    number = sum(1 for node in found.seen.graph.selected if node not in ("go", "toolchain"))
    return ("ok", "", str(found.root), f"{number} modules, no conflict")


def rows_of(one: Finding, *, gone: bool) -> Iterator[tuple[str, str, str, str]]:
    """Give a finding as two rows: the evidence, and the place with the remedy."""
    level = "ok" if gone else one.level
    yield level, one.kind, one.module, one.evidence
    yield level, one.kind, one.module, f"{one_line(one.place.file)}:{one.place.line}:{one.place.column}: {one.remedy}"


def proposal_lines(findings: Sequence[Finding]) -> Iterator[str]:
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


def document_finding(one: Finding) -> dict[str, Any]:
    """Give a finding as JSON."""
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


def document_raised(found: Diagnosed) -> list[dict[str, Any]]:
    """Say which modules need the highest Go of all, whether that is a conflict or not."""
    from remotego.modgraph.judges.golines import raisers

    return [{"module": str(one), "go": version} for one, version in raisers(found.seen.graph)]


def raiser_lines(found: Diagnosed) -> list[str]:
    """Say who keeps the go line where it is, if that is a dependency."""
    from remotego.modgraph.judges.golines import raisers

    found_by = [(str(one), version) for one, version in raisers(found.seen.graph) if one.version]
    if not found_by:
        return []
    names, version = [name for name, _ in found_by], found_by[0][1]
    who = f"{names[0]} and {len(names) - 1} more need" if len(names) > 1 else f"{names[0]} needs"
    return [f"go {version} is the least that will do: {who} it"]


def document_fix(done: Fixed, *, dry: bool) -> dict[str, Any]:
    """Give what --fix did, or would do, as JSON."""
    status = "nothing to do" if not done.files else "planned" if dry else "written"
    return {"status": status, "files": list(done.files), "diff": list(done.diff)}


def fix_lines(done: Fixed, *, dry: bool) -> Iterator[str]:
    """Say what --fix did, or show what it would do."""
    if not done.files:
        yield "nothing to do: nothing that fails comes with an edit of go.mod or go.sum"
        return
    yield f"{'planned' if dry else 'written'}: {', '.join(done.files)}"
    if dry:
        yield from done.diff
    else:
        yield "`remotego mod.doctor --undo` puts them back"


def problem_lines(root: Path, findings: Sequence[Finding]) -> Iterator[str]:
    """Give the lines that the matcher reads, and one to end with."""
    from remotego.vscode.findings import render_finding
    from remotego.vscode.problems import Place

    for one in findings:
        edit = f"; or: {' && '.join(one.proposal.edit.written())}" if one.proposal else ""
        place = Place(str(root / one.place.file), one.place.line, one.place.column)
        yield render_finding(SEVERITIES[one.level], place, one.evidence, f"{one.remedy}{edit}", one.kind)
    number = len(findings)
    yield "  no conflict" if not number else f"  {number} finding{'' if number == 1 else 's'}"


def document_without_look(root: Path, fix: Mapping[str, Any]) -> dict[str, Any]:
    """Give the document of a run that did not look at the modules."""
    return {"workspace": str(root), "go": None, "counts": None, "findings": [], "cured": [], "raised": [], "fix": fix}


def document_graph(found: Drawn, why: str | None = None) -> dict[str, Any]:
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
        "findings": [document_finding(one) for one in picture.findings],
        "why": [list(map(str, chain)) for chain in chains(found, why)] if why else None,
    }


def rows_of_graph(picture: Picture) -> list[tuple[str, str, str]]:
    """Give the modules that are required directly, each with its worst level."""
    return [(path, picture.versions[path], picture.level(path) or "") for path in sorted(picture.direct)]


def line_of_graph(picture: Picture) -> str:
    """Say how much there is."""
    number = len(picture.versions)
    return f"{number} module{'' if number == 1 else 's'}, {len(picture.links)} requirements"
