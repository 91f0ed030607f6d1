"""Verbs about hosts and settings: what a name resolves to, taking changes back, who set what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.consent import Asking
from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.host.journal import Entry


@verb("hosts", iterable=("host",))
def hosts(c: Context, host: list[str]) -> Report:
    """Show what each HOST resolves to: its jump hosts, users and ports, as ssh sees them.

    Examples:
        hosts --host app1
        hosts --host dev@10.0.0.7:2222 --json
    """
    from remotego.adapters.openssh import Resolution, resolve

    def view(found: Resolution) -> View:
        route = found.target.route
        return View(
            "resolved",
            [" -> ".join(hop.address for hop in route), *([found.note] if found.note else [])],
            {
                "route": [{"alias": hop.alias, "address": hop.address} for hop in route],
                "note": found.note,
            },
        )

    config = c.request.ssh_config
    return on_each_host(
        c.request, "hosts", lambda name, _: resolve(name, config), view, absent={"route": [], "note": None}
    )


def _lost(entry: Entry) -> list[str]:
    """Say of a change what no undo brings back."""
    from remotego.core.change import describe
    from remotego.core.sdkchange import LoseSdk

    return [f"{entry.reason}: {describe(act)}" for act in entry.undo if isinstance(act, LoseSdk)]


@verb("undo", iterable=("host",))
def undo(c: Context, host: list[str], parallel: str | None = None) -> Report:
    """Take back all that remotego changed on each HOST: end its sessions, then undo its journal.

    Works from any machine that can log in there. With --dry it only shows what it would take back.

    Examples:
        undo --host app1
        undo --host app1 --dry
    """
    from remotego.core.change import describe
    from remotego.ops import upkeep

    request = c.request

    def view(done: upkeep.Undone) -> View:
        ended = [f"end session {one.session.id}: {one.ended.outcome}" for one in done.stopped]
        changes = [
            {"reason": entry.reason, "by": entry.by, "undo": [describe(act) for act in entry.undo]}
            for entry in done.entries
        ]
        if request.dry:
            status, taken = "planned", [describe(act) for entry in done.entries for act in entry.undo]
        else:
            status, taken = "undone", [entry.reason for entry in done.entries if not _lost(entry)]
        others = [("lost", text) for entry in done.entries for text in _lost(entry)] if not request.dry else []
        return View(
            status if ended or taken or others else "nothing to do",
            [*ended, *taken],
            {
                "sessions": [{"id": one.session.id, "outcome": one.ended.outcome} for one in done.stopped],
                "changes": changes,
            },
            others=others,
        )

    return on_each_host(
        request,
        "undo",
        lambda name, settings: upkeep.undo(
            request.network, name, settings, request.printer, Asking(request.printer, yes=True), dry=request.dry
        ),
        view,
        absent={"sessions": [], "changes": []},
    )


@verb("config")
def config(c: Context) -> Report:
    """Show every setting with its value and where that came from: flag, environment, file or default.

    The line it ends with goes to the top of remotego.toml, for an editor to check and complete that file.

    Example:
        config --json
    """
    from remotego.adapters.files import schema_path
    from remotego.core.options import OPTIONS
    from remotego.core.tables import is_of_a_table

    toml_schema = schema_path("remotego").as_uri()
    settings = c.request.settings
    found = [(name, getattr(settings, name), settings.origin(name)) for name in OPTIONS]
    tables = [key for key in settings.sources if is_of_a_table(key)]
    found += [(key, settings.sources[key].value, settings.origin(key)) for key in sorted(tables)]
    return Report(
        "config",
        {
            "settings": [{"name": name, "value": value, "origin": origin} for name, value, origin in found],
            "toml_schema": toml_schema,
        },
        columns=("setting", "value", "from"),
        rows=[(name, _plain(value), origin) for name, value, origin in found],
        notes=[f"for an editor to check remotego.toml, its first line can be: #:schema {toml_schema}"],
    )


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(value) or "-"
    return "-" if value is None else str(value)
