"""What programs are given that a person starts in a window, or that the window starts for them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.editor.server import Server, variables
from tests.editor.window import QUICK_INPUT, Window
from tests.patience import eventually

LIMIT_S = 120.0
TASK = "show what a task is given"
EXTENSION_HOST = "--type=extensionHost"

Variables = Mapping[str, str]


def of_terminal(window: Window, told: Path) -> Variables:
    """The environment of a terminal that a person opens; its shell writes ``told``."""
    window.run_command("Terminal: Create New Terminal")
    window.page.locator(".terminal-wrapper.active .xterm-helper-textarea").focus()
    window.page.keyboard.type(_telling(told))
    window.press("Enter")
    return _read(told)


def of_task(window: Window, told: Path) -> Variables:
    """The environment of a task of type process, as those are that F5 runs; see ``write_task``."""
    window.run_command("Tasks: Run Task")
    window.page.locator(QUICK_INPUT).fill(TASK)
    window.page.locator(f'.quick-input-list .monaco-list-row[aria-label^="{TASK}"]').first.click()
    return _read(told)


def write_task(workspace: Path, told: Path) -> None:
    """Give a workspace the task whose process writes ``told``."""
    task = {"label": TASK, "type": "process", "command": "/bin/sh", "args": ["-c", _telling(told)]}
    text = json.dumps({"version": "2.0.0", "tasks": [{**task, "problemMatcher": []}]})
    (workspace / ".vscode" / "tasks.json").write_text(text)


def of_extensions(server: Server) -> Variables:
    """The environment that extensions, and so gopls, begin with."""
    return _by_name(next(_extension_hosts(server)))


def _extension_hosts(server: Server) -> Iterator[list[bytes]]:
    for pid in server.processes():
        if EXTENSION_HOST.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            yield variables(pid)


def _telling(told: Path) -> str:
    return f"env -0 > {told}.part && mv {told}.part {told}"


def _read(told: Path) -> Variables:
    assert eventually(told.exists, LIMIT_S), f"nothing wrote {told}"
    return _by_name(told.read_bytes().split(b"\0"))


def _by_name(entries: list[bytes]) -> Variables:
    pairs = (one.decode(errors="replace").partition("=") for one in entries if one)
    return {name: value for name, _, value in pairs}
