"""The command line as its user meets it: both doors, help, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from remotego.cli.ns import VERBS

NAMES = ["config", "debug", "deploy-dlv", "gen-launch", "hosts", "ps", "sessions", "stop", "undo"]
LIMIT_S = 60


def command(*words: str, cwd: Path, module: str = "remotego", **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in ``cwd``, with no settings but those in ``env``."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("REMOTEGO_")}
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=cwd,
        env=clean | {"XDG_CONFIG_HOME": str(cwd / "no-config")} | env,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )


def test_every_verb_is_listed(tmp_path: Path) -> None:
    """The command shows what it can do, in any directory."""
    listed = json.loads(command("--list", "--list-format=json", cwd=tmp_path).stdout)
    assert NAMES == sorted(task["name"] for task in listed["tasks"])


def test_one_import_brings_the_verbs_into_any_tasks_file(tmp_path: Path) -> None:
    """A workspace's own tasks.py can take them all."""
    (tmp_path / "tasks.py").write_text("from remotego.cli.ns import ns\n")
    listed = json.loads(command("--list", "--list-format=json", cwd=tmp_path, module="invoke").stdout)
    assert NAMES == sorted(task["name"] for task in listed["tasks"])


@pytest.mark.parametrize("name", NAMES)
def test_every_verb_has_help_with_an_example(tmp_path: Path, name: str) -> None:
    """Help says how it is typed."""
    assert "Example" in command(name, "--help", cwd=tmp_path).stdout


def test_verbs_differ_though_they_share_a_class() -> None:
    """Invoke drops a task that equals another one of its name."""
    assert len(VERBS) == len(set(VERBS))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("config",), 0),
        (("deploy-dlv",), 2),
        (("deploy-dlv", "--host", "-x"), 2),
        (("deploy-dlv", "--host", "h", "--dlv-version", "new"), 2),
        (("debug", "--host", "a", "--host", "b"), 2),
        (("debug", "--host", "a", "--port", "70000"), 2),
        (("ps",), 2),
        (("sessions", "--host", "no-such-host.invalid"), 3),
    ],
)
def test_exit_code_is_the_class_of_the_error(tmp_path: Path, words: tuple[str, ...], expected: int) -> None:
    """Scripts can tell a wrong request from an unreachable machine."""
    assert expected == command(*words, cwd=tmp_path).returncode


def test_an_error_names_its_remedy(tmp_path: Path) -> None:
    """What to do next is on the second line."""
    _, remedy = command("undo", cwd=tmp_path).stderr.splitlines()
    assert remedy.startswith("  try: give --host NAME")


def test_settings_of_the_workspace_reach_a_verb(tmp_path: Path) -> None:
    """remotego.toml is found upward, and config says which line it was."""
    (tmp_path / "remotego.toml").write_text('# ours\nprocess = "svc"\n')
    (tmp_path / "below").mkdir()
    found = json.loads(command("config", "--json", cwd=tmp_path / "below").stdout)["settings"]
    expected = {"name": "process", "value": "svc", "origin": str(tmp_path / "remotego.toml") + ":2"}
    assert expected == next(one for one in found if one["name"] == "process")


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    """The order is flags, variables, files, defaults."""
    (tmp_path / "remotego.toml").write_text('process = "svc"\n')
    found = json.loads(command("config", "--json", cwd=tmp_path, REMOTEGO_PROCESS="other").stdout)["settings"]
    expected = {"name": "process", "value": "other", "origin": "REMOTEGO_PROCESS"}
    assert expected == next(one for one in found if one["name"] == "process")


def test_invoke_settings_of_a_workspace_are_not_read(tmp_path: Path) -> None:
    """A poisoned invoke.yaml, remotego.yaml or fabric.yml in a workspace steers nothing."""
    for name in ("invoke.yaml", "remotego.yaml", "fabric.yml"):
        (tmp_path / name).write_text("run:\n  dry: true\n  shell: /bin/false\n")
    (tmp_path / "tasks.py").write_text("raise SystemExit('executed')\n")
    assert 0 == command("config", cwd=tmp_path).returncode
