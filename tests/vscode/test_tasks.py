"""Planning tasks.json, and what stands in it for launch.json."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remotego.adapters.files import schema
from remotego.vscode.compound import compound, group_task, plan_compound
from remotego.vscode.entries import ForeignEntryError
from remotego.vscode.inputs import pick, plan_inputs
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.launch import configuration, own_tasks, plan_launch
from remotego.vscode.tasks import FILE, debug_label, debug_task, plan_tasks, release_label, release_task
from remotego.vscode.validity import SchemaError
from tests.vscode.texts import ENTRIES, VALUES, texts

NAME = "Attach svc@app1"
FLAGS = ("--host", "app1", "--process", "svc", "--local-port", "23512")
TASKS = (
    debug_task(NAME, ("/opt/remotego",), FLAGS),
    release_task(NAME, ("/opt/remotego",), ("--host", "app1", "--local-port", "23512")),
)
SCHEMA, LAUNCH = schema("tasks"), schema("launch")
LABELLED = ENTRIES.map(lambda entry: {"label": f"own {entry['name']}", **entry})
FOREIGN = st.fixed_dictionaries(
    {"version": st.just("2.0.0"), "tasks": st.lists(LABELLED, max_size=3), "a": VALUES},
)


def test_the_background_task_runs_debug_in_the_workspace() -> None:
    """A program and its words, with no shell between."""
    expected = {
        "type": "process",
        "command": "/opt/remotego",
        "args": ["debug", *FLAGS, "--task"],
        "options": {"cwd": "${workspaceFolder}"},
        "isBackground": True,
    }
    assert expected == {key: TASKS[0][key] for key in expected}


def test_a_program_of_several_words_is_one_command_line() -> None:
    """Such as python -m remotego."""
    task = release_task(NAME, ("python", "-m", "remotego"), ("--local-port", "1"))
    assert ("python", ["-m", "remotego", "release", "--local-port", "1"]) == (task["command"], task["args"])


def test_a_new_file_is_whole() -> None:
    """Without a file there is one with a version and our tasks."""
    assert {"version": "2.0.0", "tasks": list(TASKS)} == json.loads(plan_tasks(None, TASKS, SCHEMA))


@pytest.mark.parametrize("text", ["{}", '{"tasks": []}'])
def test_a_file_without_a_version_gets_one(text: str) -> None:
    """An editor wants it."""
    assert {"version": "2.0.0", "tasks": list(TASKS)} == json.loads(plan_tasks(text, TASKS, SCHEMA))


def test_a_second_run_changes_nothing() -> None:
    """The same tasks give the same bytes."""
    once = plan_tasks(None, TASKS, SCHEMA)
    assert once == plan_tasks(once, TASKS, SCHEMA)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts(FOREIGN))
def test_foreign_tasks_keep_their_values(drawn: tuple[Any, str]) -> None:
    """Whatever else is in the file is still there, in its order, and ours come last."""
    model, text = drawn
    expected = {**model, "tasks": [*model["tasks"], *TASKS]}
    assert expected == parse_jsonc(plan_tasks(text, TASKS, SCHEMA), file="f").root.value


def test_what_a_user_added_to_our_task_stays() -> None:
    """Comments and attributes beside ours survive a new port."""
    text = plan_tasks(None, TASKS, SCHEMA).replace(
        '"isBackground": true,', '"isBackground": true, // waits\n            "hide": true,'
    )
    changed = [debug_task(NAME, ("/opt/remotego",), [*FLAGS[:-1], "23999"]), TASKS[1]]
    assert text.replace('"23512",\n                "--task"', '"23999",\n                "--task"') == plan_tasks(
        text, changed, SCHEMA
    )


@pytest.mark.parametrize("kind", [{"type": "shell"}, {"type": "process", "args": []}])
def test_a_task_of_that_label_that_is_not_ours_is_left_alone(kind: dict[str, Any]) -> None:
    """Somebody else's task does not become ours."""
    entry = {"label": debug_label(NAME), "command": "x", **kind}
    with pytest.raises(ForeignEntryError):
        plan_tasks(json.dumps({"version": "2.0.0", "tasks": [entry]}), TASKS, SCHEMA)


def test_a_file_of_an_older_version_is_refused() -> None:
    """VS Code would not take our tasks in it."""
    with pytest.raises(SchemaError):
        plan_tasks('{"version": "0.1.0", "tasks": []}', TASKS, SCHEMA)


def test_an_input_offers_what_was_found() -> None:
    """A label where the value alone would say less."""
    found = json.loads(plan_inputs("{}", [pick("remotego-host", "Host", [("a", "a"), ("b (2)", "b")])], file=FILE))
    assert {
        "id": "remotego-host",
        "type": "pickString",
        "description": "Host",
        "options": ["a", {"label": "b (2)", "value": "b"}],
        "default": "a",
    } == found["inputs"][0]


def test_an_input_of_that_id_that_is_not_ours_is_left_alone() -> None:
    """A prompt does not become a choice."""
    text = '{"inputs": [{"id": "remotego-host", "type": "promptString"}]}'
    with pytest.raises(ForeignEntryError):
        plan_inputs(text, [pick("remotego-host", "Host", [("a", "a")])], file=FILE)


def test_a_compound_waits_for_all_its_sessions() -> None:
    """Its task depends on those of its members, side by side."""
    name = "Attach svc@a+b"
    text = plan_compound('{"version": "0.2.0", "configurations": []}', compound(name, "ab", tasks=True), LAUNCH)
    entry = json.loads(text)["compounds"][0]
    assert (True, debug_label(name), [debug_label("a"), debug_label("b")]) == (
        entry["stopAll"],
        entry["preLaunchTask"],
        group_task(name, "ab")["dependsOn"],
    )


def test_the_tasks_of_an_entry_go_when_they_are_not_wanted() -> None:
    """An entry for a session begun by hand has none of ours."""
    labels = (debug_label(NAME), release_label(NAME))
    with_tasks = plan_launch(None, configuration(NAME, 1, (), workspace="/w", tasks=labels), LAUNCH)
    without = configuration(NAME, 1, (), workspace="/w")
    assert plan_launch(None, without, LAUNCH) == plan_launch(with_tasks, without, LAUNCH)


def test_a_task_of_the_users_own_is_told_from_ours() -> None:
    """Only what begins as our labels do is ours to replace."""
    assert {"postDebugTask": "mine"} == own_tasks({"preLaunchTask": "remotego: x", "postDebugTask": "mine"})
