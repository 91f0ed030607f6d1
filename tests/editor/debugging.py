"""What a person does to debug in a window: click beside a line, press F5, look, step, go on, leave."""

from dataclasses import dataclass

from playwright.sync_api import Locator

from tests.editor.browser import LIMIT_S
from tests.editor.window import LOOK_S, Window, seen

LEFT_OF_NUMBER_PX = 12
STOPPED_LINE = """\
() => {
  const row = document.querySelector(".view-overlays .debug-top-stack-frame-line")?.parentElement;
  const beside = [...document.querySelectorAll(".margin-view-overlays > div")];
  const number = row && beside.find((one) => one.style.top === row.style.top)?.querySelector(".line-numbers");
  return number ? Number(number.textContent) : 0;
}"""
"""The number beside the line that is marked as the one where the program stands; 0 for none."""


@dataclass(frozen=True, slots=True)
class Debugging:
    """The debugger of a window."""

    window: Window

    def click_breakpoint(self, line: int) -> None:
        """Set a breakpoint, or take it away, by a click left of a line's number."""
        beside = self.window.go_to_line(line)
        before = self._breakpoints.count()
        self._point_at(beside)
        page = self.window.page
        page.mouse.down()
        page.mouse.up()
        page.wait_for_function(
            "([css, before]) => document.querySelectorAll(css).length !== before", arg=[BREAKPOINT, before]
        )

    @property
    def _breakpoints(self) -> Locator:
        return self.window.page.locator(BREAKPOINT)

    def _point_at(self, beside: Locator) -> None:
        """Point left of a number until the editor offers a breakpoint, as it does once it knows its debuggers."""
        mouse = self.window.page.mouse
        offered = self.window.page.locator(f".codicon-debug-hint, {BREAKPOINT}")
        for _ in range(int(LIMIT_S / LOOK_S)):
            box = beside.bounding_box()
            assert box is not None
            middle = box["y"] + box["height"] / 2
            mouse.move(box["x"] + box["width"] * 3, middle)
            mouse.move(box["x"] - LEFT_OF_NUMBER_PX, middle)
            if seen(offered):
                return
        offered.first.wait_for()

    def start(self) -> None:
        """Press F5; it means nothing before the editor knows its debuggers, as it does after ``click_breakpoint``."""
        self.window.press("F5")

    def stopped_line(self, other_than: int = 0) -> int:
        """Wait until the program stands at a line, and not at ``other_than``; its number."""
        self.window.page.wait_for_function(f"(other) => ![0, other].includes(({STOPPED_LINE})())", arg=other_than)
        return self.line_now()

    def line_now(self) -> int:
        """The line where the program stands at this moment; 0 when it runs."""
        return int(self.window.page.evaluate(STOPPED_LINE))

    def step_over(self) -> None:
        """Press F10."""
        self.window.press("F10")

    def go_on(self) -> None:
        """Press F5 while the program stands still."""
        self.window.press("F5")

    def restart(self) -> None:
        """Press Ctrl+Shift+F5."""
        self.window.press("Control+Shift+F5")

    def wait_until_running(self) -> None:
        """Wait until no line is marked as the one where the program stands."""
        self.window.page.wait_for_function(f"() => ({STOPPED_LINE})() === 0")

    def leave(self) -> None:
        """Press Shift+F5, and wait until the window is as it was before."""
        self.window.press("Shift+F5")
        self.window.page.locator(".debug-toolbar").wait_for(state="hidden")
        self.window.page.locator(".statusbar.debugging, .part.statusbar.debugging").wait_for(state="detached")

    def fold(self, section: str) -> None:
        """Make room: fold a section of the debugger's side bar away."""
        header = self.window.page.locator(f'.pane-header[aria-label^="{section} "]')
        header.click()
        header.and_(self.window.page.locator('[aria-expanded="false"]')).wait_for()

    def unfold(self, name: str) -> None:
        """Open a variable or a scope to see what it has; what a pointer leads to has no name."""
        row = self._row(name)
        closed = row.and_(self.window.page.locator('[aria-expanded="false"]'))
        row.wait_for()
        if closed.count():
            row.locator(".monaco-tl-twistie").click()
        closed.wait_for(state="hidden")

    def value(self, name: str) -> str:
        """What is shown for a variable or field that is in view."""
        shown = self._row(name).locator(".value")
        shown.wait_for()
        return shown.inner_text()

    def _row(self, name: str) -> Locator:
        named = self.window.page.locator(f'[aria-label^="{name}, value "], [aria-label="Scope {name}"]')
        return self.window.page.locator(VARIABLES).and_(named).first


BREAKPOINT = ".glyph-margin-widgets [class*=codicon-debug-breakpoint]"
VARIABLES = ".debug-variables .monaco-list-row"
