"""The findings as one page of HTML: no script, nothing from elsewhere, all that anybody said escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from remotego.core.terminal import inert
from remotego.doctor.catalogue import BY_ID
from remotego.doctor.check import Finding, Verdict
from remotego.doctor.report import WORST_FIRST, Examined, Group, counted

WORDS: dict[Verdict, str] = {"failure": "failed", "unknown": "unknown", "warning": "warnings", "ok": "in order"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Even if something slipped through, a browser would neither run nor fetch it."""

FOOT = (
    "Written by <code>remotego doctor</code>, which changes nothing; "
    "<code>remotego doctor --fix --dry</code> shows what it could repair."
)

_CODE = re.compile(r"`([^`]+)`")


def render_page(places: Sequence[Examined], by: str, when: str) -> str:
    """Render the whole page. ``by`` is who looked, ``when`` in words."""
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_title(places)}</title>",
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{_title(places)}</h1>",
            f'<p class="when">{_text(when)}, looked at by {_text(by)}</p>',
            *_totals(places),
            *(line for place in places for line in _place(place)),
            f"<footer>{FOOT}</footer>",
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _title(places: Sequence[Examined]) -> str:
    failed = counted(places)["failure"]
    state = "all is well" if not failed else "one check failed" if failed == 1 else f"{failed} checks failed"
    return f"remotego doctor: {state}"


def _totals(places: Sequence[Examined]) -> Iterator[str]:
    yield '<ul class="totals">'
    for verdict, number in counted(places).items():
        quiet = " none" if not number else ""
        yield f'<li class="{quiet.strip()}"><b class="{verdict}">{number}</b>{WORDS[verdict]}</li>'
    yield "</ul>"


def _place(one: Examined) -> Iterator[str]:
    yield "<section>"
    yield f"<header><h2>{_text(one.place)}</h2>{_mark(one.verdict, 'tag')}"
    yield f'<span class="time">{one.seconds:.1f} s</span></header>'
    for group in one.groups:
        yield from _group(group)
    yield "</section>"


def _group(group: Group) -> Iterator[str]:
    opened = "" if group.verdict == "ok" else " open"
    brief = "; ".join(one.evidence for one in group.findings)
    yield f"<details{opened}>"
    yield (
        f'<summary><span class="name">{_text(group.name)}</span><span class="brief">{_text(brief)}</span>'
        f"{_mark(group.verdict, 'mark')}</summary>"
    )
    yield '<ul class="findings">'
    for one in sorted(group.findings, key=lambda finding: WORST_FIRST.index(finding.verdict)):
        yield from _finding(one)
    yield "</ul>"
    yield "</details>"


def _finding(one: Finding) -> Iterator[str]:
    yield f'<li class="is-{one.verdict}">'
    yield f'<div class="question">{_text(BY_ID[one.check].question)} {_mark(one.verdict, "tag")}</div>'
    yield f'<div class="evidence">{_prose(one.evidence)}</div>'
    if one.remedy:
        yield f'<div class="remedy">{_prose(one.remedy)}</div>'
    if one.fix:
        yield f"<pre>{_lines(one.fix.steps())}</pre>"
    yield "</li>"


def _mark(verdict: Verdict, kind: str) -> str:
    return f'<span class="{kind} {verdict}">{verdict}</span>'


def _lines(steps: Iterable[str]) -> str:
    return _text("\n".join(steps))


def _text(text: str) -> str:
    return escape(inert(text))


def _prose(text: str) -> str:
    """Escape, then set in type what stands between backticks."""
    return _CODE.sub(r"<code>\1</code>", _text(text))
