"""What became of a profile in a workspace and on hosts, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from remotego.cli.deploying import document_changes
from remotego.cli.outcomes import View
from remotego.cli.setting import age, document_server
from remotego.golang.telling import told_value

if TYPE_CHECKING:
    from remotego.core.errors import RemotegoError
    from remotego.core.settings import Settings
    from remotego.golang.contradiction import Contradiction
    from remotego.ops.profile.host import There
    from remotego.ops.profile.workspace import Desk

RELOAD = "run `Developer: Reload Window` there, and open terminals anew: what runs keeps what it was started with"
REPLACE = "it stays; --replace has the profile take its place"
NOT_SET = "(not set)"
ABSENT: Mapping[str, Any] = {
    "profile": None,
    "file": None,
    "differences": [],
    "diff": [],
    "changes": [],
    "changed": [],
    "contradictions": [],
    "servers": [],
}


def document_here(desk: Desk, failure: RemotegoError | None, *, dry: bool) -> dict[str, Any]:
    """Give what became of a workspace as JSON."""
    return {
        "status": "failed" if failure else _status_here(desk, dry=dry),
        **_workspace(desk),
        "error": failure.as_json() if failure else None,
    }


def workspace_rows(desk: Desk, here: Mapping[str, Any], *, dry: bool) -> tuple[list[tuple[str, ...]], list[str]]:
    """Give what became of a workspace as rows and notes."""
    status = str(here["status"])
    lines = [str(desk.original.path), *_setting_rows(here["differences"])]
    notes = [*(desk.diff if dry else ()), *(f"note: {line}" for line in _kept_here(desk))]
    notes += [f"note: {RELOAD}"] if status in ("written", "removed", "written, differs") else []
    return [("workspace", status, line) for line in lines], notes


def view_there(done: There, *, dry: bool) -> View:
    """Show what was written on a host, and what go says there now."""
    plan, wanted = done.plan, done.plan.aim.name
    ended = any(one.outcome == "ended" for one in done.servers)
    status = "planned" if dry and plan.is_due else "nothing to do"
    if plan.is_due and not dry:
        status = "written" if wanted else "removed"
    elif ended:
        status = "restarted"
    differs = bool(wanted and not (dry and plan.is_due) and _differs(done))
    status = {"written": "written, differs", "nothing to do": "differs"}.get(status, status) if differs else status
    return View(
        status,
        [plan.place.home.goenv, *_rows_there(done)],
        _document_there(done, profile=wanted),
        notes=[*(plan.diff if dry else ()), *_notes_there(done, dry=dry)],
    )


def shown_here(desk: Desk, *, named: bool) -> View:
    """Show which profile a workspace has."""
    drifted = bool(desk.profile and (desk.changed or (not named and desk.is_changed)))
    status = "drifted" if drifted else "in force" if desk.profile else "none"
    document = {"status": status, **_workspace(desk), "error": None}
    lines = [desk.profile or "no profile", str(desk.original.path), *_setting_rows(document["differences"])]
    return View(status, lines, document, notes=list(_kept_here(desk, stays=False)))


def failed_here(failure: RemotegoError, settings: Settings) -> View:
    """Show that a workspace cannot be looked at."""
    from remotego.ops.profile.workspace import settings_file

    file = str(settings_file(settings))
    nothing: Mapping[str, Any] = {"profile": None, "differences": [], "diff": [], "changed": []}
    return View("failed", [file], {"status": "failed", "file": file, **nothing, "error": failure.as_json()})


def view_shown(done: There, *, named: bool) -> View:
    """Show which profile a host has, and what go says otherwise."""
    place, plan = done.plan.place, done.plan
    found = place.profile
    drifted = bool(found and (plan.changed or (not named and (plan.rows or done.contradictions))))
    status = "drifted" if drifted else "in force" if found else "none"
    lines = [found or "no profile", place.home.goenv, *_rows_there(done)]
    document = _document_there(done, profile=found)
    return View(status, lines, document, notes=list(_notes_there(done, dry=True, stays=False)))


def _status_here(desk: Desk, *, dry: bool) -> str:
    if dry and desk.is_due:
        return "planned"
    if not desk.is_due:
        return "differs" if _kept_rows(desk) else "nothing to do"
    if desk.aim.name is None:
        return "removed"
    return "written, differs" if _kept_rows(desk) else "written"


def _workspace(desk: Desk) -> dict[str, Any]:
    return {
        "file": str(desk.original.path),
        "profile": desk.profile,
        "differences": [{"setting": list(path), "before": before, "after": after} for path, before, after in desk.rows],
        "diff": list(desk.diff),
        "changed": [
            {"setting": list(path), "value": told_value(path[-1], json.dumps(value, ensure_ascii=False))}
            for path, value in desk.changed.items()
        ],
    }


def _kept_rows(desk: Desk) -> Mapping[tuple[str, ...], Any]:
    return desk.turned.kept if desk.turned else {}


def _kept_here(desk: Desk, *, stays: bool = True) -> Iterator[str]:
    """Name what the user has changed, once for all the places where it is the same."""
    places: dict[str, list[str]] = {}
    for (*above, name), value in (_kept_rows(desk) if stays and desk.turned else desk.changed).items():
        places.setdefault(f"{name} is {told_value(name, json.dumps(value, ensure_ascii=False))}", []).append(
            ": ".join(above)
        )
    end = f": {REPLACE}" if stays and desk.turned else ""
    yield from (f"{said} in {', '.join(where)}, which no profile has written{end}" for said, where in places.items())


def _setting_rows(differences: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what changes, once for all the places where it is the same."""
    places: dict[str, list[str]] = {}
    for one in differences:
        before, after = (NOT_SET if one[side] is None else one[side] for side in ("before", "after"))
        *above, name = one["setting"]
        places.setdefault(f"{name}: {before} -> {after}", []).append(": ".join(above))
    return [f"{said} in {', '.join(filter(None, where))}".removesuffix(" in ") for said, where in places.items()]


def _rows_there(done: There) -> list[str]:
    shown = [(name, *(_shown(name, value) for value in values)) for name, *values in done.plan.rows]
    return [f"{name}: {before} -> {after}" for name, before, after in shown]


def _shown(name: str, value: str | None) -> str:
    return NOT_SET if value is None else told_value(name, value) or '""'


def _document_there(done: There, *, profile: str | None) -> dict[str, Any]:
    plan = done.plan
    rows: Sequence[tuple[str, str | None, str | None]] = plan.rows
    return {
        "profile": profile,
        "file": plan.place.home.goenv,
        "differences": [
            {"name": name, "before": before and told_value(name, before), "after": after and told_value(name, after)}
            for name, before, after in rows
        ],
        "diff": list(plan.diff),
        "changes": document_changes(plan.changes),
        "changed": [{"name": name, "value": told_value(name, value)} for name, value in plan.changed.items()],
        "contradictions": [asdict(one) for one in done.contradictions],
        "servers": [document_server(one) for one in done.servers],
    }


def _differs(done: There) -> bool:
    return bool(done.contradictions or done.others or (done.plan.turn and done.plan.turn.kept))


def _notes_there(done: There, *, dry: bool, stays: bool = True) -> Iterator[str]:
    plan = done.plan
    kept = plan.turn.kept if stays and plan.turn else plan.changed
    end = f": {REPLACE}" if stays and plan.turn else ""
    for name, value in kept.items():
        yield f"{name} is {_shown(name, value)}, which no profile has written{end}"
    if not (dry and plan.is_due and stays):
        yield from (_contradiction(one) for one in done.contradictions if one.name not in kept)
    for other in done.others:
        place = f", because of {other.cause}" if other.cause else ""
        yield f"go reads {other.file} as its own file in {other.context}{place}: the profile is not seen there"
    yield from (age(one) for one in done.servers)
    if any(one.outcome == "kept" for one in done.servers) and not dry:
        yield "--restart-server ends them; an editor starts its server anew when its window connects again"


def _contradiction(one: Contradiction) -> str:
    wanted, where = one.wanted or '""', ", ".join(one.contexts)
    return f"{one.name} is {_shown(one.name, one.value)} and not {wanted} in {where}, because of {one.cause}"
