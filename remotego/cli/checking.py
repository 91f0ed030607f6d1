"""The report of auth.check: the verdict on each host, what was asked, and what go or git said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from remotego.cli.audit import Audit, document_question, shown
from remotego.cli.deploying import document_changes
from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Printer, Report
from remotego.core.settings import Settings
from remotego.ops.auth.broker import Asked, News
from remotego.ops.auth.check import Checked

VERB = "auth-check"
REFUSED = 4
"""The exit code where a module did not come: a machine was reached and something says no."""

_FINE = ("fetched", "public", "available", "planned")
_ABSENT: dict[str, Any] = {
    "code": None,
    "text": None,
    "remedy": None,
    "go": None,
    "asked": [],
    "said": None,
    "changes": [],
}


def report_here(checked: Checked) -> Report:
    """Report on this machine alone."""
    view = _view(checked)
    document = {"host": None, "status": view.status, **view.document, "seconds": 0, "error": None}
    code = 0 if checked.verdict.code in _FINE else REFUSED
    rows = [("here", view.status, detail) for detail in view.details]
    return Report(VERB, {"hosts": [document]}, ("host", "status", ""), rows, view.notes, exit_code=code)


def report_there(request: Any, work: Callable[[str, Settings], Checked]) -> Report:
    """Report on each host; one that did not get it makes the exit code REFUSED, unless something worse happened."""
    failed: list[str] = []

    def view(checked: Checked) -> View:
        if checked.verdict.code not in _FINE:
            failed.append(checked.verdict.code)
        return _view(checked)

    report = on_each_host(request, VERB, work, view, absent=_ABSENT)
    return replace(report, exit_code=report.exit_code or (REFUSED if failed else 0))


def hearing(printer: Printer, host: str) -> Callable[[News], None]:
    """Keep in the log what is lent to a host meanwhile, as of any connection that lends."""
    audit = Audit(printer)

    def hear(news: News) -> None:
        if isinstance(news, Asked):
            audit.note(host, document_question(news, host))

    return hear


def _view(checked: Checked) -> View:
    verdict = checked.verdict
    fine = verdict.code in _FINE
    status = "ok" if verdict.ok else verdict.code if fine else "refused"
    asked = [
        f"{one.kind} asked for {shown(one.url)}: {one.outcome}{f' ({one.why})' if one.why else ''}"
        for one in checked.hints
    ]
    details = [f"{checked.target}: {verdict.text}", *([f"try: {verdict.remedy}"] if verdict.remedy else []), *asked]
    document = {
        "code": verdict.code,
        "text": verdict.text,
        "remedy": verdict.remedy or None,
        "go": checked.go or None,
        "asked": [
            {"kind": one.kind, "url": shown(one.url), "outcome": one.outcome, "why": one.why or None}
            for one in checked.hints
        ],
        "said": checked.said or None,
        "changes": document_changes(checked.changes),
    }
    return View(status, details, document, notes=[f"  {line}" for line in checked.said.splitlines()[-12:]])
