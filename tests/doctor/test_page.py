"""The page: escaped, whole, the same offline, and seen in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from remotego.doctor.catalogue import CHECKS
from remotego.doctor.check import EndSession, Finding, Verdict, failure, ok, unknown, warning
from remotego.doctor.page import render_page
from remotego.doctor.report import HERE, Examined
from tests.editor.browser import artefacts, browsing, opened
from tests.lab.fixtures import need

EVIL = '</details><script src="https://evil.test/x.js"></script><img src=x onerror=alert(1)> & \x1b[31m"quoted"'


def made(verdict: Verdict, check: str) -> Finding:
    """A finding of that kind."""
    match verdict:
        case "ok":
            return ok(check, "as it should be")
        case "warning":
            return warning(check, "GOPATH is set to /home/dev/go", "take `export GOPATH=...` out of `~/.bashrc`")
        case "failure":
            return failure(check, EVIL, f"see {EVIL}", EndSession("0badc0de", EVIL))
        case "unknown":
            return unknown(check, "nobody could tell", "look again")


KINDS: tuple[Verdict, ...] = ("ok", "ok", "ok", "warning", "ok", "ok", "failure", "ok", "ok", "unknown")


def places() -> list[Examined]:
    """This machine and two hosts, one of them in order."""
    here = [one for one in CHECKS if one.where != "host"]
    there = [one for one in CHECKS if one.where != "here"]
    mixed = tuple(made(KINDS[number % len(KINDS)], one.id) for number, one in enumerate(there))
    return [
        Examined(HERE, tuple(made("ok", one.id) for one in here), 0.8),
        Examined("app1", mixed, 1.4),
        Examined(EVIL, tuple(made("ok", one.id) for one in there), 1.2),
    ]


PAGE = render_page(places(), EVIL, "2026-11-28 12:00 UTC")


def test_nothing_said_is_taken_for_markup() -> None:
    """Whoever said it: no element and no attribute comes from a target."""
    tags = {tag.lower() for tag in re.findall(r"<\s*([a-zA-Z]+)", PAGE)}
    assert (set(), False) == (tags & {"script", "img", "link", "iframe"}, "onerror=alert(1)>" in PAGE)


def test_no_escape_sequence_is_left() -> None:
    """Pages are read in terminals too."""
    assert "\x1b" not in PAGE


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real one."""
    need("chromium", "fc-list")
    with browsing() as chromium:
        yield chromium


def look(page: Page) -> tuple[int, list[str]]:
    """How many open groups there are, and what stands in the headings."""
    return page.locator("details[open]").count(), page.locator("h2").all_inner_texts()


def test_the_page_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    """It asks nobody for anything, runs nothing, opens what is wrong and keeps closed what is well."""
    file = tmp_path / "report.html"
    file.write_text(PAGE)
    asked: list[str] = []
    said: list[str] = []
    with opened(browser, "about:blank") as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(file.as_uri())
        page.screenshot(path=str(artefacts() / "doctor.png"), full_page=True)
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=str(artefacts() / "doctor-dark.png"), full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.set_viewport_size({"width": 390, "height": 800})
        narrow = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        groups, names = look(page)
    bad = sum(group.verdict != "ok" for place in places() for group in place.groups)
    assert ([file.as_uri()], [], True, True, bad) == (asked, said, wide, narrow, groups)
    assert [HERE, "app1"] == names[:2]
