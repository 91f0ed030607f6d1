"""mod.doctor and mod.graph as their user meets them, in a process of their own."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from remotego.adapters.files import UnwritableFileError, schema
from remotego.adapters.toolchain import bundled_go
from remotego.core.progress import Silence
from remotego.ops.modules.fixing import ChangedSinceFixError, fix_modules, undo_fix
from remotego.vscode.findings import PATTERN
from tests.modgraph.cases import A, B, lowered, publish, retracted
from tests.modgraph.lab import MAIN, Lab, diagnose, files, settings_of
from tests.modgraph.proxy import gomod

LIMIT_S = 240


def run(modlab: Lab, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a verb in a workspace."""
    return subprocess.run(
        [sys.executable, "-m", "remotego", *words, "--go", str(bundled_go())],
        cwd=folder,
        env=modlab.env | {"XDG_CONFIG_HOME": str(modlab.room / "no-config")},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def read(modlab: Lab, folder: Path, verb: str, *words: str) -> Any:
    """Run it with --json; what it prints is as its schema says."""
    document = json.loads(run(modlab, folder, verb, *words, "--json").stdout)
    name = verb.replace(".", "-")
    assert [] == [error.message for error in Draft202012Validator(schema(name)).iter_errors(document)]
    return document


def test_what_fails_is_the_exit_code(modlab: Lab) -> None:
    """6: it does not build. The edit is shown with its difference."""
    publish(modlab)
    done = run(modlab, lowered(modlab), "mod.doctor")
    assert (6, True) == (done.returncode, f"+require {A} v1.1.0" in done.stdout)


def test_a_warning_is_no_failure(modlab: Lab) -> None:
    """A retracted version builds."""
    publish(modlab)
    done = run(modlab, retracted(modlab), "mod.doctor", "--no-edits")
    assert (0, True) == (done.returncode, done.stdout.startswith("warning  retracted"))


def test_a_fix_is_shown_made_and_taken_back(modlab: Lab) -> None:
    """--dry writes nothing; --fix what it showed; a second run finds nothing; --undo brings back every byte."""
    publish(modlab)
    folder = lowered(modlab)
    before = files(folder)
    planned = read(modlab, folder, "mod.doctor", "--fix", "--dry")
    assert before == files(folder)
    made = read(modlab, folder, "mod.doctor", "--fix")
    assert (planned["fix"]["diff"], "written", True) == (made["fix"]["diff"], made["fix"]["status"], made["ok"])
    again = read(modlab, folder, "mod.doctor", "--fix")
    assert ("nothing to do", []) == (again["fix"]["status"], again["findings"])
    undone = read(modlab, folder, "mod.doctor", "--undo")
    assert ("undone", before) == (undone["fix"]["status"], files(folder))
    assert "nothing to do" == read(modlab, folder, "mod.doctor", "--undo")["fix"]["status"]


def two_files_to_mend(modlab: Lab) -> Path:
    """A workspace whose fix writes go.mod, and go.sum after it."""
    publish(modlab)
    folder = lowered(modlab)
    (folder / "go.sum").write_text(f"{(folder / 'go.sum').read_text()}torn\n")
    return folder


def fix(folder: Path) -> tuple[str, ...]:
    """Fix it."""
    return fix_modules(diagnose(folder), settings_of(folder), Silence(), dry=False).files


def test_an_undo_leaves_what_was_written_since(modlab: Lab) -> None:
    """It is refused, and nothing is changed."""
    publish(modlab)
    folder = lowered(modlab)
    run(modlab, folder, "mod.doctor", "--fix")
    (folder / "go.mod").open("a").write("\n// mine\n")
    before = files(folder)
    done = run(modlab, folder, "mod.doctor", "--undo")
    assert (4, before) == (done.returncode, files(folder))


def test_a_fix_without_go_work_is_taken_back_beside_one(modlab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """GOWORK=off makes the module the workspace; an undo need not be told so again."""
    folder = two_files_to_mend(modlab)
    (modlab.room / "go.work").write_text("go 1.21\n\nuse ./w\n")
    before = files(folder)
    modlab.set(monkeypatch, {"GOWORK": "off"})
    fix(folder)
    modlab.set(monkeypatch, {"GOWORK": ""})
    assert ("undone", before) == (read(modlab, folder, "mod.doctor", "--undo")["fix"]["status"], files(folder))


@pytest.mark.parametrize("dry", [True, False])
def test_an_undo_is_refused_whole(modlab: Lab, dry: bool) -> None:
    """One of the files was written since; the one before it is not put back either."""
    folder = two_files_to_mend(modlab)
    _, second = fix(folder)
    Path(second).write_bytes(Path(second).read_bytes() + b"\n")
    before = files(folder)
    with pytest.raises(ChangedSinceFixError) as refused:
        undo_fix(folder, dry=dry)
    assert (second, before) == (refused.value.path, files(folder))


def test_an_undo_that_was_cut_short_is_finished(modlab: Lab) -> None:
    """What is back already counts as such; after that there is nothing to do."""
    folder = two_files_to_mend(modlab)
    before = files(folder)
    first, second = fix(folder)
    Path(first).write_bytes(before[Path(first).name])
    assert ((second,), before, ()) == (undo_fix(folder, dry=False), files(folder), undo_fix(folder, dry=False))


def test_a_fix_is_written_whole_or_not_at_all(modlab: Lab) -> None:
    """The second file may not be written: the first one stays as it was, and there is nothing to take back."""
    folder = two_files_to_mend(modlab)
    (folder / "go.sum").chmod(0o444)
    before = files(folder)
    with pytest.raises(UnwritableFileError):
        fix(folder)
    assert (before, ()) == (files(folder), undo_fix(folder, dry=False))


def test_findings_are_problems_of_the_editor(modlab: Lab) -> None:
    """A line for each, with the absolute file, line and column; the rest is not read for one."""
    publish(modlab)
    folder = lowered(modlab)
    lines = run(modlab, folder, "mod.doctor", "--problems").stdout.splitlines()
    (found,) = [match for line in lines if (match := re.search(PATTERN, line))]
    assert ("error", str(folder / "go.mod"), "5", "9") == found.groups()[:4]
    assert ("forced-upgrade", 2) == (found[6], len(lines))


def test_the_task_is_written_once(modlab: Lab) -> None:
    """Beside the tasks that are there, whose comments stay."""
    folder = modlab.workspace("w", gomod(MAIN))
    (folder / ".vscode").mkdir()
    file = folder / ".vscode" / "tasks.json"
    file.write_text(
        '{\n  // mine\n  "version": "2.0.0",\n  "tasks": [{"label": "build", "type": "shell", "command": "make"}]\n}\n'
    )
    first = read(modlab, folder, "mod.doctor", "--vscode")
    second = read(modlab, folder, "mod.doctor", "--vscode")
    assert ("written", "nothing to do") == (first["fix"]["status"], second["fix"]["status"])
    text = file.read_text()
    assert (True, True, True) == ("// mine" in text, '"build"' in text, '"remotego: modules"' in text)


def test_the_log_is_sarif(modlab: Lab) -> None:
    """One result for the one finding."""
    publish(modlab)
    folder = lowered(modlab)
    run(modlab, folder, "mod.doctor", "--sarif", str(modlab.room / "log.sarif"))
    log = json.loads((modlab.room / "log.sarif").read_text())
    assert ("2.1.0", ["forced-upgrade"]) == (log["version"], [one["ruleId"] for one in log["runs"][0]["results"]])


def test_after_a_fix_only_what_is_left_is_told(modlab: Lab) -> None:
    """In the document and in the log; what is gone has a place of its own."""
    publish(modlab)
    folder, log = lowered(modlab), modlab.room / "log.sarif"
    document = read(modlab, folder, "mod.doctor", "--fix", "--sarif", str(log))
    assert (0, [], ["forced-upgrade"]) == (
        document["counts"]["failure"],
        document["findings"],
        [one["kind"] for one in document["cured"]],
    )
    assert [] == json.loads(log.read_text())["runs"][0]["results"]


@pytest.mark.parametrize(
    ("verb", "flag"), [("mod.doctor", "--sarif"), ("mod.graph", "--html")], ids=["mod.doctor", "mod.graph"]
)
@pytest.mark.parametrize("name", ["go.mod", "go.sum", "notes.txt", "no/such/file"])
def test_nothing_is_written_over_what_is_not_ours(modlab: Lab, verb: str, flag: str, name: str) -> None:
    """Nor are directories made; a fix is not begun."""
    publish(modlab)
    folder = lowered(modlab)
    (folder / "notes.txt").write_text("mine\n")
    before = files(folder)
    done = run(modlab, folder, verb, flag, name, *(("--fix",) if verb == "mod.doctor" else ()))
    assert (2, before, False) == (done.returncode, files(folder), (folder / "no").exists())


def test_a_log_is_written_over_one_of_its_own(modlab: Lab) -> None:
    """And over an empty file, such as mktemp makes."""
    folder, log = modlab.workspace("w", gomod(MAIN)), modlab.room / "log.sarif"
    log.touch()
    codes = [run(modlab, folder, "mod.doctor", "--sarif", str(log)).returncode for _ in range(2)]
    assert ([0, 0], []) == (codes, json.loads(log.read_text())["runs"][0]["results"])


@pytest.mark.parametrize("words", [("--undo", "--sarif", "x.sarif"), ("--vscode", "--problems")])
def test_flags_that_would_do_nothing_are_refused(modlab: Lab, words: tuple[str, ...]) -> None:
    """Nobody then waits for a log that is never written."""
    assert 2 == run(modlab, modlab.workspace("w", gomod(MAIN)), "mod.doctor", *words).returncode


def test_a_task_that_would_be_written_is_shown_by_its_name_in_the_workspace(modlab: Lab) -> None:
    """As every other difference."""
    document = read(modlab, modlab.workspace("w", gomod(MAIN)), "mod.doctor", "--vscode", "--dry")
    assert ["--- a/.vscode/tasks.json", "+++ b/.vscode/tasks.json"] == document["fix"]["diff"][:2]


def test_the_graph_in_every_form(modlab: Lab) -> None:
    """JSON as its schema says, a page that is the same for the same graph, and the chains of one module."""
    publish(modlab)
    folder = modlab.workspace("w", gomod(MAIN, f"require {A} v1.2.0", f"require {B} v1.0.0"), A, B)
    before = files(folder)
    page = modlab.room / "graph.html"
    document = read(modlab, folder, "mod.graph", "--html", str(page))
    assert {MAIN: None, A: "v1.2.0", B: "v1.0.0"} == {one["module"]: one["version"] for one in document["modules"]}
    assert page.read_text().startswith("<!doctype html>")
    written = page.read_bytes()
    page.unlink()
    why = read(modlab, folder, "mod.graph", "--why", A, "--html", str(page))["why"]
    assert written == page.read_bytes()
    assert [[MAIN, f"{A}@v1.2.0"], [MAIN, f"{B}@v1.0.0", f"{A}@v1.1.0"]] == why
    assert before == files(folder)


def test_a_dry_graph_writes_no_page(modlab: Lab) -> None:
    """It says where it would be."""
    folder = modlab.workspace("w", gomod(MAIN))
    done = run(modlab, folder, "mod.graph", "--html", str(modlab.room / "graph.html"), "--dry")
    assert (0, False, True) == (done.returncode, (modlab.room / "graph.html").exists(), "planned" in done.stdout)


def test_the_same_page_is_not_written_again(modlab: Lab) -> None:
    """And a page for Graphviz beside it stays one for Graphviz."""
    folder, page = modlab.workspace("w", gomod(MAIN)), modlab.room / "graph.html"
    first = run(modlab, folder, "mod.graph", "--html", str(page)).stdout.splitlines()
    second = run(modlab, folder, "mod.graph", "--dot", "--html", str(page)).stdout.splitlines()
    assert (f"the page is {page}", f"// nothing to do: {page} is this page already") == (first[-1], second[-1])


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--why", "example.com/zz"), 5), (("--html", "/dev/null/x.html"), 2), (("--why", MAIN, "--dot"), 2)],
)
def test_what_cannot_be_done_is_an_error(modlab: Lab, words: tuple[str, ...], code: int) -> None:
    """A module that is not there, a place that is no folder."""
    folder = modlab.workspace("w", gomod(MAIN))
    assert code == run(modlab, folder, "mod.graph", *words).returncode
