"""Where a developer sits: opens windows, each of a server that nobody used before."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.editor.browser import opened
from tests.editor.installation import Installation
from tests.editor.server import serving
from tests.editor.window import Window


@dataclass(frozen=True, slots=True)
class Home:
    """What a server's user brings: files of their home by name, settings of the machine, more of the environment."""

    files: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """An installed editor and a browser to see it in."""

    editor: Installation
    browser: Browser

    @contextlib.contextmanager
    def window(self, workspace: Path, called: str, home: Home = Home()) -> Iterator[Window]:
        """Open a folder in a window; when something in the block fails, its picture ``called``-failed is kept.

        A server keeps the extensions of a closed window running, so every window has a server of its own. Its folder
        has a short name, since there are sockets in it.
        """
        with tempfile.TemporaryDirectory(prefix="rg-editor-", ignore_cleanup_errors=True) as folder:
            for name, text in home.files.items():
                file = Path(folder) / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            with (
                serving(self.editor, Path(folder), home.machine, home.variables) as server,
                opened(self.browser, server.page(workspace)) as page,
            ):
                window = Window(page, server)
                try:
                    window.wait_until_usable()
                    yield window
                except BaseException:
                    window.photograph(f"{called}-failed")
                    raise
