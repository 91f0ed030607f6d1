"""Fixtures of the editor. It is brought before the first test, outside its time limit."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.editor.browser import browsing
from tests.editor.desk import Desk
from tests.editor.installation import Installation, Tell, installation
from tests.lab import packages
from tests.lab.failure import EngineMissingError, LabError

BROUGHT = pytest.StashKey[Installation | LabError]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Bring the editor if a collected test asks for it."""
    asked = any("editor" in getattr(item, "fixturenames", ()) for item in session.items)
    if asked and not session.config.option.collectonly:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        session.config.stash[BROUGHT] = _bring(reporter.write_line if reporter else print)


def _bring(tell: Tell) -> Installation | LabError:
    """What was installed, or the reason why this machine does not have it."""
    try:
        tell("the editor: looking for it; the first time on a machine it is fetched, which takes a minute")
        packages.ensure("chromium", "fc-list")
        return installation(tell)
    except LabError as problem:
        return problem


@pytest.fixture(scope="session")
def editor(request: pytest.FixtureRequest) -> Installation:
    """The installed editor; without one the test is skipped, unless REMOTEGO_LAB=required."""
    found = request.config.stash[BROUGHT]
    if isinstance(found, EngineMissingError) and os.environ.get("REMOTEGO_LAB") != "required":
        pytest.skip(f"NO EDITOR: {found}")
    if isinstance(found, LabError):
        pytest.fail(f"NO EDITOR: {found}", pytrace=False)
    return found


@pytest.fixture(scope="package")
def browser(editor: Installation) -> Iterator[Browser]:
    """One Chromium for all tests here; no longer, as its driver keeps an event loop in this thread."""
    with browsing() as chromium:
        yield chromium


@pytest.fixture(scope="package")
def desk(editor: Installation, browser: Browser) -> Desk:
    """Where windows are opened."""
    return Desk(editor, browser)
