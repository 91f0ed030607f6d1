"""Outcomes of several hosts as one report: a row and a JSON object for each, failures among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from remotego.cli.render import Report
from remotego.cli.request import Request
from remotego.core.settings import Settings
from remotego.ops.fleet import Outcome, each, exit_code

R = TypeVar("R")

SEEN = "seen"
"""The status of what was looked at, whatever was done."""


@dataclass(frozen=True, slots=True)
class View:
    """One host's result: ``status`` and ``details`` (a row each) for people, ``document`` for machines.

    ``others`` are further rows with a status of their own, such as SEEN for what was only looked at.
    A verb with columns of its own gives its rows as ``table`` instead, each without the host.
    ``notes`` are lines for people below all rows.
    """

    status: str
    details: Sequence[str] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    table: Sequence[Sequence[str]] | None = None
    notes: Sequence[str] = ()
    others: Sequence[tuple[str, str]] = ()


def on_each_host(
    request: Request,
    verb: str,
    work: Callable[[str, Settings], R],
    view: Callable[[R], View],
    *,
    absent: Mapping[str, Any],
    columns: Sequence[str] = ("host", "status", ""),
    hosts: Sequence[str] | None = None,
) -> Report:
    """Do ``work`` for all hosts of a request, or those given; ``absent`` stands in for the document of a failed one."""
    settings = request.settings
    outcomes = each(
        settings.hosts if hosts is None else hosts,
        lambda name: work(name, settings.of(name)),
        parallel=settings.parallel,
    )
    views = [
        view(one.result) if one.result is not None else View("failed", [one.error.code if one.error else ""], absent)
        for one in outcomes
    ]
    return Report(
        verb,
        {"hosts": [_document(one, shown) for one, shown in zip(outcomes, views, strict=True)]},
        columns=columns,
        rows=[row for one, shown in zip(outcomes, views, strict=True) for row in _rows(one, shown)],
        notes=[f"{one.host}: {note}" for one, shown in zip(outcomes, views, strict=True) for note in shown.notes],
        errors=[(one.host, one.error) for one in outcomes if one.error],
        exit_code=exit_code(outcomes),
    )


def _document(one: Outcome[Any], view: View) -> dict[str, Any]:
    return {
        "host": one.host,
        "status": view.status,
        **view.document,
        "seconds": round(one.seconds, 3),
        "error": one.error.as_json() if one.error else None,
    }


def _rows(one: Outcome[Any], view: View) -> list[tuple[str, ...]]:
    if view.table is not None:
        return [(one.host, *cells) for cells in view.table]
    details = view.details or ([] if view.others else [""])
    return [(one.host, *pair) for pair in (*((view.status, detail) for detail in details), *view.others)]
