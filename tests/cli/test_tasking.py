"""What a background task prints, by the real command."""

import re
from pathlib import Path

import pytest

from remotego.cli.tasking import TaskPrinter
from remotego.vscode.problems import BEGIN, PATTERN
from tests.cli.test_verbs import command

ENTRY = '{\n"configurations": [\n{"name": "x", "port": 23512}]}'


def problems(text: str) -> list[tuple[str, ...]]:
    """File, line and code of every problem in what was printed."""
    found = (re.search(PATTERN, line) for line in text.splitlines())
    return [match.group(2, 3, 6) for match in found if match]


def run(folder: Path, *words: str) -> list[tuple[str, ...]]:
    """Run a task in a workspace; the problems it shows."""
    (folder / ".vscode").mkdir(exist_ok=True)
    (folder / ".vscode" / "launch.json").write_text(ENTRY)
    done = command("debug", *words, "--task", cwd=folder, XDG_STATE_HOME=str(folder / "state"))
    assert done.stdout.startswith(f"{BEGIN}\n")
    return problems(done.stdout)


def test_an_error_stands_at_the_entry_it_is_about(tmp_path: Path) -> None:
    """The one with the task's port."""
    found = run(tmp_path, "--host", "no-such-host.invalid", "--process", "x", "--local-port", "23512")
    assert [(str(tmp_path / ".vscode" / "launch.json"), "3", "connect")] == found


def test_a_wrong_setting_stands_at_its_line(tmp_path: Path) -> None:
    """Where it has to be put right."""
    (tmp_path / "remotego.toml").write_text('# ours\nprocess = ""\n')
    found = run(tmp_path, "--host", "a", "--local-port", "23512")
    assert [(str(tmp_path / "remotego.toml"), "2", "setting")] == found


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--bogus",), "bad-words"),
        ((), "no-host"),
        (("--host", "a", "--process", "x", "--local-port", "0"), "fleeting-port"),
        (("--host", "a", "--exec", ""), "empty-goal"),
    ],
)
def test_every_error_is_one_problem(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    """Wrong words too, as tasks may be older than the program."""
    assert [code] == [one[2] for one in run(tmp_path, *words)]


def test_a_bug_is_a_problem_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or VS Code would attach to nothing."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    TaskPrinter(folder=tmp_path, port=1).crash(ZeroDivisionError("a\nb"))
    assert [(str(tmp_path / ".vscode" / "launch.json"), "1", "bug")] == problems(capsys.readouterr().out)


def test_an_interruption_is_a_problem_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the same reason."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    TaskPrinter(folder=tmp_path, port=1).interrupt(KeyboardInterrupt("SIGTERM"))
    assert [(str(tmp_path / ".vscode" / "launch.json"), "1", "interrupted")] == problems(capsys.readouterr().out)


def test_whatever_an_event_says_stands_behind_the_margin(capsys: pytest.CaptureFixture[str]) -> None:
    """A program's own output cannot end the waiting."""
    TaskPrinter().event("debug", {"event": "output"}, "remotego: task ready\nremotego: error: /f:1:1: x [y]")
    assert [] == [line for line in capsys.readouterr().out.splitlines() if not line.startswith("  ")]
