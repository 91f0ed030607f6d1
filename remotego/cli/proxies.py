"""The verbs about proxies of Go: what go will ask of whom, and policies that leak nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from invoke import Context

from remotego.cli.outcomes import View, on_each_host
from remotego.cli.render import MARK, Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.goproxy.asking import Ask
    from remotego.goproxy.explanation import Explanation, Step
    from remotego.goproxy.scenes import Scene
    from remotego.ops.proxies import Explained

COLUMNS = ("host", "", "", "")
_ABSENT: Mapping[str, Any] = {
    "context": None,
    "go": None,
    "module": None,
    "version": None,
    "command": None,
    "settings": [],
    "places": [],
    "requests": [],
    "scenes": [],
    "hearers": [],
    "private": None,
    "leaks": [],
    "doubts": [],
    "effects": [],
    "dissent": [],
}


@verb(
    "explain",
    iterable=("host",),
    positional=("module",),
    explain={
        "module": "a module or package path, with @VERSION or @latest if need be",
        "command": "get (default), download or build: the command of go that wants it",
        "private": "take the path for private, whatever the settings say",
        "context": "on a host: the way of starting programs whose settings count (see env --host)",
    },
)
def explain(
    c: Context,
    module: str,
    host: list[str],
    command: str = "get",
    private: bool = False,
    context: str | None = None,
    go: str | None = None,
    workspace: str | None = None,
    parallel: str | None = None,
) -> Report:
    """Say what go will do to fetch MODULE with the settings in force here, or on each HOST: no request is sent.

    Each request in its order, and who is asked next after 404 or 410 and after any other failure; where each setting
    comes from and what it changes; which hosts may hear of the path, and whether a private one can leak.

    Examples:
        proxy.explain golang.org/x/text@v0.21.0
        proxy.explain git.corp.example/team/app --private
        proxy.explain golang.org/x/text --host app1 --command download --json
    """
    from remotego.ops import proxies

    request = c.request
    wanted = proxies.parse_question(module, command, private=private, settings=request.settings)
    if not host:
        return _here(proxies.explain_here(wanted, request.settings.go))
    return on_each_host(
        request,
        "proxy-explain",
        lambda name, _: proxies.explain_there(request.network, name, wanted, request.printer, context),
        view_explained,
        absent=_ABSENT,
        columns=COLUMNS,
    )


def _here(done: Explained) -> Report:
    view = view_explained(done)
    document = {"host": None, "status": view.status, **view.document, "seconds": None, "error": None}
    rows = [tuple(cells) for cells in view.table or ()]
    return Report("proxy-explain", {"hosts": [document]}, columns=COLUMNS[1:], rows=rows, notes=view.notes)


def view_explained(done: Explained) -> View:
    """Show an explanation: settings, places, requests, what happens otherwise, who hears of it."""
    return View(
        "explained", document=document_explained(done), table=[*_settings_rows(done), *_rows(done)], notes=_notes(done)
    )


def _settings_rows(done: Explained) -> Iterator[tuple[str, ...]]:
    for one in done.settings:
        if one.value and one.name != "GOENV":
            origin = f"{one.origin} {one.place}" if one.place else one.origin
            hides = "" if one.masks is None else f"; it hides {one.masks} of the go env file"
            yield (one.name, one.value, origin + hides)
    for name, value in done.variables.items():
        yield (name, value, "environment")


def _rows(done: Explained) -> Iterator[tuple[str, ...]]:
    told = done.explanation
    for number, place in enumerate(told.places, 1):
        then = "" if place.next_when == "never" else f"the next one after {place.next_when}"
        yield (f"place {number}", place.url, "; ".join(filter(None, (place.note, then))))
    for number, (step, times) in enumerate(_repeated(told.steps), 1):
        request = f"{_request(step.ask)} (twice)" if times > 1 else _request(step.ask)
        yield (f"request {number}{_beside(told, step)}", request, _then(step))
    for scene in _different(told.scenes)[1:]:
        yield (f"if {scene.name}", _course(scene.asked), _END[scene.outcome.value])
    for one in told.heard:
        leaking = told.secrecy.private and one.tells_everybody
        through = f", through {one.through}" if one.through else ""
        yield (
            f"{MARK if leaking else ''}hears",
            f"{one.host} ({one.kind}{through})",
            f"{', '.join(one.paths)}; {one.when}",
        )


_END = {"done": "go has it", "absent": "go ends: not found", "failed": "go ends with an error"}


def _repeated(steps: Sequence[Step]) -> Iterator[tuple[Step, int]]:
    """Take requests that are the same, one behind the other, for one; give how many they are."""
    for _, same in groupby(steps, lambda one: (one.ask.url, one.ask.lane)):
        group = list(same)
        yield group[-1], len(group)


def _beside(told: Explanation, step: Step) -> str:
    """Mark requests that are sent at the same time as others."""
    lanes = {one.ask.lane for one in told.steps if one.ask.turn == step.ask.turn}
    return f" (at once: {step.ask.lane})" if len(lanes) > 1 else ""


def _request(ask: Ask) -> str:
    return f"{ask.by} fetches {ask.url}" if ask.by != "go" else f"GET {ask.url}"


def _then(step: Step) -> str:
    if step.absent == step.failed:
        return f"otherwise {step.absent}"
    return f"404, 410: {step.absent}; other failures: {step.failed}"


def _different(scenes: Sequence[Scene]) -> list[Scene]:
    """Leave out scenes in which go does the same as in one before."""
    first: dict[tuple[Any, ...], Scene] = {}
    for scene in scenes:
        first.setdefault((scene.asked, scene.outcome), scene)
    return list(first.values())


_DATABASE = re.compile("/(?:lookup|tile)/.*")
"""What stands behind the address of a checksum database."""


def _course(asked: Sequence[Ask]) -> str:
    """Say who is asked, in order, without saying the same twice in a row."""
    names = [_DATABASE.sub("", one.url) if one.place == "sumdb" else one.place for one in asked]
    return " > ".join(name for name, before in zip(names, ["", *names], strict=False) if name != before)


def _notes(done: Explained) -> list[str]:
    secrecy = done.explanation.secrecy
    lines = [f"note: {effect}" for effect in done.explanation.effects]
    if done.explanation.question.version != done.explanation.question.chosen:
        lines.append(f"note: {done.explanation.question.chosen} stands for the newest version")
    if done.dissent:
        lines.append(f"note: these settings are those of {done.place}; {', '.join(done.dissent)} has others: see `env`")
    if not secrecy.private:
        return [*lines, "it is not known to be private: no pattern fits it (--private takes it for such)"]
    by = secrecy.said_by + (f" ({secrecy.pattern})" if secrecy.pattern else "")
    lines += [f"{MARK}leak: {leak}" for leak in secrecy.leaks]
    lines += [f"is this yours? {doubt}" for doubt in secrecy.doubts]
    return [*lines, f"private by {by}: {secrecy.verdict}"]


def document_explained(done: Explained) -> dict[str, Any]:
    """Give an explanation as JSON."""
    told, secrecy = done.explanation, done.explanation.secrecy
    return {
        "context": done.place,
        "go": done.version or None,
        "module": told.question.path,
        "version": told.question.version,
        "command": told.question.command,
        "settings": [
            *(asdict(one) for one in done.settings),
            *(
                {"name": name, "value": value, "origin": "environment", "masks": None, "place": None}
                for name, value in done.variables.items()
            ),
        ],
        "places": [asdict(one) for one in told.places],
        "requests": [{**_ask(one.ask), "absent": one.absent, "failed": one.failed} for one in told.steps],
        "scenes": [
            {"name": one.name, "outcome": one.outcome.value, "requests": [_ask(ask) for ask in one.asked]}
            for one in _different(told.scenes)
        ],
        "hearers": [asdict(one) for one in told.heard],
        "private": {"is": secrecy.private, "pattern": secrecy.pattern or None, "said_by": secrecy.said_by or None},
        "leaks": list(secrecy.leaks) if secrecy.private else [],
        "doubts": list(secrecy.doubts) if secrecy.private else [],
        "effects": list(told.effects),
        "dissent": list(done.dissent),
    }


def _ask(ask: Ask) -> dict[str, Any]:
    document = {**asdict(ask), "role": ask.role.value}
    return {name: document[name] for name in ("role", "url", "path", "version", "place", "by", "turn", "lane")}
