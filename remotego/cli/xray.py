"""The verb that shows an environment in every context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import MARK, Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.golang.goenv import Setting
    from remotego.host.comparison import Group, Spread
    from remotego.host.contexts import Context as Place
    from remotego.host.contexts import Contexts, Holder
    from remotego.host.startup import Cause
    from remotego.ops.xray import Xray

COLUMNS = ("host", "", "where", "value", "because of")
UNSET, NOT_FOUND, EVERYWHERE, NOTHING_ELSE = "(not set)", "(not found)", "everywhere", "(only what all have)"
WITH_GO = "wherever there is a go"
_ABSENT: Mapping[str, Any] = {
    "user": None,
    "home": None,
    "shell": None,
    "differs": [],
    "variables": [],
    "contexts": [],
    "holders": [],
}


@verb(
    "env",
    iterable=("host",),
    explain={"user": "look at this account instead, by sudo without a password"},
)
def env(c: Context, host: list[str], user: str | None = None, parallel: str | None = None) -> Report:
    """Show what go, GOROOT, GOPROXY, PATH and the like are on each HOST, in every way that programs are started there.

    Side by side: an ssh command, a login shell, an interactive one, both (what a server of VS Code takes over), running
    servers of editors and gopls, systemd's user units; and what `go env` makes of them, with each value's origin. What
    differs is marked with "!", with the file and line that causes it. Nothing is changed, and nothing is fetched.

    Examples:
        env --host app1
        env --host app1 --user svc
        env --host app1 --host app2 --json
    """
    from remotego.ops.xray import xray

    request = c.request
    return on_each_host(
        request,
        "env",
        lambda name, _: xray(request.network, name, request.printer, user=user),
        view_xray,
        absent=_ABSENT,
        columns=COLUMNS,
    )


def view_xray(done: Xray) -> View:
    """Show an X-ray: a row for what agrees, one for each value of what does not."""
    seen = done.seen
    rows = [row for one in done.spreads for row in _rows(one, seen)]
    return View("seen", document=document_xray(done), table=[*rows, *_settings_rows(done)], notes=list(_notes(done)))


def document_xray(done: Xray) -> dict[str, Any]:
    """Give an X-ray as JSON."""
    from remotego.host.comparison import differing

    seen = done.seen
    return {
        "user": seen.user,
        "home": seen.home,
        "shell": seen.shell,
        "differs": list(differing(done.spreads)),
        "variables": [
            {"name": one.name, "groups": [asdict(group) for group in one.groups]} for one in done.spreads if one.is_set
        ],
        "contexts": [_document(one, done) for one in seen.contexts],
        "holders": [_holder(one) for one in seen.holders],
    }


def _document(one: Place, done: Xray) -> dict[str, Any]:
    said = one.answer.complaint if one.answer and one.answer.exit_code else None
    return {
        "name": one.name,
        "go": one.go,
        "variables": dict(one.variables),
        "causes": {name: asdict(cause) for name, cause in one.causes.items()},
        "path": {name: asdict(cause) for name, cause in one.entries.items()},
        "settings": [asdict(setting) for setting in done.settings.get(one.name, ())],
        "go_error": said,
        "note": one.note,
        "error": one.error,
    }


def _holder(one: Holder) -> dict[str, Any]:
    return {"pid": one.pid, "what": one.what, "go": one.go, "variables": dict(one.variables)}


def _rows(spread: Spread, seen: Contexts) -> Iterator[tuple[str, ...]]:
    if not spread.is_set:
        return
    if not spread.differs:
        for group in spread.groups:
            yield (spread.name, EVERYWHERE, group.value or UNSET, _because(spread.name, group, seen))
        return
    shown = _values(spread)
    for group, value in zip(spread.groups, shown, strict=True):
        yield (f"{MARK}{spread.name}", ", ".join(group.places), value, _because(spread.name, group, seen))


def _values(spread: Spread) -> Sequence[str]:
    from remotego.host.comparison import ELLIPSIS, shorten_paths

    if spread.name != "PATH":
        absent = NOT_FOUND if spread.name == "go" else UNSET
        return [absent if group.value is None else group.value for group in spread.groups]
    short = iter(shorten_paths([group.value for group in spread.groups if group.value is not None]))
    texts = (UNSET if group.value is None else next(short) for group in spread.groups)
    return [NOTHING_ELSE if text == ELLIPSIS else text for text in texts]


def _because(name: str, group: Group, seen: Contexts) -> str:
    """Name the causes of a group's value, each once; where a trace has not told it, how it is known."""
    places = [one for one in seen.contexts if one.name in group.places]
    return ", ".join(dict.fromkeys(text for one in places for text in _causes(name, one, group, seen)))


def _causes(name: str, place: Place, group: Group, seen: Contexts) -> Iterator[str]:
    if name == "PATH":
        others = [set(one.variables.get("PATH", "").split(":")) for one in seen.contexts if one.variables]
        common = set.intersection(*others) if others else set()
        own = [one for one in (group.value or "").split(":") if one not in common]
        yield from (f"{_cause(place.entries[one])} ({one})" for one in own if one in place.entries)
    elif name == "go":
        folder = (group.value or "").rpartition("/")[0]
        yield from ([_cause(place.entries[folder])] if folder in place.entries else [])
    elif name in place.causes:
        yield _cause(place.causes[name])


def _cause(cause: Cause) -> str:
    return f"{cause} (read)" if cause.way == "reading" else str(cause)


def _settings_rows(done: Xray) -> Iterator[tuple[str, ...]]:
    """Show what `go env` makes of it: one row where all contexts agree, else one for each value and origin."""
    names = dict.fromkeys(setting.name for found in done.settings.values() for setting in found)
    for name in names:
        groups: dict[tuple[str, str], list[str]] = {}
        for place, found in done.settings.items():
            for setting in found:
                if setting.name == name:
                    groups.setdefault((setting.value, _origin(setting)), []).append(place)
        mark = MARK if len(groups) > 1 else ""
        if list(groups) == [("", "default")]:
            continue
        for (value, origin), places in groups.items():
            where = ", ".join(places) if mark else WITH_GO
            yield (f"{mark}go env {name}", where, value or '""', origin)


def _origin(setting: Setting) -> str:
    if setting.masks is not None:
        return f"{setting.origin}; it hides {setting.masks} of the go env file"
    return f"{setting.origin} {setting.place}" if setting.place else setting.origin


def _notes(done: Xray) -> Iterator[str]:
    seen = done.seen
    yield f"{seen.user} has {seen.shell}"
    for one in seen.contexts:
        if one.error:
            yield f"{one.name}: {one.error}"
        if one.note:
            yield f"{one.name}: {one.note}"
        if one.answer and one.answer.exit_code:
            yield f"{one.name}: go env: {one.answer.complaint}"
    if not seen.holders:
        yield "no server of an editor and no gopls runs"
