"""gen-settings as its user meets it."""

import json
import sys
from pathlib import Path

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from tests.cli.test_verbs import command

TOML = """
[profile.intranet]
goproxy = ["https://proxy.corp.example"]
private = ["*.corp.example"]
[tools]
go = "sdk/bin/go"
"""


def workspace(tmp_path: Path) -> Path:
    """Make a workspace with a remotego.toml."""
    (tmp_path / "remotego.toml").write_text(TOML)
    return tmp_path


def test_settings_are_written_once(tmp_path: Path) -> None:
    """The document is what its schema says, and a second run has nothing to do."""
    folder = workspace(tmp_path)
    done = [json.loads(command("gen-settings", "--profile", "intranet", "--json", cwd=folder).stdout) for _ in range(2)]
    for document in done:
        validate(document, schema("gen-settings"))
    assert ["written", "nothing to do"] == [document["status"] for document in done]


def test_dry_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    """The lines that would be added are there to read."""
    folder = workspace(tmp_path)
    shown = command("--dry", "gen-settings", "--profile", "intranet", cwd=folder).stdout
    expected = ('+        "GOPROXY": "https://proxy.corp.example,off",' in shown, (folder / ".vscode").exists())
    assert (True, False) == expected


def gen_settings(folder: Path, *flags: str) -> str:
    """What people are told about the settings of the profile intranet."""
    return command("gen-settings", "--profile", "intranet", *flags, cwd=folder).stdout


def test_a_tool_that_is_not_there_is_noted(tmp_path: Path) -> None:
    """An editor would only say so much later; one that is no program is none either."""
    folder = workspace(tmp_path)
    (folder / "notes.txt").write_text("")
    with (folder / "remotego.toml").open("a") as file:
        file.write(f'dlv = "notes.txt"\npython = "{sys.executable}"\n')
    notes = [line for line in gen_settings(folder).splitlines() if line.startswith("note: [tools]")]
    assert [
        f"note: [tools] dlv: {folder}/notes.txt is no program",
        f"note: [tools] go: {folder}/sdk/bin/go does not exist",
    ] == notes


def test_all_settings_are_listed(tmp_path: Path) -> None:
    """Those of tools, gopls and terminals too."""
    folder = workspace(tmp_path)
    with (folder / "remotego.toml").open("a") as file:
        file.write('[gopls]\nbuild_flags = ["-tags=e2e"]\nanalyses = {shadow = true}\n')
        file.write('[terminal.linux]\nPAGER = "less"\n')
    rows = [line.partition("  written  ")[2] for line in gen_settings(folder).splitlines()]
    assert [
        "GOPROXY=https://proxy.corp.example,off",
        "GOTOOLCHAIN=local",
        f"go.alternateTools: go={folder}/sdk/bin/go",
        'gopls: build.buildFlags=["-tags=e2e"]',
        "gopls: ui.diagnostic.analyses: shadow=true",
        "terminal.integrated.env.linux: PAGER=less",
    ] == [row for row in rows if row and not row.startswith(("GOPRIVATE", "GONO", "GOSUMDB"))]


def replacing(folder: Path, value: str) -> Path:
    """Give a workspace whose settings have a GOPROXY written by hand."""
    (folder / ".vscode").mkdir()
    variables = json.dumps({"GOPROXY": value, "GOFLAGS": "-v", "GOPRIVATE": ""})
    (folder / ".vscode/settings.json").write_text(
        f'{{"go.toolsEnvVars": {variables}, "terminal.integrated.env.osx": {variables}}}'
    )
    return workspace(folder)


def test_what_is_replaced_is_noted(tmp_path: Path) -> None:
    """Where it stood and what it was; a second run replaces nothing."""
    folder = replacing(tmp_path, "https://old.example")
    told = [[line for line in gen_settings(folder).splitlines() if " takes the place of " in line] for _ in range(2)]
    place = "go.toolsEnvVars, terminal.integrated.env.osx"
    assert [[f'note: GOPROXY takes the place of "https://old.example" in {place}'], []] == told


def test_a_replaced_password_is_not_repeated(tmp_path: Path) -> None:
    """Neither to people nor in what names the replacement to machines."""
    folder = replacing(tmp_path, "https://ann:ge/heim@old.example")
    document = json.loads(gen_settings(folder, "--json"))
    validate(document, schema("gen-settings"))
    told = [line for line in document["notes"] if line.startswith("GOPROXY takes the place of ")]
    places = ("go.toolsEnvVars", "terminal.integrated.env.osx")
    assert (
        [f"GOPROXY takes the place of a URL with a user, a password or a query in {', '.join(places)}"],
        [{"setting": [place, "GOPROXY"], "before": None} for place in places],
    ) == (told, document["replaced"])


def test_a_workspace_file_gets_its_settings_below_their_name(tmp_path: Path) -> None:
    """What stood in it stays, and no folder gets a file."""
    folder, file = workspace(tmp_path), tmp_path / "svc.code-workspace"
    file.write_text('{\n  "folders": [{"path": "."}], // mine\n}\n')
    command("gen-settings", "--profile", "intranet", "--workspace", file.name, cwd=folder)
    start = '{\n  "folders": [{"path": "."}], // mine\n  "settings": {\n    "go.toolsEnvVars": {\n'
    assert (start, False) == (file.read_text()[: len(start)], (folder / ".vscode").exists())


def test_a_workspace_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """One without folders opens nothing."""
    done = command("gen-settings", "--profile", "intranet", "--workspace", "no.code-workspace", cwd=workspace(tmp_path))
    assert (2, ["remotego.toml"]) == (done.returncode, [one.name for one in tmp_path.iterdir()])


def test_a_password_in_the_file_is_refused(tmp_path: Path) -> None:
    """Nothing is written, and the secret is not repeated."""
    folder = workspace(tmp_path)
    (folder / "remotego.toml").write_text(TOML.replace("https://", "https://ann:geheim@"))
    done = command("gen-settings", "--profile", "intranet", cwd=folder)
    told = done.stdout + done.stderr
    assert (2, True, False, False) == (
        done.returncode,
        ".netrc" in told,
        "geheim" in told,
        (folder / ".vscode").exists(),
    )


def test_inert_recipes_are_explained(tmp_path: Path) -> None:
    """With the place, by a verb of its own; and beside what gen-settings does."""
    folder = workspace(tmp_path)
    (folder / ".vscode").mkdir()
    (folder / ".vscode/settings.json").write_text('{\n    "go.goroot": "/opt/go"\n}\n')
    document = json.loads(command("explain-vscode", "--json", cwd=folder).stdout)
    validate(document, schema("explain-vscode"))
    shown = command("gen-settings", "--profile", "intranet", cwd=folder).stdout
    assert ([("go-goroot", 2, 5)], True) == (
        [(one["rule"], one["line"], one["column"]) for one in document["findings"]],
        '.vscode/settings.json:2:5: "go.goroot" does nothing here' in shown,
    )


def test_a_broken_file_is_explained_beside_the_others(tmp_path: Path) -> None:
    """The document is what its schema says, and the exit code that of a wrong file."""
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode/launch.json").write_text("{")
    (tmp_path / ".vscode/settings.json").write_text('{"go.goroot": "/opt/go"}')
    done = command("explain-vscode", "--json", cwd=tmp_path)
    document = json.loads(done.stdout)
    validate(document, schema("explain-vscode"))
    rules = [one["rule"] for one in document["findings"]]
    assert (2, False, ["unread-file", "go-goroot"]) == (done.returncode, document["ok"], rules)


def test_nothing_inert_is_said(tmp_path: Path) -> None:
    """Silence would look like a failure."""
    assert "nothing inert was found\n" == command("explain-vscode", cwd=tmp_path).stdout


def test_config_shows_tables_too(tmp_path: Path) -> None:
    """With the line that each value is from."""
    folder = workspace(tmp_path)
    document = json.loads(command("config", "--json", cwd=folder).stdout)
    validate(document, schema("config"))
    expected = {"name": "profile.intranet.private", "value": ["*.corp.example"], "origin": f"{folder}/remotego.toml:4"}
    assert expected in document["settings"]


@pytest.mark.parametrize(("toml", "noted"), [("", True), (TOML, False)])
def test_a_profile_of_nothing_but_defaults_is_noted(tmp_path: Path, toml: str, noted: bool) -> None:
    """What would be set on a host then has nothing of the company's in it."""
    (tmp_path / "remotego.toml").write_text(toml)
    said = command("set-env", "--host", "me@127.0.0.1:9", "--profile", "intranet", cwd=tmp_path).stdout
    assert noted is ("no [profile.intranet] was found in remotego.toml: its defaults are meant (GOPROXY=off)" in said)
