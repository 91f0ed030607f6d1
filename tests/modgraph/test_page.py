"""The page of the graph in a real browser: two thousand modules, no request, and no frame that nobody asked for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from remotego.modgraph.finding import Finding
from remotego.modgraph.graph import parse_graph
from remotego.modgraph.modfiles import Place
from remotego.modgraph.page import render_page
from remotego.modgraph.picture import draw, render_dot
from tests.editor.browser import LIMIT_S, artefacts, browsing, opened
from tests.lab.fixtures import need
from tests.modgraph.big import MAIN, MODULES, big_picture, names

EVIL = 'evil.test/</script><script>window.evil=1</script><img/src=x/onerror=alert(1)>"&'
SETTLED = """() => new Promise((done) => {
  const look = () => graph.isBusy() ? requestAnimationFrame(look) : requestAnimationFrame(done);
  look();
})"""
"""Ends once nothing moves and nothing waits to be drawn."""


@dataclass(slots=True)
class Seen:
    """A page, what it asked the network for, and what it complained of."""

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def settle(self) -> dict[str, Any]:
        """Wait until it stands still; give what the last frame drew."""
        self.page.evaluate(SETTLED)
        stats: dict[str, Any] = self.page.evaluate("() => ({...graph.stats})")
        return stats

    def press(self, *keys: str) -> dict[str, Any]:
        """Press keys, and let it settle."""
        for key in keys:
            self.page.keyboard.press(key)
        return self.settle()

    def chosen(self) -> str:
        """The module whose details are shown."""
        return self.page.locator("#panel h2").inner_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real one."""
    need("chromium", "fc-list")
    with browsing() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two thousand modules."""
    made = tmp_path_factory.mktemp("page") / "graph.html"
    made.write_text(render_page(big_picture()))
    return made


def look(page: Page, url: str) -> Seen:
    """Open a page and listen to it."""
    seen = Seen(page, url)
    page.on("request", lambda request: seen.asked.append(request.url))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: seen.complaints.append(dialog.message))
    page.goto(url)
    seen.settle()
    return seen


@pytest.fixture
def big(browser: Browser, file: Path) -> Iterator[Seen]:
    """The page, opened anew; in the end it has asked for nothing but itself, and complained of nothing."""
    with opened(browser, "about:blank") as page:
        seen = look(page, file.as_uri())
        yield seen
        assert ([file.as_uri()], []) == (seen.asked, seen.complaints)


def test_all_of_it_is_drawn_and_then_nothing(big: Seen) -> None:
    """Every module and the way to it; a page that is left alone draws no further frame."""
    drawn = big.settle()
    big.page.screenshot(path=str(artefacts() / "modgraph.png"))
    big.page.evaluate("() => new Promise((done) => setTimeout(done, 500))")  # so long nothing may happen
    assert (MODULES + 1, MODULES) == (drawn["nodes"], drawn["edges"])
    assert drawn["frames"] == big.settle()["frames"]


def test_many_movements_are_few_frames(big: Seen) -> None:
    """A hundred turns of the wheel between two refreshes are one frame, and only what is in sight is drawn."""
    before = big.settle()
    big.page.evaluate(
        """() => { for (let i = 0; i < 100; i++) document.getElementById("graph").dispatchEvent(
          new WheelEvent("wheel", {deltaY: -25, clientX: 300, clientY: 300, bubbles: true, cancelable: true})); }"""
    )
    after = big.settle()
    assert 100 <= after["asked"] - before["asked"]
    assert after["frames"] - before["frames"] <= 4
    assert after["nodes"] < MODULES / 4


def test_dragging_moves_the_picture_with_the_pointer(big: Seen) -> None:
    """By as much as the pointer, without choosing anything."""
    where = "() => graph.where(0)"
    before = big.page.evaluate(where)
    big.page.mouse.move(200, 200)
    big.page.mouse.down()
    big.page.mouse.move(260, 240, steps=12)
    big.page.mouse.up()
    big.settle()
    after = big.page.evaluate(where)
    assert ([60, 40], "Findings") == ([round(b - a) for a, b in zip(before, after, strict=True)], big.chosen())


def test_a_search_finds_chooses_and_tells_why(big: Seen) -> None:
    """Typed from the keyboard; the chain begins at the main module and ends at the one that was chosen."""
    wanted = names()[1234]
    big.press("/")
    big.page.keyboard.type(wanted)
    assert [wanted] == [text.partition(" ")[0] for text in big.page.locator("#results [role=option]").all_inner_texts()]
    big.press("Enter")
    chain = big.page.locator("#panel ol.chain").first.locator("button span").all_inner_texts()
    assert (wanted, MAIN, wanted) == (big.chosen(), chain[0], chain[-1])
    big.page.screenshot(path=str(artefacts() / "modgraph-why.png"))


def test_findings_are_gone_through_by_keys(big: Seen) -> None:
    """The next, the one after, and back."""
    paths = names()
    seen = []
    for key in ("n", "n", "p"):
        big.press(key)
        seen.append(big.chosen())
    assert [paths[3], paths[120], paths[3]] == seen


def test_a_module_is_chosen_by_a_click_and_let_go_by_escape(big: Seen) -> None:
    """Where it is on the screen."""
    x, y = big.page.evaluate(
        "() => { const box = document.getElementById('graph').getBoundingClientRect();"
        " const [x, y] = graph.where(0); return [x + box.left, y + box.top]; }"
    )
    big.page.mouse.click(x, y)
    big.settle()
    chosen = big.chosen()
    big.press("Escape")
    assert (MAIN, "Findings") == (chosen, big.chosen())


def test_arrows_go_from_module_to_module(big: Seen) -> None:
    """Outwards, along the ring and back, inwards."""
    big.page.locator("#graph").focus()
    places = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        big.press(key)
        places.append(big.chosen())
    assert (MAIN, places[1], places[1], MAIN) == (places[0], places[1], places[3], places[4])
    assert places[1] != places[2]


def test_focus_shows_what_is_about_one_module(big: Seen) -> None:
    """Far fewer than all; and all again without it."""
    big.press("n", "f")
    few = big.settle()["nodes"]
    shown = big.page.evaluate("() => graph.state.kept.size")
    big.press("Escape")
    assert (few, True) == (shown, few < MODULES / 10)
    assert MODULES + 1 == big.press("0")["nodes"]


def test_a_level_colours_its_modules_alone(big: Seen) -> None:
    """The findings of that level are listed, and the chip says so."""
    chip = big.page.locator("#levels button.warning")
    chip.click()
    big.settle()
    titles = big.page.locator("#panel .finding b").all_inner_texts()
    assert ("true", ["A version is retracted", "A module is deprecated"]) == (
        chip.get_attribute("aria-pressed"),
        titles,
    )


def test_every_requirement_can_be_drawn(big: Seen) -> None:
    """Not only the first that leads to a module."""
    assert big.settle()["edges"] < big.press("a")["edges"]


def test_it_follows_the_colours_of_the_system_and_the_key(big: Seen) -> None:
    """Dark and light."""
    dark = "() => document.documentElement.classList.contains('dark')"
    big.page.emulate_media(color_scheme="dark")
    big.page.wait_for_function(dark)  # the page is told of it in one of its next frames
    big.settle()
    big.page.screenshot(path=str(artefacts() / "modgraph-dark.png"))
    big.press("t")
    assert not big.page.evaluate(dark)


def test_nothing_is_wider_than_a_narrow_window(big: Seen) -> None:
    """The panel goes below the graph."""
    big.page.set_viewport_size({"width": 390, "height": 800})
    big.page.wait_for_function("() => window.innerWidth === 390")
    big.settle()
    assert big.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_keys_are_explained(big: Seen) -> None:
    """A question mark opens the list, Escape closes it."""
    big.press("?")
    keys = big.page.locator("#help")
    expect(keys).to_be_visible(timeout=LIMIT_S * 1000)
    big.press("Escape")
    expect(keys).to_be_hidden(timeout=LIMIT_S * 1000)


def test_nothing_said_is_taken_for_markup(browser: Browser, tmp_path: Path) -> None:
    """Names and words of a module are text, wherever they are shown."""
    graph = parse_graph(f"{MAIN} {EVIL}@v1.0.0", [MAIN])
    found = [Finding("deprecated", EVIL, EVIL, EVIL, Place("go.mod"))]
    page = render_page(draw(graph, frozenset({EVIL}), found, EVIL, "1.26.8"))
    assert 2 == len(re.findall(r"<script", page))
    file = tmp_path / "evil.html"
    file.write_text(page)
    with opened(browser, "about:blank") as tab:
        seen = look(tab, file.as_uri())
        seen.press("n")
        shown = seen.chosen()
        assert (EVIL, None, 0) == (shown, tab.evaluate("() => window.evil ?? null"), tab.locator("img").count())
    assert ([file.as_uri()], []) == (seen.asked, seen.complaints)


def test_dot_quotes_what_it_is_given() -> None:
    """A name with quotes stays one name."""
    graph = parse_graph('m a"b@v1.0.0', ["m"])
    lines = list(render_dot(draw(graph, frozenset(), (), "m", "")))
    assert '  "m" -> "a\\"b" [label="v1.0.0"];' in lines
