"""Debian's Chromium, driven by Playwright: one process for all tests of a package, a fresh profile for each window."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.lab.places import cache, checkout_id

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
VIEW = {"width": 1280, "height": 800}
LIMIT_S = 120.0
"""How long anything may take that a person waits for: the machine may be busy."""

TEST_LIMIT_S = 600.0
"""How long a journey may take: a minute, and ten times that where several of its steps are slow."""


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """Run Chromium. Its sandbox needs a user who is not root."""
    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=FLAGS, chromium_sandbox=os.geteuid() != 0, timeout=LIMIT_S * 1000
        )
        with contextlib.closing(chromium):
            yield chromium


@contextlib.contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """Open a page that knows nothing of those before it."""
    with contextlib.closing(browser.new_context(viewport=VIEW)) as profile:
        profile.set_default_timeout(LIMIT_S * 1000)
        page = profile.new_page()
        page.goto(url)
        yield page


def artefacts() -> Path:
    """Where pictures are kept: ``REMOTEGO_ARTEFACTS``, or a directory of this checkout in the user's cache."""
    folder = Path(os.environ.get("REMOTEGO_ARTEFACTS") or cache() / "artefacts" / checkout_id())
    folder.mkdir(parents=True, exist_ok=True)
    return folder
