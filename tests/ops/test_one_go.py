"""sdk.use in a workspace here: all that an editor starts finds the same real Go."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.toolchain import bundled_go
from remotego.core.progress import Silence
from remotego.golang.sdk import Sdk
from remotego.ops.sdk.here import place_here
from remotego.ops.sdk.supply import Proof, Supplied
from tests.cli.test_verbs import command
from tests.golang.specimens import DWARF4, go
from tests.ops.small_sdks import small_sdk

OLD = DWARF4.removeprefix("go")
SETTINGS = '{\n  // mine\n  "go.alternateTools": {"go": "/mine/go"},\n  "a": 1\n}\n'

SHIM = """#!/bin/bash
# As goenv, asdf and mise do: the version by a variable or a file, "system" is the next go in PATH.
here=$(cd "$(dirname "$0")" && pwd)
version=${{{variable}:-$(cat .go-version 2>/dev/null)}}
if [ "$version" = system ]; then
  PATH=$(printf %s ":$PATH:" | sed "s#:$here:#:#g"); export PATH
else
  export GOROOT={root}/versions/$version; PATH=$GOROOT/bin:$PATH
fi
exec go "$@"
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A developer's home with two real SDKs in ~/sdk, the newer one first in PATH, and a workspace."""

    home: Path
    newer: str

    @property
    def folder(self) -> Path:
        """The workspace."""
        return self.home / "svc"

    @property
    def file(self) -> Path:
        """Its settings."""
        return self.folder / ".vscode/settings.json"

    @property
    def env(self) -> dict[str, str]:
        """The environment of everything here."""
        path = f"{self.home}/sdk/go{self.newer}/bin:/usr/bin:/bin"
        xdg = {f"XDG_{name}_HOME": str(self.home / f".{name.lower()}") for name in ("STATE", "CACHE", "DATA", "CONFIG")}
        return {"HOME": str(self.home), "PATH": path, "SHELL": "/bin/bash", **xdg}

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run our command in the workspace; the Go variables of this machine's own environment stay out."""
        mine = {name: "" for name in os.environ if name.startswith(("GO", "ASDF_", "MISE_", "GVM_"))}
        return command(*words, cwd=self.folder, **{**mine, **self.env, **env})

    def use(self, *words: str, **env: str) -> Any:
        """Run sdk.use, and give what it says, which is what its schema says."""
        done = self.run("sdk.use", *words, "--json", **env)
        assert 0 == done.returncode, done.stdout + done.stderr
        document = json.loads(done.stdout)
        validate(document, schema("sdk-use"))
        return document

    def found(self) -> Mapping[str, str]:
        """Ask go itself, as an editor by these settings would have it: by hand, without our own code."""
        settings = json.loads(self.file.read_text().replace("// mine", ""))
        inside = dict(self.env)
        for name, value in settings["terminal.integrated.env.linux"].items():
            inside[name] = "" if value is None else value.replace("${env:PATH}", self.env["PATH"])
        tools = self.env | settings["go.toolsEnvVars"]
        starts = {
            "extension": ([settings["go.alternateTools"]["go"], "version"], tools),
            "task": (["sh", "-c", "go version"], inside),
            "terminal": (["bash", "-ic", "go version"], inside),
        }
        return {
            by: subprocess.check_output(argv, env=env, cwd=self.folder, text=True, stderr=subprocess.DEVNULL).split()[2]
            for by, (argv, env) in starts.items()
        }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Make one."""
    bundled = bundled_go()
    assert bundled is not None
    newer = go("env", "GOVERSION").strip().removeprefix("go")
    (tmp_path / "sdk").mkdir()
    (tmp_path / f"sdk/go{newer}").symlink_to(bundled.parent.parent)
    (tmp_path / f"sdk/go{OLD}").symlink_to(go("env", "GOROOT", toolchain=DWARF4).strip())
    made = Desk(tmp_path, newer)
    made.folder.mkdir()
    (made.folder / "go.mod").write_text("module x.example/svc\n\ngo 1.24\n")
    return made


def written(desk: Desk, text: str = SETTINGS) -> str:
    """Give the workspace settings of the user's."""
    desk.file.parent.mkdir(exist_ok=True)
    desk.file.write_text(text)
    return text


def versions(document: Any) -> dict[str, str]:
    """What our own command found by each way."""
    return {one["by"]: one["version"] for one in document["workspace"]["agreement"]}


def test_all_say_the_same_version(desk: Desk) -> None:
    """VS Code's rule, a task, a terminal, and what our command reports of them and of the debugger."""
    told = versions(desk.use(OLD))
    assert (dict.fromkeys(("extension", "task", "terminal"), DWARF4), dict.fromkeys(told, OLD), 4) == (
        desk.found(),
        told,
        len(told),
    )


def test_nothing_is_fetched_for_a_toolchain_line(desk: Desk) -> None:
    """The line is named; go itself takes what is there."""
    (desk.folder / "go.mod").write_text("module x.example/svc\n\ngo 1.24\n\ntoolchain go1.99.0\n")
    document = desk.use(OLD)
    assert ({DWARF4}, True) == (set(desk.found().values()), f"{desk.folder}/go.mod:5: " in document["notes"][0])


def test_a_second_run_has_nothing_to_do(desk: Desk) -> None:
    """And a dry one writes nothing."""
    text = written(desk)
    dry = json.loads(desk.run("--dry", "sdk.use", OLD, "--json").stdout)
    validate(dry, schema("sdk-use"))
    before = desk.file.read_text()
    status = [desk.use(OLD)["workspace"]["status"] for _ in range(2)]
    assert ("planned", text, ["written", "nothing to do"]) == (dry["workspace"]["status"], before, status)


def test_none_takes_everything_out_again(desk: Desk) -> None:
    """Byte for byte, after a change of versions too; a second time there is nothing to do."""
    text = written(desk)
    desk.use(OLD)
    desk.use(desk.newer)
    status = [desk.use("none")["workspace"]["status"] for _ in range(2)]
    assert (text, ["removed", "nothing to do"]) == (desk.file.read_text(), status)


def test_none_removes_what_was_made(desk: Desk) -> None:
    """A folder without .vscode has none afterwards."""
    desk.use(OLD)
    desk.use("none")
    assert ["go.mod"] == [path.name for path in desk.folder.iterdir()]


def test_what_was_changed_since_stays(desk: Desk) -> None:
    """Only ours goes; what stood in its place is back."""
    written(desk)
    desk.use(OLD)
    desk.file.write_text(desk.file.read_text().replace('"a": 1', '"a": 2'))
    desk.use("none")
    assert SETTINGS.replace('"a": 1', '"a": 2') == desk.file.read_text()


@pytest.mark.parametrize(
    ("name", "root", "variable", "file"),
    [
        ("goenv", ".goenv", "GOENV_VERSION", ".go-version"),
        ("mise", ".local/share/mise", "MISE_GO_VERSION", "mise.toml"),
        ("asdf", ".asdf", "ASDF_GOLANG_VERSION", ".tool-versions"),
    ],
)
def test_shims_first_in_path_step_aside(desk: Desk, name: str, root: str, variable: str, file: str) -> None:
    """Put there by a start-up file after all that an editor sets; the manager's own files are as they were."""
    shims = desk.home / root / "shims"
    shims.mkdir(parents=True)
    (shims / "go").write_text(SHIM.format(variable=variable, root=desk.home / root))
    (shims / "go").chmod(0o755)
    versions_of = desk.home / root / "versions"
    versions_of.mkdir()
    (versions_of / desk.newer).symlink_to(desk.home / f"sdk/go{desk.newer}")
    (desk.folder / ".go-version").write_text(f"{desk.newer}\n")
    (desk.folder / ".tool-versions").write_text(f"golang {desk.newer}\n")
    (desk.folder / "mise.toml").write_text(f'[tools]\ngo = "{desk.newer}"\n')
    (desk.home / ".bashrc").write_text(f'export PATH="{shims}:$PATH"\n')
    shimmed = {"PATH": f"{shims}:{desk.env['PATH']}"}
    document = desk.use(OLD, **shimmed)
    seen = document["workspace"]["managers"]
    named = [note for note in document["notes"] if note.startswith(f"{desk.folder}/{file}:")]
    assert ({DWARF4}, {OLD}, [(name, True)], 1) == (
        set(desk.found().values()),
        set(versions(document).values()),
        [(one["name"], one["first"]) for one in seen if one["name"] != "golang.org/dl"],
        len(named),
    )


def test_wrappers_of_golang_org_dl_are_seen(desk: Desk) -> None:
    """They are no shims: what go means is not theirs."""
    seen = desk.use(OLD)["workspace"]["managers"]
    assert [("golang.org/dl", str(desk.home / "sdk"), False)] == [
        (one["name"], one["root"], one["first"]) for one in seen
    ]


def test_an_exported_goroot_does_not_count(desk: Desk) -> None:
    """It would break every build by another go."""
    told = versions(desk.use(OLD, GOROOT=f"{desk.home}/sdk/go{desk.newer}"))
    assert {OLD} == set(told.values())


@pytest.mark.parametrize("line", ["export PATH=$SDK/bin:$PATH", "export GOROOT=$SDK"])
def test_a_start_up_file_with_the_last_word_is_named(desk: Desk, line: str) -> None:
    """And the line that we recommend helps."""
    (desk.home / ".bashrc").write_text(f"SDK={desk.home}/sdk/go{desk.newer}\n{line}\n")
    before = desk.use(OLD)
    note = next(note for note in before["notes"] if "terminal finds" in note)
    with (desk.home / ".bashrc").open("a") as file:
        file.write(note.partition("workspace has: ")[2] + "\n")
    after = desk.use(OLD)
    assert ([("terminal", False)], []) == (dissent(before), dissent(after))


def dissent(document: Any) -> list[tuple[str, bool]]:
    """Which ways do not agree."""
    return [(one["by"], one["agrees"]) for one in document["workspace"]["agreement"] if not one["agrees"]]


@pytest.mark.parametrize(("version", "exit_code"), [("1.23.4", 6), ("1.99.1", 5), ("1.26", 2), ("latest", 2)])
def test_what_cannot_be_used_is_refused(desk: Desk, version: str, exit_code: int) -> None:
    """Too old for go.mod, not here, no release; the settings are as they were."""
    text = written(desk)
    done = desk.run("sdk.use", version)
    assert (exit_code, text) == (done.returncode, desk.file.read_text()), done.stderr


def test_fetching_is_planned_without_a_network(desk: Desk) -> None:
    """What would be fetched is said, and what the settings would be then."""
    text = written(desk)
    document = desk.use("1.25.99", "--fetch", "--dry", GOPROXY="off")["workspace"], desk.file.read_text()
    (there, after), go = document, f"{desk.env['XDG_DATA_HOME']}/remotego/sdk/1.25.99/bin/go"
    assert ("planned", go, True, text) == (there["status"], there["go"], any(go in row for row in there["diff"]), after)


def test_none_for_a_host_says_what_to_run(desk: Desk) -> None:
    """Instead of doing something else; nothing is touched."""
    desk.use(OLD)
    before = desk.file.read_text()
    done = desk.run("sdk.use", "none", "--host", "app1")
    assert (2, before, True) == (
        done.returncode,
        desk.file.read_text(),
        "`remotego undo --host app1`" in done.stdout + done.stderr,
    )


def test_a_tree_that_lies_about_its_version_is_refused(desk: Desk) -> None:
    """go itself has the last word."""
    liar = desk.home / "sdk/go1.25.1"
    (liar / "bin").mkdir(parents=True)
    (liar / "VERSION").write_text("go1.25.1\n")
    (liar / "bin/go").write_text("#!/bin/sh\necho go version go1.25.1x linux/amd64\n")
    (liar / "bin/go").chmod(0o755)
    assert 6 == desk.run("sdk.use", "1.25.1").returncode


def test_a_task_that_sets_its_own_is_named(desk: Desk) -> None:
    """With its line."""
    written(desk)
    (desk.folder / ".vscode/tasks.json").write_text('{"tasks": [\n  {"options": {"env": {"GOROOT": "/old"}}}\n]}\n')
    assert True is any("/.vscode/tasks.json:2: GOROOT=" in note for note in desk.use(OLD)["notes"])


def test_another_go_in_remotego_toml_is_named(desk: Desk) -> None:
    """The next gen-settings would put it back."""
    (desk.folder / "remotego.toml").write_text('[tools]\ngo = "/mine/go"\n')
    assert True is any("[tools] go is /mine/go" in note for note in desk.use(OLD)["notes"])


def test_an_sdk_of_our_own_is_found(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that a supply has verified, unpacked for this machine and read-only."""
    monkeypatch.setenv("XDG_DATA_HOME", desk.env["XDG_DATA_HOME"])
    made = small_sdk(DWARF4, tmp_path)
    supplied = Supplied(Sdk(OLD, "linux", made.note.goarch), made.artifact, "", "a test", Proof("pin", "a test"))
    place = place_here(supplied, Silence())
    there = desk.use(OLD)["workspace"]
    assert (f"{place}/bin/go", "remotego's own", {DWARF4}) == (there["go"], there["found"], set(desk.found().values()))
