"""What settings and shell files really give the programs of a window: terminals, tasks, extensions."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.editor.browser import TEST_LIMIT_S
from tests.editor.desk import Desk, Home
from tests.editor.terminal import Variables, of_extensions, of_task, of_terminal, write_task
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store

pytestmark = pytest.mark.timeout(TEST_LIMIT_S)

ALIAS, HOST, LOGIN = "app-bash", "app", "sh-bash"
"""A login whose shell is bash, and whose start-up files print something."""

BIN = "/home/sh-bash/opt/go/bin"
MAKE_GO = f"mkdir -p {BIN} && printf '#!/bin/sh\\n' > {BIN}/go && chmod 755 {BIN}/go"
SHELL_FILES = (".bash_profile", ".bashrc", ".config/remotego/env.sh")
MACHINE_SETTINGS = ".vscode-server/data/Machine/settings.json"

TOML = """\
[profile.intranet]
goproxy = ["https://proxy.corp.example"]

[terminal.linux]
BY_TOML = "remotego.toml"
"""
IN_TERMINALS = "terminal.integrated.env.linux"
MACHINE = {IN_TERMINALS: {"BY_MACHINE": "machine", "BY_BOTH": "machine"}, "remoteEnv": {"BY_REMOTE_ENV": "machine"}}
WORKSPACE = {
    IN_TERMINALS: {
        "BY_WORKSPACE": "${workspaceFolder}",
        "BY_BOTH": "workspace",
        "BY_SERVER": "${env:BY_SERVER} and more",
        "BY_DEFAULT": "${env:NOBODY_SETS_THIS:-y}",
        "TAKEN_AWAY": None,
    },
    "remoteEnv": {"BY_REMOTE_ENV": "workspace"},
}
EVERYBODY = (WORKSPACE["remoteEnv"], MACHINE[IN_TERMINALS], WORKSPACE[IN_TERMINALS], {"BY_TOML": "", "GOPROXY": ""})
NAMES = frozenset(name for table in EVERYBODY for name in table)


@dataclass(frozen=True, slots=True)
class Given:
    """The environments of three programs of one window, its folder, and where the editor is installed."""

    workspace: Path
    editor: Path
    terminal: Variables
    task: Variables
    extensions: Variables


@pytest.fixture(scope="module")
def given(lab: Lab, desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """Have gen-settings write here and gen-remote-env on a host, open a window in such a home, start programs."""
    folder = tmp_path_factory.mktemp("terminal")
    workspace = folder / "workspace"
    (workspace / ".vscode").mkdir(parents=True)
    (workspace / ".vscode" / "settings.json").write_text(json.dumps(WORKSPACE))
    (workspace / "remotego.toml").write_text(TOML)
    write_task(workspace, folder / "task")
    developer = Controller(lab, workspace, fresh_store())
    _must(developer, "gen-settings", "--profile", "intranet")
    with _home(developer) as home, desk.window(workspace, "terminal", home) as window:
        terminal = of_terminal(window, folder / "terminal")
        task = of_task(window, folder / "task")
        window.photograph("terminal")
        yield Given(workspace, desk.editor.folder, terminal, task, of_extensions(window.server))


@contextlib.contextmanager
def _home(developer: Controller) -> Iterator[Home]:
    """The home of a login of a host as gen-remote-env leaves it; there it is taken back."""
    lab = developer.lab
    assert isinstance(lab, Lab)
    lab.exec(HOST, "sh", "-c", MAKE_GO, user=LOGIN)
    try:
        _must(developer, "gen-remote-env", "--host", ALIAS, "--remote-go", f"{BIN}/go")
        files = {name: lab.exec(HOST, "cat", f"/home/{LOGIN}/{name}", user=LOGIN) for name in SHELL_FILES}
        machine = json.loads(lab.exec(HOST, "cat", f"/home/{LOGIN}/{MACHINE_SETTINGS}", user=LOGIN))
        yield Home(files, machine | MACHINE, {"BY_SERVER": "server", "TAKEN_AWAY": "server"})
    finally:
        developer.run("undo", "--host", ALIAS)
        lab.exec(HOST, "rm", "-r", str(Path(BIN).parents[1]), user=LOGIN)


def _must(developer: Controller, *words: str) -> None:
    done = developer.run(*words)
    assert done.exit_code == 0, done


def _named(found: Variables) -> dict[str, str]:
    return {name: found[name] for name in NAMES if name in found}


@pytest.mark.parametrize("program", ["terminal", "task"])
def test_settings_of_machine_and_workspace_reach_terminals_and_tasks(given: Given, program: str) -> None:
    """Both are merged, name by name; variables are filled in, those that are not set by nothing, whatever follows
    ``:-``; a null takes away; ``remoteEnv`` is nothing to the editor.
    """
    assert {
        "BY_MACHINE": "machine",
        "BY_WORKSPACE": str(given.workspace),
        "BY_BOTH": "workspace",
        "BY_SERVER": "server and more",
        "BY_DEFAULT": "",
        "BY_TOML": "remotego.toml",
        "GOPROXY": "https://proxy.corp.example,off",
    } == _named(getattr(given, program))


def test_no_settings_of_terminals_reach_extensions(given: Given) -> None:
    """Nor gopls, which they start: theirs is the environment of the server."""
    assert {"BY_SERVER": "server", "TAKEN_AWAY": "server"} == _named(given.extensions)


@pytest.mark.parametrize("program", ["terminal", "task", "extensions"])
def test_shell_files_lead_to_go(given: Given, program: str) -> None:
    """Each of them looks for go where gen-remote-env says, before all but the editor's own programs."""
    found: Variables = getattr(given, program)
    assert BIN == next(one for one in found["PATH"].split(":") if not one.startswith(str(given.editor)))
