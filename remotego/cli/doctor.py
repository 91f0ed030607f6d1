"""The verb that looks at everything, names what is wrong, and repairs what it safely can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.doctor.check import Finding
    from remotego.doctor.report import Examined, Group
    from remotego.ops.curing import Cure
    from remotego.ops.doctor import Diagnosis


@verb(
    "doctor",
    iterable=("host",),
    explain={
        "fix": "repair what can be repaired safely; with --dry only show what that would be",
        "html": "write the findings to this file too, as a page that needs no network",
        "verbose": "show every check with its evidence, not only those that found something",
        "local_only": "leave the hosts of remotego.toml alone",
    },
)
def doctor(
    c: Context,
    host: list[str],
    fix: bool = False,
    html: str | None = None,
    verbose: bool = False,
    local_only: bool = False,
    process: str | None = None,
    pid: str | None = None,
    port: str | None = None,
    unit: str | None = None,
    workspace: str | None = None,
    remote_go: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Check this machine, the workspace, and each HOST: name each cause, with what to do about it.

    It changes nothing, unless --fix is given: then it repairs what is ours (leftovers, permissions of our directory,
    what we wrote for shells and editors), exactly what --fix --dry shows; `undo` takes changes on hosts back. A
    process that is named is looked at too. It ends with 0 when nothing failed, else with the class of the gravest.

    Examples:
        doctor
        doctor --host app1 --host app2
        doctor --host app1 --process svc --verbose
        doctor --host app1 --fix --dry
        doctor --host app1 --html report.html
    """
    from remotego.doctor.report import counted, exit_code
    from remotego.ops.doctor import diagnose

    request = c.request
    hosts = () if local_only else request.settings.hosts
    network = request.network if hosts else None
    found = diagnose(network, request.ssh_config, hosts, request.settings, request.printer, fix=fix, dry=request.dry)
    places = found.places
    written = _write_page(html, found) if html else []
    return Report(
        "doctor",
        {
            "counts": counted(places),
            "places": [_place(one) for one in places],
            "fixes": [_document_cure(one) for one in found.cures],
        },
        columns=("place", "group", "verdict", ""),
        rows=[row for one in places for row in _rows(one, verbose=verbose)],
        notes=[*_cures(found.cures), *_offers(found, fix=fix), *written],
        errors=[(one.place, one.error) for one in found.cures if one.error],
        exit_code=exit_code(places),
    )


def _rows(one: Examined, *, verbose: bool) -> Iterator[tuple[str, ...]]:
    for group in one.groups:
        if group.verdict == "ok" and not verbose:
            yield one.place, group.name, "ok", _well(group)
            continue
        for finding in group.findings:
            if verbose or finding.verdict != "ok":
                yield from _finding_rows(one.place, group.name, finding)


def _well(group: Group) -> str:
    """Say a healthy group in one line."""
    number = len({one.check for one in group.findings})
    return f"{number} checks" if number > 1 else group.findings[0].evidence


def _finding_rows(place: str, group: str, one: Finding) -> Iterator[tuple[str, ...]]:
    yield place, group, one.verdict, f"{one.evidence} [{one.check}]"
    if one.remedy:
        yield place, group, one.verdict, f"  try: {one.remedy}"


def _place(one: Examined) -> dict[str, Any]:
    from remotego.doctor.catalogue import BY_ID

    return {
        "place": one.place,
        "verdict": one.verdict,
        "seconds": round(one.seconds, 3),
        "groups": [
            {
                "group": group.name,
                "verdict": group.verdict,
                "findings": [_document(finding, BY_ID[finding.check].question) for finding in group.findings],
            }
            for group in one.groups
        ],
    }


def _document(one: Finding, question: str) -> Mapping[str, Any]:
    fix = one.fix and {"do": list(one.fix.steps()), "undo": list(one.fix.reversals())}
    return {
        "check": one.check,
        "question": question,
        "verdict": one.verdict,
        "evidence": one.evidence,
        "remedy": one.remedy or None,
        "fix": fix,
    }


def _document_cure(one: Cure) -> dict[str, Any]:
    return {
        "place": one.place,
        "checks": list(one.checks),
        "status": one.status,
        "do": list(one.fix.steps()),
        "undo": list(one.fix.reversals()),
        "error": one.error.as_json() if one.error else None,
    }


def _cures(cures: Sequence[Cure]) -> Iterator[str]:
    for one in cures:
        yield f"{one.place}: {one.status}, for {', '.join(one.checks)}:"
        yield from (f"  {step}" for step in one.fix.steps())
        back = one.fix.reversals()
        if one.status != "failed" and back:
            yield f"  `remotego undo` takes it back: {'; '.join(back)}"


def _offers(found: Diagnosis, *, fix: bool) -> Iterator[str]:
    if fix and not found.cures:
        yield "nothing to do: no finding comes with a fix"
    number = sum(len(one.fixable) for one in found.places)
    if number and not fix:
        yield f"{number} of these can be repaired: `remotego doctor --fix --dry` shows how"


def _write_page(file: str, found: Diagnosis) -> list[str]:
    from pathlib import Path

    from remotego.ops.doctor import write_page

    place = Path(file)
    write_page(place, found)
    return [f"the page is {place.absolute()}"]
