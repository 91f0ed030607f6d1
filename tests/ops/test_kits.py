"""Kits of files in a workspace, with what a user has there already."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from remotego.core.settings import Layer, Settings, compose
from remotego.delve.substitution import Rule
from remotego.ops.drafts import write
from remotego.ops.kits import Entry, Kit, plan_dlv, plan_neovim, plan_vscode, plan_zed, ports
from remotego.vscode.ports import SharedPortError, preferred
from remotego.vscode.tasks import debug_label, release_label

NAME = "Attach svc@app1"
ENTRY = Entry("app1", NAME, 23512, (Rule("/w", "/b"),), (), ("--host", "app1", "--process", "svc"), ("--host", "app1"))
KIT = Kit(("/opt/remotego",), (ENTRY,), tasks=True)


def put(root: Path, name: str, content: Any) -> None:
    """Write a file of the user's."""
    file = root / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content))


def launched(root: Path) -> dict[str, Any]:
    """The first entry of launch.json."""
    return dict(json.loads((root / ".vscode" / "launch.json").read_text())["configurations"][0])


def given(**flags: Any) -> Settings:
    """Settings of the command line."""
    return compose([Layer("flag", flags, {name: f"--{name.replace('_', '-')}" for name in flags})])


def test_an_entry_names_tasks_that_are_there(tmp_path: Path) -> None:
    """launch.json is written last, so that no F5 finds less than it names."""
    drafts = plan_vscode(KIT, tmp_path)
    write(drafts)
    tasks = json.loads((tmp_path / ".vscode" / "tasks.json").read_text())["tasks"]
    named = [launched(tmp_path)[key] for key in ("preLaunchTask", "postDebugTask")]
    assert (["tasks.json", "launch.json"], named) == (
        [draft.original.path.name for draft in drafts],
        [task["label"] for task in tasks],
    )


@pytest.mark.parametrize("plan", [plan_vscode, plan_zed, plan_neovim])
def test_a_second_run_has_nothing_to_write(tmp_path: Path, plan: Any) -> None:
    """For each editor."""
    write(plan(KIT, tmp_path))
    assert {False} == {draft.changed for draft in plan(KIT, tmp_path)}


def test_a_task_of_the_users_own_stays_in_our_entry(tmp_path: Path) -> None:
    """What a user runs before is theirs; what they do not say is ours."""
    write(plan_vscode(Kit((), (ENTRY,), tasks=False), tmp_path))
    put(
        tmp_path,
        ".vscode/launch.json",
        {"version": "0.2.0", "configurations": [launched(tmp_path) | {"preLaunchTask": "build"}]},
    )
    write(plan_vscode(KIT, tmp_path))
    entry = launched(tmp_path)
    assert ("build", release_label(NAME)) == (entry["preLaunchTask"], entry["postDebugTask"])


def test_without_tasks_there_are_none(tmp_path: Path) -> None:
    """Those of an earlier run go from the entry, and no file of tasks is touched."""
    write(plan_vscode(KIT, tmp_path))
    drafts = plan_vscode(Kit((), (ENTRY,), tasks=False), tmp_path)
    write(drafts)
    assert (1, False) == (len(drafts), debug_label(NAME) in json.dumps(launched(tmp_path)))


def test_a_dlv_of_the_users_own_stays(tmp_path: Path) -> None:
    """Whoever names one knows better."""
    put(tmp_path, ".vscode/settings.json", {"go.alternateTools": {"dlv": "/mine"}})
    assert () == plan_dlv("/ours", tmp_path)


def test_our_dlv_is_named_beside_other_tools(tmp_path: Path) -> None:
    """What else is named stays."""
    put(tmp_path, ".vscode/settings.json", {"go.alternateTools": {"go": "/mine"}})
    write(plan_dlv("/ours", tmp_path))
    found = json.loads((tmp_path / ".vscode" / "settings.json").read_text())
    assert {"go.alternateTools": {"go": "/mine", "dlv": "/ours"}} == found


def fresh_name(folder: Path) -> str:
    """A name whose port no other run of these tests has."""
    return f"Attach {folder}@app1"


def test_a_new_name_gets_its_own_port(tmp_path: Path) -> None:
    """Nothing else decides it."""
    name = fresh_name(tmp_path)
    assert {name: preferred(name)} == ports({name: Settings()}, tmp_path)


def test_an_entry_keeps_its_port_though_it_is_in_use(tmp_path: Path) -> None:
    """It is our own session that uses it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        put(tmp_path, ".vscode/launch.json", {"configurations": [{"name": NAME, "port": port}]})
        found = ports({NAME: Settings()}, tmp_path)
    assert {NAME: port} == found


def test_a_port_of_another_entry_is_passed_over(tmp_path: Path) -> None:
    """Two sessions may be wanted at once."""
    name = fresh_name(tmp_path)
    put(tmp_path, ".vscode/launch.json", {"configurations": [{"name": "other", "port": preferred(name)}]})
    assert preferred(name) != ports({name: Settings()}, tmp_path)[name]


def test_a_port_in_use_is_passed_over(tmp_path: Path) -> None:
    """By whatever program."""
    name = fresh_name(tmp_path)
    with socket.create_server(("127.0.0.1", preferred(name))):
        found = ports({name: Settings()}, tmp_path)
    assert preferred(name) != found[name]


def test_a_port_that_is_given_is_taken(tmp_path: Path) -> None:
    """For the first of several; the others get the next."""
    own = given(local_port=23600)
    assert {"a": 23600, "b": 23601} == ports({"a": own, "b": own}, tmp_path)


def preset(port: int) -> Settings:
    """Settings of a remotego.toml."""
    return compose([Layer("toml", {"local_port": port}, {"local_port": "/w/remotego.toml:2"})])


def test_a_port_of_the_settings_is_the_first_choice(tmp_path: Path) -> None:
    """Whoever comes first has it."""
    assert {NAME: 23610} == ports({NAME: preset(23610)}, tmp_path)


def test_a_port_of_the_settings_is_passed_over_where_another_entry_has_it(tmp_path: Path) -> None:
    """Or the F5 of the one would meet the session of the other."""
    put(tmp_path, ".vscode/launch.json", {"configurations": [{"name": "other", "port": 23610}]})
    with socket.create_server(("127.0.0.1", 23611)):
        found = ports({NAME: preset(23610)}, tmp_path)
    assert {NAME: 23612} == found


def test_an_entry_that_was_moved_on_stays_there(tmp_path: Path) -> None:
    """A second run changes nothing, though its own session uses the port."""
    known = [{"name": "other", "port": 23610}, {"name": NAME, "port": 23611}]
    put(tmp_path, ".vscode/launch.json", {"configurations": known})
    with socket.create_server(("127.0.0.1", 23611)):
        found = ports({NAME: preset(23610)}, tmp_path)
    assert {NAME: 23611} == found


def test_a_flag_for_another_entrys_port_is_refused(tmp_path: Path) -> None:
    """The error names that entry; nobody is moved against a flag."""
    put(tmp_path, ".vscode/launch.json", {"configurations": [{"name": "other", "port": 23610}]})
    with pytest.raises(SharedPortError, match='23610 is that of the entry "other"'):
        ports({NAME: given(local_port=23610)}, tmp_path)


def test_a_flag_may_name_the_entrys_own_port(tmp_path: Path) -> None:
    """The same command a second time."""
    put(tmp_path, ".vscode/launch.json", {"configurations": [{"name": NAME, "port": 23610}]})
    assert {NAME: 23610} == ports({NAME: given(local_port=23610)}, tmp_path)
