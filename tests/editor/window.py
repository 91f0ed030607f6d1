"""A window of the editor, and what a person does and sees in it. Everything waits for what it needs to see."""

from dataclasses import dataclass

from playwright.sync_api import Error, Locator, Page

from tests.editor.browser import LIMIT_S, artefacts
from tests.editor.server import Server

LOOK_S = 2.0
QUICK_INPUT = ".quick-input-widget input"


@dataclass(frozen=True, slots=True)
class Window:
    """One window with a folder open, and the server it is of."""

    page: Page
    server: Server

    def wait_until_usable(self) -> None:
        """Wait until the files of the folder are shown."""
        self.page.locator(".explorer-folders-view .monaco-list-row").first.wait_for()

    def open_file(self, name: str) -> None:
        """Click a file of the folder, and see its text."""
        self.page.locator(f'.explorer-folders-view .monaco-list-row[aria-label^="{name}"]').click()
        self.page.locator(f'.tab.active[aria-label^="{name}"]').wait_for()
        self.page.locator(".editor-instance .view-line").first.wait_for()

    def go_to_line(self, number: int) -> Locator:
        """Bring a line into view; the number beside it."""
        self._ask("Control+g", f":{number}")
        self.page.keyboard.press("Enter")
        self.page.locator(QUICK_INPUT).wait_for(state="hidden")
        beside = self.page.locator(".margin-view-overlays .line-numbers").get_by_text(str(number), exact=True)
        beside.wait_for()
        return beside

    def run_command(self, title: str) -> None:
        """Choose a command by its title."""
        self._ask("F1", f">{title}")
        self.page.locator(f'.quick-input-list .monaco-list-row[aria-label^="{title}"]').first.click()

    def _ask(self, keys: str, words: str) -> None:
        """Press keys until the editor asks for words, as it does once it listens; type them."""
        asked = self.page.locator(QUICK_INPUT)
        for _ in range(int(LIMIT_S / LOOK_S)):
            self.press(keys)
            if seen(asked):
                break
        asked.fill(words)

    def press(self, keys: str) -> None:
        """Press a key, or several at once as in ``Control+g``."""
        self.page.keyboard.press(keys)

    def show_panel(self, title: str) -> None:
        """Click a tab of the panel below, such as Terminal."""
        tab = self.page.locator(".part.panel").get_by_role("tab", name=title)
        tab.click()
        tab.and_(self.page.locator('[aria-selected="true"]')).wait_for()

    def wait_for_tasks(self, number: int) -> None:
        """Wait until the status bar shows so many running tasks.

        Before the editor knows that a postDebugTask has ended, keys go to the session that it came after; before it
        knows that a background task has ended, it starts none in its place.
        """
        shown = self.page.locator('[id="status.runningTasks"]')
        if number:
            shown.and_(self.page.locator(f'[aria-label^="{number} "]')).wait_for()
        else:
            shown.wait_for(state="hidden")

    def photograph(self, name: str) -> None:
        """Keep a picture of the window."""
        self.page.screenshot(path=artefacts() / f"{name}.png")


def seen(sign: Locator, limit_s: float = LOOK_S) -> bool:
    """Whether something shows within a short time."""
    try:
        sign.first.wait_for(timeout=limit_s * 1000)
    except Error:
        return False
    return True
