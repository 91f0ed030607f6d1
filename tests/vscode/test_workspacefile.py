"""Our entries, tasks and settings inside of a *.code-workspace file."""

import pytest

from remotego.adapters.files import schema
from remotego.vscode.jsonc import JsoncError, parse_jsonc
from remotego.vscode.launch import configuration, plan_launch
from remotego.vscode.settings import plan_settings
from remotego.vscode.tasks import debug_label, debug_task, plan_tasks
from remotego.vscode.validity import SchemaError
from remotego.vscode.workspacefile import place_of

FILE = "svc.code-workspace"
NAME = "Attach svc@app1"
ENTRY = configuration(NAME, 23450, (), workspace="/home/ann/svc")
TASK = debug_task(NAME, ("remotego",), ("--local-port", "23450"))
MINE = """{
\t// mine
\t"folders": [{"path": "."}],
\t"launch": {
\t\t"version": "0.2.0",
\t\t"configurations": [
\t\t\t{"name": "other", "type": "node"}, // theirs
\t\t],
\t\t"compounds": []
\t},
\t"settings": {"go.toolsEnvVars": {"GODEBUG": "x"}}
}
"""


def written(text: str | None) -> str:
    """Write an entry, its task and a setting."""
    text = plan_launch(text, ENTRY, schema("launch"), file=FILE)
    text = plan_tasks(text, [TASK], schema("tasks"), file=FILE)
    return plan_settings(text, {"go.toolsEnvVars": {"GOPROXY": "off"}}, schema("settings"), file=FILE)


def test_each_document_is_below_its_name() -> None:
    """Nothing of ours is at the root of a workspace file."""
    value = parse_jsonc(written(MINE), file=FILE).root.value
    expected = {
        "folders": [{"path": "."}],
        "launch": {
            "version": "0.2.0",
            "configurations": [{"name": "other", "type": "node"}, ENTRY],
            "compounds": [],
        },
        "settings": {"go.toolsEnvVars": {"GODEBUG": "x", "GOPROXY": "off"}},
        "tasks": {"version": "2.0.0", "tasks": [TASK]},
    }
    assert expected == value


def test_a_new_workspace_file_gets_versions() -> None:
    """launch and tasks have a version each, as in their own files."""
    value = parse_jsonc(written(None), file=FILE).root.value
    assert ("0.2.0", "2.0.0", [debug_label(NAME)]) == (
        value["launch"]["version"],
        value["tasks"]["version"],
        [task["label"] for task in value["tasks"]["tasks"]],
    )


def test_members_without_a_version_get_one() -> None:
    """As files of their own do."""
    value = parse_jsonc(written('{"folders": [], "launch": {}, "tasks": {"tasks": []}}'), file=FILE).root.value
    assert ("0.2.0", "2.0.0") == (value["launch"]["version"], value["tasks"]["version"])


def test_what_the_user_wrote_stays() -> None:
    """Up to the first place of ours, and between the places, every byte is what it was."""
    start = MINE[: MINE.index("\t\t],")]
    end = MINE[MINE.index('\t\t"compounds"') : MINE.index('{"GODEBUG": "x"') + len('{"GODEBUG": "x"')]
    assert (True, True) == (written(MINE).startswith(start), end in written(MINE))


def test_a_second_run_changes_nothing() -> None:
    """The same bytes."""
    once = written(MINE)
    assert once == written(once)


def test_a_fault_is_named_by_its_place_in_the_whole_file() -> None:
    """The line is that of the workspace file, and the path begins at its root."""
    text = '{\n  "folders": [],\n  "launch": {"version": 2, "configurations": []}\n}'
    with pytest.raises(SchemaError) as caught:
        plan_launch(text, ENTRY, schema("launch"), file=FILE)
    assert (FILE, 3, "launch.version") == (caught.value.file, caught.value.line, caught.value.place)


def test_a_name_given_twice_on_the_way_is_named() -> None:
    """Which of the two VS Code takes is not for us to guess."""
    with pytest.raises(JsoncError) as caught:
        plan_settings('{"settings": {}, "settings": {}}', {"a": 1}, schema("settings"), file=FILE)
    assert 'the member "settings" stands here a second time' == caught.value.reason


@pytest.mark.parametrize(
    ("file", "expected"), [("a.code-workspace", ("tasks",)), (".vscode/tasks.json", ()), ("/w/.vscode/x.json", ())]
)
def test_the_name_of_the_file_tells_where_a_document_begins(file: str, expected: tuple[str, ...]) -> None:
    """Only a workspace file holds more than one."""
    assert expected == place_of("tasks", file=file)
