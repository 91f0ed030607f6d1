"""Our schemas, and what we generate, held to what the Go extension, VS Code and containers.dev say they take."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from remotego.adapters.files import schema
from remotego.delve.substitution import Rule
from remotego.golang.profile import profile
from remotego.vscode.compound import compound, group_task
from remotego.vscode.devcontainer import remote_env
from remotego.vscode.environment import settings_of
from remotego.vscode.here import attach_here, core_here, exec_here
from remotego.vscode.inputs import pick
from remotego.vscode.launch import FORBIDDEN, TASKS, configuration
from remotego.vscode.tasks import debug_label, debug_task, release_label, release_task
from tests.schemas.holding import definition, excesses, schema_of
from tests.vscode.tables import EXTRACTS, table, written

GO, CODE, CONTAINER = table("go"), table("vscode"), table("devcontainer")
BEYOND = {"showRawStrings": {"type": ["boolean"]}}
"""Attributes of Delve (1.27.1) that the extension's table lacks and the extension passes on."""

ATTACH = {**GO["attach"], **CODE["configuration"], **BEYOND}
MATCHER = {**CODE["problemMatcher"], "pattern": {**CODE["problemMatcher"]["pattern"], "members": CODE["pattern"]}}
TASK = {**CODE["task"], "problemMatcher": {**CODE["task"]["problemMatcher"], "members": MATCHER}}
SETTINGS = {**GO["settings"], "gopls": {"type": ["object"], "members": GO["gopls"]}, **CODE["settings"]}
LABEL = "Attach svc@app1"
RULES = (Rule("/home/ann/svc", "example.com/svc"), Rule("/go/src", ""))
TASKS_OF = (debug_label(LABEL), release_label(LABEL))
ENTRY = configuration(LABEL, 23450, RULES, workspace="/home/ann/svc", tasks=TASKS_OF)
GOOD = Path(__file__).parent / "good"


def whole(members: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fact of an object that has these members and no others."""
    return {"type": ["object"], "members": members, "closed": True}


def faults(value: Any, rules: Mapping[str, Any]) -> list[str]:
    """List what is wrong with a value."""
    return sorted(f"{fault.json_path}: {fault.message}" for fault in Draft202012Validator(rules).iter_errors(value))


def examples(name: str, member: str) -> list[dict[str, Any]]:
    """Give the entries that are ours in the good examples of a schema."""
    files = [json.loads(path.read_text()) for path in sorted((GOOD / name).glob("*.json"))]
    return [entry for file in files for entry in file.get(member, ()) if is_ours(entry)]


def is_ours(entry: Mapping[str, Any]) -> bool:
    """Tell an entry of ours by its name, or by that of its task."""
    names = [str(entry.get(key, "")) for key in ("label", "preLaunchTask")]
    made = entry.get("type") == "go" and re.match(r"(Attach|Exec|Core|Wait for) .+@", str(entry.get("name", "")))
    return bool(made) or any(name.startswith("remotego: ") for name in names)


@pytest.mark.parametrize(
    "entry",
    [
        attach_here("Attach svc@here", None),
        attach_here("Attach svc@here", "svc"),
        attach_here("Attach svc@here", 7),
        exec_here("Exec svc@here", "./svc", ("-v",), "/srv", {"A": "b"}),
        core_here("Core svc@here", "./svc", "/tmp/core"),
    ],
    ids=lambda entry: f"{entry['name']}-{entry.get('processId')}",
)
def test_an_entry_for_the_target_itself_is_one_the_extension_takes(entry: dict[str, Any]) -> None:
    """Each attribute exists for its request, attach or launch."""
    assert [] == faults(entry, schema_of({**GO[entry["request"]], **CODE["configuration"]}))


@pytest.mark.parametrize(
    "kind",
    definition("launch", "$defs", "here")["oneOf"],
    ids=lambda kind: str(kind["properties"]["mode"]["const"]),
)
def test_every_attribute_our_schema_of_the_target_itself_allows_is_one_the_extension_takes(kind: Any) -> None:
    """For the request and the mode of that kind."""
    request = kind["properties"]["request"]["const"]
    assert [] == list(excesses({"type": "object", **kind}, whole({**GO[request], **CODE["configuration"]}), request))


def test_the_entry_we_generate_is_one_the_extension_takes() -> None:
    """Each attribute exists for this request, with this type, and is not deprecated."""
    assert [] == faults(ENTRY, schema_of(ATTACH))


@pytest.mark.parametrize("entry", examples("launch", "configurations"), ids=lambda entry: str(entry["name"]))
def test_an_entry_of_ours_in_the_examples_is_one_the_extension_takes(entry: dict[str, Any]) -> None:
    """What a user may have added to it as well."""
    known = {**GO[entry["request"]], **CODE["configuration"], **BEYOND}
    assert [] == faults(entry, schema_of(known))


def test_every_attribute_our_schema_allows_is_one_the_extension_takes() -> None:
    """Names, types and words of launch.schema.json are those of the extension and of VS Code."""
    ours = definition("launch", "$defs", "attach")
    assert [] == list(excesses(ours, whole(ATTACH), "attach"))


@pytest.mark.parametrize("name", sorted(GO["attach"]))
def test_every_attribute_of_the_extension_is_either_allowed_or_forbidden(name: str) -> None:
    """A new attribute of the extension has to be decided on; nothing forbidden is legal, nothing harmless refused."""
    allowed = definition("launch", "$defs", "attach", "properties")
    assert (name in FORBIDDEN) is (name not in allowed)


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_what_we_forbid_is_refused_in_our_entry(name: str) -> None:
    """An attribute that does nothing in a remote attach, or breaks it, is no part of an entry of ours."""
    known = {**GO["launch"], **GO["attach"]}[name]
    value = {"string": "x", "number": 2, "boolean": True, "array": [], "object": {}}[known.get("type", ["string"])[0]]
    file = {"version": "0.2.0", "configurations": [{**ENTRY, name: value}]}
    assert [] != faults(file, schema("launch"))


def test_our_entry_takes_what_the_schema_requires() -> None:
    """The entry we generate has all that is required and nothing that is not known."""
    assert [] == faults({"version": "0.2.0", "configurations": [ENTRY]}, schema("launch"))


@pytest.mark.parametrize("name", TASKS)
def test_the_tasks_of_our_entry_are_attributes_of_vscode(name: str) -> None:
    """They are VS Code's own, not the extension's."""
    assert (True, False) == (name in CODE["configuration"], name in GO["attach"])


@pytest.mark.parametrize("task", [debug_task, release_task])
def test_a_task_we_generate_is_one_vscode_takes(task: Any) -> None:
    """Each property exists, with this type and of these words, and is not deprecated."""
    assert [] == faults(task(LABEL, ("/usr/bin/remotego",), ("--local-port", "1")), schema_of(TASK))


@pytest.mark.parametrize("task", examples("tasks", "tasks"), ids=lambda task: str(task["label"]))
def test_a_task_of_ours_in_the_examples_is_one_vscode_takes(task: dict[str, Any]) -> None:
    """Good examples are good for VS Code too."""
    assert [] == faults(task, schema_of(TASK))


@pytest.mark.parametrize("kind", ["debug", "release", "group", "modules"])
def test_every_property_our_schema_of_tasks_allows_is_one_vscode_takes(kind: str) -> None:
    """Names, types and words of tasks.schema.json are VS Code's."""
    assert [] == list(excesses(definition("tasks", "$defs", kind), whole(TASK), kind))


def test_a_compound_and_its_task_are_ones_vscode_takes() -> None:
    """Several configurations by one key."""
    members = ["Attach svc@app1", "Attach svc@app2"]
    made = compound("all", members, tasks=True)
    assert ([], []) == (faults(made, schema_of(CODE["compound"])), faults(group_task("all", members), schema_of(TASK)))


def test_every_property_our_schema_of_compounds_allows_is_one_vscode_takes() -> None:
    """Names, types and words are VS Code's."""
    ours = definition("launch", "properties", "compounds", "items")
    assert [] == list(excesses(ours, whole(CODE["compound"]), "compound"))


def test_an_input_is_one_vscode_takes() -> None:
    """A choice of hosts."""
    assert [] == faults(pick("remotego-host", "Which host?", [("app1", "app1")]), schema_of(CODE["input"]))


def test_every_setting_in_our_schema_is_one_of_the_extension_or_of_vscode() -> None:
    """Names and types of settings.schema.json are theirs; what it says nothing of is not ours."""
    assert [] == list(excesses(definition("settings"), whole(SETTINGS), "settings"))


@pytest.mark.parametrize("path", sorted((GOOD / "settings").glob("*.json")), ids=lambda path: str(path.stem))
def test_settings_in_the_examples_are_ones_the_extension_and_vscode_take(path: Path) -> None:
    """Good examples are good for those who read them."""
    assert [] == faults(json.loads(path.read_text()), schema_of(SETTINGS, closed=False))


@pytest.mark.parametrize("network", ["intranet", "extranet", "mixed"])
def test_the_settings_we_generate_are_ones_the_extension_and_vscode_take(network: str) -> None:
    """Each is a setting of theirs, with this type, and is not deprecated."""
    corp = {"goproxy": ["https://proxy.corp.example"], "private": ["*.corp.example"], "goflags": ["-mod=vendor"]}
    gopls = {"build_flags": ("-tags=e2e",), "directory_filters": ("-web",), "analyses.shadow": False}
    tables = {"tools": {"go": "/opt/go/bin/go", "dlv": "/opt/dlv"}, "gopls": gopls, "terminal.linux": {"PAGER": ""}}
    made = settings_of(profile(network, {"intranet": corp, "mixed": corp}), tables)
    assert [] == faults(made, schema_of(SETTINGS))


def test_the_remote_env_we_generate_is_one_containers_take() -> None:
    """Its values are text."""
    made = {"remoteEnv": remote_env(["/opt/go/bin"], {"GOPROXY": "off"})}
    assert [] == faults(made, schema_of(CONTAINER["properties"], closed=False))


def test_every_property_our_schema_of_devcontainers_allows_is_one_of_theirs() -> None:
    """Names and types of devcontainer.schema.json are those of containers.dev."""
    facts = whole(CONTAINER["properties"])
    assert [] == list(excesses(definition("devcontainer"), facts, "devcontainer"))


@pytest.mark.parametrize(
    ("ours", "fact", "expected"),
    [
        ({"type": "integer"}, {"type": ["number"]}, []),
        ({"type": "string"}, {"type": ["number"]}, ["x: type string"]),
        ({"const": "on"}, {"enum": ["off"]}, ["x: 'on'"]),
        ({"type": "string"}, {"type": ["string"], "enum": ["off"]}, ["x: any value"]),
        ({"type": "string"}, {"type": ["string"], "deprecated": True}, ["x: deprecated"]),
        ({"properties": {"a": {}}}, {"members": {}, "closed": True}, ["x.a: unknown"]),
        ({"items": {"type": "null"}}, {"items": {"type": ["string"]}}, ["x[]: type null"]),
    ],
)
def test_an_excess_is_named(ours: dict[str, Any], fact: dict[str, Any], expected: list[str]) -> None:
    """The comparison itself sees what it is there for."""
    assert expected == list(excesses(ours, fact, "x"))


@pytest.mark.parametrize("name", [*EXTRACTS, "vscode"])
def test_a_table_is_written_as_its_refresh_writes_it(name: str) -> None:
    """A difference after a refresh is a difference of facts."""
    path = Path(__file__).parent.parent / "facts" / "vscode.tables" / f"{name}.json"
    assert written(table(name)) == path.read_text()


@pytest.mark.parametrize("name", [*EXTRACTS, "vscode"])
def test_a_table_says_what_it_was_taken_from(name: str) -> None:
    """The source and its commit."""
    assert 40 <= len(table(name)["commit"])
    assert 0 < len(table(name)["source"])
