"""The command line as its user meets it: both doors, help, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from remotego.cli.ns import GROUPS, VERBS

GROUP_NAMES = {
    "auth": ["check", "connect"],
    "bundle": ["apply", "create", "verify"],
    "mod": ["doctor", "graph", "vendor"],
    "profile": ["show", "use"],
    "proxy": ["explain", "policy", "probe", "remove", "repository", "status", "watch"],
    "sdk": ["install", "list", "remove", "use", "verify"],
}
IN_GROUPS = [f"{group}.{name}" for group, names in GROUP_NAMES.items() for name in names]
NAMES = [
    "config",
    "debug",
    "deploy-dlv",
    "deploy-proxy",
    "doctor",
    "env",
    "explain-vscode",
    "gen-launch",
    "gen-remote-env",
    "gen-settings",
    "gen-ssh-config",
    "hosts",
    "paths",
    "ps",
    "ptrace",
    "release",
    "sessions",
    "set-env",
    "stop",
    "undo",
]
ALL = (*VERBS, *(verb for group in GROUPS for verb in group.tasks.values()))
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


def _names(collection: Any) -> list[str]:
    return sorted(task["name"] for task in collection["tasks"])


def test_every_verb_is_listed(tmp_path: Path) -> None:
    """The command shows what it can do, in any directory."""
    listed = json.loads(command("--list", "--list-format=json", cwd=tmp_path).stdout)
    assert (NAMES, GROUP_NAMES) == (_names(listed), {one["name"]: _names(one) for one in listed["collections"]})


def test_one_import_brings_the_verbs_into_any_tasks_file(tmp_path: Path) -> None:
    """A workspace's own tasks.py can take them all."""
    (tmp_path / "tasks.py").write_text("from remotego.cli.ns import ns\n")
    listed = json.loads(command("--list", "--list-format=json", cwd=tmp_path, module="invoke").stdout)
    groups = {one["name"]: len(_names(one)) for one in listed["collections"]}
    assert (NAMES, {group: len(names) for group, names in GROUP_NAMES.items()}) == (_names(listed), groups)


@pytest.mark.parametrize("name", NAMES + IN_GROUPS)
def test_every_verb_has_help_with_an_example(tmp_path: Path, name: str) -> None:
    """Help says how it is typed."""
    assert "Example" in command(name, "--help", cwd=tmp_path).stdout


def test_verbs_differ_though_they_share_a_class() -> None:
    """Invoke drops a task that equals another one of its name."""
    assert len(ALL) == len(set(ALL))


def test_a_flag_is_not_taken_for_a_bare_word(tmp_path: Path) -> None:
    """Invoke alone would take --help for the version and begin to work; its own command says how to ask."""
    (tmp_path / "tasks.py").write_text("from remotego.cli.ns import ns\n")
    done = command("sdk.install", "--help", cwd=tmp_path, module="invoke")
    assert "VERSION comes first" in done.stderr


def test_dry_may_stand_before_the_bare_word(tmp_path: Path) -> None:
    """The words of a verb come in any order."""
    done = command("sdk.install", "--dry", "1.26.6", cwd=tmp_path)
    assert (2, True) == (done.returncode, "no host named" in done.stderr)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("config",), 0),
        (("deploy-dlv",), 2),
        (("deploy-dlv", "--host", "-x"), 2),
        (("deploy-dlv", "--host", "h", "--dlv-version", "new"), 2),
        (("debug", "--host", "a", "--host", "b"), 2),
        (("debug", "--host", "a", "--local-port", "70000"), 2),
        (("debug", "--bogus"), 2),
        (("bogus",), 2),
        (("gen-launch", "--host", "a", "--workspace", "/no/such/place"), 2),
        (("gen-settings",), 2),
        (("gen-settings", "--profile", "home"), 2),
        (("paths", "--host", "a", "--workspace", "/no/such/place"), 2),
        (("paths", "--host", "a", "--client", "beos"), 2),
        (("gen-remote-env",), 2),
        (("gen-remote-env", "--host", "a", "--devcontainer", "/no/such.json"), 2),
        (("gen-remote-env", "--host", "a", "--remote-go", "go"), 2),
        (("env",), 2),
        (("explain-vscode", "--workspace", "/no/such/place"), 2),
        (("gen-launch",), 2),
        (("gen-launch", "--host", "a", "--editor", "ed"), 2),
        (("gen-launch", "--host", "a", "--pick", "--exec", "./x"), 2),
        (("gen-launch", "--host", "a", "--exec", "./x", "--process", "y"), 2),
        (("gen-launch", "--remote-ssh", "--wait-for", "x"), 2),
        (("gen-launch", "--remote-ssh", "--host", "a", "--process", "x"), 2),
        (("release", "--host", "a", "--host", "b"), 2),
        (("ps",), 2),
        (("proxy.probe", "--timeout", "0"), 2),
        (("proxy.probe", "--known", "rsc.io/quote"), 2),
        (("proxy.probe", "--sumdb", "nonsense", "--proxy", "http://127.0.0.1:1"), 2),
        (("proxy.probe", "--host", "no-such-host.invalid"), 3),
        (("proxy.probe", "--proxy", "https://ann:secret@proxy.example"), 2),
        (("proxy.watch", "--listen", "70000"), 2),
        (("proxy.watch", "--known", "rsc.io/quote"), 2),
        (("sdk.install",), 2),
        (("sdk.install", "1.26.6"), 2),
        (("sdk.install", "new", "--host", "a"), 2),
        (("sdk.list",), 2),
        (("sdk.verify", "1.26.6"), 2),
        (("sdk.remove", "1.26.6"), 2),
        (("mod.doctor", "--workspace", "/no/such/place"), 5),
        (("mod.doctor", "--fix", "--undo"), 2),
        (("mod.graph",), 5),
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


def test_wrong_words_are_an_error_document_too(tmp_path: Path) -> None:
    """A script that mistypes a flag gets JSON as it asked for."""
    document = json.loads(command("debug", "--bogus", "--json", cwd=tmp_path).stdout)
    assert ("bad-words", 2) == (document["error"]["code"], document["error"]["exit_code"])


def test_several_words_behind_a_flag(tmp_path: Path) -> None:
    """Invoke takes the second for a verb: it is said how to write it."""
    done = command("bundle.create", "--tools", "dlv", "gopls", "--json", cwd=tmp_path)
    error = json.loads(done.stdout)["error"]
    expected = ("several-words", 2, "give the flag again for each: --tools dlv --tools gopls")
    assert expected == (error["code"], error["exit_code"], error["remedy"])


def test_several_values_of_a_flag(tmp_path: Path) -> None:
    """With commas, or the flag again."""
    words = ("--tools", "gopls@v0.21.0,govulncheck@v1.1.4", "--tools", "staticcheck@v0.6.1", "--sdk", "none")
    done = command("--dry", "bundle.create", *words, "--json", cwd=tmp_path)
    names = [name.rpartition("@")[0].rpartition("/")[2] for name in json.loads(done.stdout)["takes"]]
    assert ["gopls", "govulncheck", "staticcheck"] == names


def test_a_directory_that_is_gone_is_said(tmp_path: Path) -> None:
    """Not a traceback."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"rmdir {gone}; exec {sys.executable} -m remotego config"
    done = subprocess.run(["sh", "-c", script], cwd=gone, capture_output=True, text=True, timeout=LIMIT_S)
    assert (2, "error: the current directory does not exist any more") == (done.returncode, done.stderr.splitlines()[0])
