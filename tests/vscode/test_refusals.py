"""Files that cannot be edited safely: every planner names the place and the remedy, and gives no text to write."""

from collections.abc import Callable

import pytest

from remotego.adapters.files import schema
from remotego.vscode.devcontainer import plan_devcontainer
from remotego.vscode.jsonc import DEPTH, JsoncError
from remotego.vscode.launch import configuration, plan_launch
from remotego.vscode.settings import plan_settings
from remotego.vscode.tasks import debug_task, plan_tasks

NAME = "Attach svc@app1"
WORKSPACE = "svc.code-workspace"
Planner = Callable[[str], str]


def launch(text: str, file: str = "launch.json") -> str:
    """Put an entry into launch.json."""
    return plan_launch(text, configuration(NAME, 23450, (), workspace="/w"), schema("launch"), file=file)


def tasks(text: str, file: str = "tasks.json") -> str:
    """Put a task into tasks.json."""
    return plan_tasks(text, [debug_task(NAME, ("remotego",), ("--local-port", "1"))], schema("tasks"), file=file)


def settings(text: str, file: str = "settings.json") -> str:
    """Put a variable into settings.json."""
    return plan_settings(text, {"go.toolsEnvVars": {"GOPROXY": "off"}}, schema("settings"), file=file)


def devcontainer(text: str) -> str:
    """Put a directory into devcontainer.json."""
    return plan_devcontainer(text, ["/opt/go/bin"], {}, schema("devcontainer"), file="devcontainer.json")


def workspace(text: str) -> str:
    """Put all of them into a workspace file."""
    return settings(tasks(launch(text, WORKSPACE), WORKSPACE), WORKSPACE)


PLANNERS = {
    "launch.json": launch,
    "tasks.json": tasks,
    "settings.json": settings,
    "devcontainer.json": devcontainer,
    WORKSPACE: workspace,
}
DUPLICATES = {
    "launch.json": ('{\n "configurations": [],\n "configurations": []\n}', "configurations"),
    "tasks.json": ('{\n "tasks": [],\n "tasks": []\n}', "tasks"),
    "settings.json": ('{\n "go.toolsEnvVars": {},\n "go.toolsEnvVars": {}\n}', "go.toolsEnvVars"),
    "devcontainer.json": ('{\n "remoteEnv": {},\n "remoteEnv": {}\n}', "remoteEnv"),
    WORKSPACE: ('{\n "launch": {},\n "launch": {}\n}', "launch"),
}
REMEDY = "nothing was written; correct that place in an editor and run the command again"


def refusal(file: str, text: str) -> tuple[str, str]:
    """Plan an edit that must be refused; give what is said and the remedy."""
    with pytest.raises(JsoncError) as caught:
        PLANNERS[file](text)
    return str(caught.value), caught.value.remedy


@pytest.mark.parametrize("file", PLANNERS)
def test_a_file_that_cannot_be_parsed_is_named_by_place(file: str) -> None:
    """A comma too few, two lines down."""
    said = f"{file}:3:2: not JSON with comments: Expecting ',' delimiter"
    assert (said, REMEDY) == refusal(file, '{ // mine\n "a": 1\n "b": 2}')


@pytest.mark.parametrize("file", PLANNERS)
def test_a_file_that_is_too_deep_is_named_by_place(file: str) -> None:
    """The bracket that is one too many."""
    text = '{"a":\n' + "[" * DEPTH + "]" * DEPTH + "}"
    assert (f"{file}:2:{DEPTH}: nested deeper than {DEPTH} levels", REMEDY) == refusal(file, text)


@pytest.mark.parametrize("file", PLANNERS)
def test_a_name_that_is_there_twice_is_named_by_its_second_place(file: str) -> None:
    """Which of them counts differs among readers."""
    text, name = DUPLICATES[file]
    assert (f'{file}:3:2: the member "{name}" stands here a second time', REMEDY) == refusal(file, text)


@pytest.mark.parametrize("file", PLANNERS)
def test_a_file_that_is_no_object_is_named(file: str) -> None:
    """A list is no file of settings."""
    assert f"{file}:1:1: an object" == refusal(file, "[]")[0].partition(" with")[0]
