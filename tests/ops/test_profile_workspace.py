"""profile.use in a workspace: real settings files, a real go, and commands that end in the middle."""

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.configuration import load_settings
from remotego.adapters.files import ChangedFileError, schema
from remotego.adapters.keepsake import keep, recall
from remotego.adapters.toolchain import bundled_go
from remotego.core.settings import Settings
from remotego.ops.profile.aim import aim_at
from remotego.ops.profile.record import KIND, profile_in_force
from remotego.ops.profile.workspace import alone, carry_out_here, plan_here
from remotego.ops.sdk.settings import mirror_of
from tests.cli.test_verbs import command
from tests.ops.controllers import REMOTEGO

TOML = """
sdk_mirror = "https://public.example/go"
[profile.intranet]
goproxy = ["https://proxy.corp.example"]
private = ["*.corp.example"]
sdk_mirror = "https://mirror.corp.example/go"
[profile.mixed]
goproxy = ["https://proxy.corp.example"]
[profile.extranet]
toolchain = "local"
"""
MINE = '{\n  // mine\n  "a": 1, // x\n  "go.toolsEnvVars": {"GOFLAGS": "-v", "GOPROXY": "direct"}\n}'
NAMES = ("GOPROXY", "GONOPROXY", "GOSUMDB", "GOTOOLCHAIN")
SAYS = {
    "intranet": ["https://proxy.corp.example,off", "none", "off", "local"],
    "mixed": ["https://proxy.corp.example,off", "none", "sum.golang.org", "local"],
    "extranet": ["https://proxy.golang.org,direct", "*.corp.example", "sum.golang.org", "local"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with settings of its owner's, and a state directory of its own."""
    for name in [name for name in os.environ if name.startswith(("REMOTEGO_", "GO"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "svc"
    (folder / ".vscode").mkdir(parents=True)
    (folder / "go.mod").write_text("module m\n")
    (folder / "remotego.toml").write_text(TOML)
    file(folder).write_text(MINE)
    monkeypatch.chdir(folder)
    return folder


def file(folder: Path) -> Path:
    """Its settings."""
    return folder / ".vscode/settings.json"


def settings_of(folder: Path) -> Settings:
    """What remotego.toml says."""
    return load_settings({}, cwd=folder, environ={}, user_file=folder / "none.toml")


def use(folder: Path, name: str, *words: str, code: int = 0) -> Any:
    """Run the verb; its document."""
    done = command("profile.use", name, "--json", *words, cwd=folder)
    assert code == done.returncode, done.stdout + done.stderr
    document = json.loads(done.stdout)
    validate(document, schema("profile-use"))
    return document


def turn(folder: Path, name: str) -> None:
    """Do the same in this process."""
    settings = settings_of(folder)
    carry_out_here(plan_here(aim_at(name, settings), settings))


def go_says(folder: Path, group: str) -> list[str]:
    """What real go says with the variables of a group of settings."""
    variables = json.loads(file(folder).read_text().replace("// mine", "").replace("// x", ""))[group]
    go = bundled_go()
    assert go is not None
    env = {"HOME": str(folder / "nohome"), "PATH": os.defpath, "GOENV": "off", **variables}
    said = subprocess.run([go, "env", *NAMES], cwd="/", env=env, capture_output=True, text=True, timeout=60)
    return said.stdout.splitlines()


def test_go_says_what_each_profile_says_and_none_gives_the_text_of_before(folder: Path) -> None:
    """With what the extension starts, and in terminals; comments and order stay."""
    for name, expected in SAYS.items():
        turn(folder, name)
        groups = ("go.toolsEnvVars", "terminal.integrated.env.linux")
        assert [expected] * 2 == [go_says(folder, group) for group in groups]
        assert file(folder).read_text().startswith('{\n  // mine\n  "a": 1, // x\n')
    turn(folder, "none")
    assert (MINE, None) == (file(folder).read_text(), recall(file(folder), KIND))


def test_the_verb_shows_writes_and_finds_nothing_to_do(folder: Path) -> None:
    """A dry run touches nothing, not even our own state."""
    planned = use(folder, "intranet", "--dry")
    before = (file(folder).read_text(), (folder.parent / "state").exists())
    done, again = use(folder, "intranet"), use(folder, "intranet")
    assert ((MINE, False), planned["workspace"]["diff"]) == (before, done["workspace"]["diff"])
    statuses = [one["workspace"]["status"] for one in (planned, done, again)]
    assert ["planned", "written", "nothing to do"] == statuses
    row = {"setting": ["go.toolsEnvVars", "GOPROXY"], "before": '"direct"', "after": f'"{SAYS["intranet"][0]}"'}
    assert row in done["workspace"]["differences"]
    assert ("removed", MINE) == (use(folder, "none")["workspace"]["status"], file(folder).read_text())


def test_a_workspace_without_settings_has_none_again(folder: Path) -> None:
    """The file and its directory go; what a user has put beside it keeps the directory."""
    file(folder).unlink()
    file(folder).parent.rmdir()
    turn(folder, "mixed")
    turn(folder, "extranet")
    turn(folder, "none")
    assert False is file(folder).parent.exists()


def test_a_workspace_file_is_turned_and_turned_back(folder: Path) -> None:
    """Its settings are what counts where a window opens it."""
    path = folder / "x.code-workspace"
    path.write_text('{"folders": [{"path": "."}]}')
    done = use(folder, "mixed", "--workspace", str(path))
    use(folder, "none", "--workspace", str(path))
    assert (str(path), '{"folders": [{"path": "."}]}', MINE) == (
        done["workspace"]["file"],
        path.read_text(),
        file(folder).read_text(),
    )


def test_a_file_marked_read_only_is_as_it_was(folder: Path) -> None:
    """It is the workspace that failed; the next run does it, and none still gives the text of before."""
    turn(folder, "intranet")
    text = file(folder).read_text()
    file(folder).chmod(0o444)
    failed = use(folder, "extranet", code=4)["workspace"]
    assert ("failed", "unwritable-file", text) == (failed["status"], failed["error"]["code"], file(folder).read_text())
    file(folder).chmod(0o644)
    assert "written" == use(folder, "extranet")["workspace"]["status"]
    turn(folder, "none")
    assert MINE == file(folder).read_text()


@pytest.mark.parametrize("written", [True, False], ids=["the file was written", "only the record was"])
def test_a_command_that_was_killed_in_between_is_completed_or_taken_back(folder: Path, written: bool) -> None:
    """It has written down both profiles, and one of them is in the file."""
    turn(folder, "intranet")
    old, first = file(folder).read_text(), recall(file(folder), KIND)
    turn(folder, "extranet")
    second = recall(file(folder), KIND)
    assert first is not None
    assert second is not None
    keep(file(folder), {"records": [*second["records"], *first["records"]]}, KIND)
    if not written:
        file(folder).write_text(old)
    assert ("extranet" if written else "intranet") == profile_in_force(settings_of(folder))
    turn(folder, "mixed")
    assert SAYS["mixed"] == go_says(folder, "go.toolsEnvVars")
    turn(folder, "none")
    assert MINE == file(folder).read_text()


def test_somebody_who_writes_in_between_wins(folder: Path) -> None:
    """What was planned is not written over it; none still takes our own out of theirs."""
    settings = settings_of(folder)
    desk = plan_here(aim_at("mixed", settings), settings)
    theirs = MINE.replace('"a": 1', '"a": 2')
    file(folder).write_text(theirs)
    with pytest.raises(ChangedFileError):
        carry_out_here(desk)
    assert theirs == file(folder).read_text()
    turn(folder, "mixed")
    turn(folder, "none")
    assert theirs == file(folder).read_text()


def test_two_commands_at_once_do_not_mix(folder: Path) -> None:
    """The second waits for the first, and then does its own; none gives the text of before."""
    words = [[*REMOTEGO, "profile.use", name] for name in ("intranet", "extranet")]
    with alone(settings_of(folder)):
        children = [subprocess.Popen(one, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for one in words]
        assert MINE == file(folder).read_text()
    codes = [child.wait(120) for child in children if child.communicate(timeout=120)]
    said = go_says(folder, "go.toolsEnvVars")
    turn(folder, "none")
    assert ([0, 0], True, MINE) == (codes, said in SAYS.values(), file(folder).read_text())


def test_sdk_install_looks_where_the_profile_in_force_says(folder: Path) -> None:
    """Else where remotego.toml says for all."""
    mirrors = [mirror_of(settings_of(folder))]
    for name in ("intranet", "extranet"):
        turn(folder, name)
        mirrors.append(mirror_of(settings_of(folder)))
    public = "https://public.example/go"
    assert [public, "https://mirror.corp.example/go", public] == mirrors


def on_terminal(folder: Path, answer: bytes, *words: str) -> tuple[int, bytes]:
    """Run the verb on a terminal and answer its question; exit code, and what it shows."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(sys.executable, [*REMOTEGO, "profile.use", *words], {**os.environ, "TERM": "dumb"})
    shown, answered = b"", False
    while select.select([terminal], [], [], 120)[0]:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # Linux says so when the last process of a terminal has gone
            break
        if not piece:
            break
        shown += piece
        if b"[y/N]" in shown and not answered:
            os.write(terminal, answer)
            answered = True
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"\n", 4), (b"\x03", 130)])
def test_a_terminal_sees_the_difference_and_is_asked(folder: Path, answer: bytes, code: int) -> None:
    """Only yes does it; Ctrl-C and anything else leave all as it is."""
    ended, shown = on_terminal(folder, answer, "mixed")
    wanted = b'+  "terminal.integrated.env.linux": {'
    assert (code, True, code == 0) == (ended, wanted in shown, file(folder).read_text() != MINE), shown


def test_a_terminal_is_not_asked_after_yes(folder: Path) -> None:
    """Nor where there is nothing to do."""
    ended, shown = on_terminal(folder, b"", "mixed", "--yes")
    again, silent = on_terminal(folder, b"", "mixed")
    assert (0, False, 0, False) == (ended, b"[y/N]" in shown, again, b"[y/N]" in silent)


def test_profiles_and_sdk_use_leave_each_other_alone(folder: Path) -> None:
    """What sdk.use holds is not written by a profile; each takes out its own."""
    path = ["go.toolsEnvVars", "GOTOOLCHAIN"]
    held = MINE.replace('"direct"}', '"direct", "GOTOOLCHAIN": "local"}')
    file(folder).write_text(held)
    keep(file(folder), {"was": MINE, "now": "x", "entries": [{"path": path, "value": "local"}]})
    (folder / "remotego.toml").write_text(TOML.replace('toolchain = "local"', 'toolchain = "auto"'))
    turn(folder, "extranet")
    inside = go_says(folder, "go.toolsEnvVars")
    turn(folder, "none")
    assert ("local", held) == (inside[3], file(folder).read_text())


def test_settings_changed_meanwhile_are_named(folder: Path) -> None:
    """By profile.show, with the profile they are in the place of; and they stay."""
    turn(folder, "intranet")
    text = file(folder).read_text().replace(SAYS["intranet"][0], "https://mine.example", 1)
    file(folder).write_text(text)
    shown = json.loads(command("profile.show", "--json", cwd=folder).stdout)
    validate(shown, schema("profile-show"))
    changed = [{"setting": ["go.toolsEnvVars", "GOPROXY"], "value": '"https://mine.example"'}]
    here = shown["workspace"]
    assert ("drifted", "intranet", changed) == (here["status"], here["profile"], here["changed"])
    done = use(folder, "mixed")["workspace"]
    stays = "https://mine.example" in file(folder).read_text()
    assert ("written, differs", True) == (done["status"], stays)


def test_broken_settings_are_said_of_the_workspace_and_hosts_are_still_shown(folder: Path) -> None:
    """The host cannot be reached here, and that is said of it, too."""
    file(folder).write_text("{ broken")
    done = command("profile.show", "--host", "dev@127.0.0.1:1", "--json", cwd=folder)
    document = json.loads(done.stdout)
    validate(document, schema("profile-show"))
    said = document["workspace"]["status"], document["workspace"]["error"]["code"], document["hosts"][0]["status"]
    assert ("failed", "jsonc", "failed") == said


def test_unknown_profile_is_answered_with_the_names_there_are(folder: Path) -> None:
    """The verb takes a name and knows no --profile."""
    done = command("profile.use", "nosuch", "--json", cwd=folder)
    said = json.loads(done.stdout)["error"]["remedy"]
    assert ([True, True, True], False) == ([name in said for name in SAYS], "--profile" in said)
