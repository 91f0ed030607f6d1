"""What a person does when F5 fails: asks for the errors, and reads them in the Problems view."""

from typing import NamedTuple

from tests.editor.window import Window

ROWS = ".markers-panel-container .monaco-list-row"


class Problem(NamedTuple):
    """A row of the view: what it says, who says it and under which name, and the file it is shown at."""

    message: str
    source: str
    code: str
    file: str


def show_errors(window: Window) -> list[Problem]:
    """Wait until the editor says that what comes before the session has failed, and choose to see why."""
    window.page.get_by_role("dialog").get_by_role("button", name="Show Errors").click()
    rows = window.page.locator(ROWS)
    rows.locator(".marker-message-line").first.wait_for()
    found, file = [], ""
    for row in rows.all():
        if row.locator(".marker-message-line").count():
            message, source, code, *_ = row.inner_text().splitlines()
            found.append(Problem(message, source, code, file))
        else:
            file = row.locator(".label-name").inner_text()
    return found
