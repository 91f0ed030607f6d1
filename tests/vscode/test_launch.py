"""Planning launch.json."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.files import schema
from remotego.delve.substitution import Rule
from remotego.vscode.jsonc import JsoncError, parse_jsonc
from remotego.vscode.launch import (
    FORBIDDEN,
    ForeignEntryError,
    NoPortError,
    configuration,
    entry_name,
    idle,
    plan_launch,
)
from remotego.vscode.validity import SchemaError
from tests.vscode.texts import ENTRIES, VALUES, texts

RULES = (
    Rule("/home/ann/svc", "example.com/svc"),
    Rule("/home/ann/go/pkg/mod", "/go/pkg/mod"),
    Rule("/go/src", ""),
)
CONFIG = configuration(entry_name("svc", "app1"), 23450, RULES, workspace="/home/ann/svc")
SCHEMA = schema("launch")
FOREIGN = st.fixed_dictionaries(
    {
        "version": st.just("0.2.0"),
        "configurations": st.lists(ENTRIES.filter(lambda entry: entry["name"] != CONFIG["name"]), max_size=3),
        "a": VALUES,
    }
)


def entries(text: str) -> list[Any]:
    """Read the entries of a launch.json."""
    return list(parse_jsonc(text, file="f").root.value["configurations"])


def test_an_attach_to_a_local_process_is_not_ours() -> None:
    """Without a mode it is a local one; its name is taken."""
    local = {"name": CONFIG["name"], "type": "go", "request": "attach", "processId": 4711}
    with pytest.raises(ForeignEntryError):
        plan_launch(json.dumps({"version": "0.2.0", "configurations": [local]}), CONFIG, SCHEMA)


def test_what_is_taken_out_of_our_entry_can_be_said() -> None:
    """In the order it stands there."""
    assert ("env", "cwd") == idle(CONFIG | {"env": {}, "trace": "log", "cwd": "/srv"})


def test_the_entry_is_what_vscode_and_delve_take() -> None:
    """Every attribute has a reason, and none is there without one."""
    expected = {
        "name": "Attach svc@app1",
        "type": "go",
        "request": "attach",
        "mode": "remote",
        "debugAdapter": "dlv-dap",
        "host": "127.0.0.1",
        "port": 23450,
        "stopOnEntry": False,
        "substitutePath": [
            {"from": "${workspaceFolder}", "to": "example.com/svc"},
            {"from": "/home/ann/go/pkg/mod", "to": "/go/pkg/mod"},
            {"from": "/go/src", "to": ""},
        ],
    }
    assert expected == CONFIG


def test_a_rule_below_the_workspace_moves_with_it() -> None:
    """A directory inside the workspace is written relative to it, one that only begins alike is not."""
    rules = (Rule("/w/svc/lib", "/b/lib"), Rule("/w/svc-old", "/b/old"))
    config = configuration("n", 1, rules, workspace="/w/svc")
    assert ["${workspaceFolder}/lib", "/w/svc-old"] == [rule["from"] for rule in config["substitutePath"]]


def test_no_fixed_port_is_an_error() -> None:
    """Any free port cannot be written down before it is known."""
    with pytest.raises(NoPortError):
        configuration("n", 0, (), workspace="/w")


def test_a_new_file_is_whole() -> None:
    """Without a file there is one with a version and our entry."""
    assert {"version": "0.2.0", "configurations": [CONFIG]} == json.loads(plan_launch(None, CONFIG, SCHEMA))


@pytest.mark.parametrize("text", ["{}", '{"configurations": []}', '{"a": 1, "configurations": [] // none yet\n}'])
def test_a_file_without_a_version_gets_one(text: str) -> None:
    """An editor wants it; what else is there stays, and a second run finds nothing to do."""
    once = plan_launch(text, CONFIG, SCHEMA)
    value = parse_jsonc(text, file="f").root.value | {"version": "0.2.0", "configurations": [CONFIG]}
    assert (value, once) == (parse_jsonc(once, file="f").root.value, plan_launch(once, CONFIG, SCHEMA))


def test_a_file_of_comments_keeps_them() -> None:
    """What is written into an empty file stands below its comments."""
    assert "// soon" == plan_launch("// soon\n", CONFIG, SCHEMA).splitlines()[0]


def test_a_second_run_changes_nothing() -> None:
    """The same entry gives the same bytes."""
    once = plan_launch(None, CONFIG, SCHEMA)
    assert once == plan_launch(once, CONFIG, SCHEMA)


@given(texts(FOREIGN))
def test_foreign_entries_keep_their_values(drawn: tuple[Any, str]) -> None:
    """Whatever else is in the file is still there, in its order, and ours comes last."""
    model, text = drawn
    expected = {**model, "configurations": [*model["configurations"], CONFIG]}
    assert expected == parse_jsonc(plan_launch(text, CONFIG, SCHEMA), file="f").root.value


def test_a_changed_port_is_changed_alone() -> None:
    """Comments and extra attributes in our own entry survive a new port."""
    text = plan_launch(None, CONFIG, SCHEMA).replace(
        '"stopOnEntry": false,', '"stopOnEntry": false, // run on\n            "trace": "verbose",'
    )
    assert text.replace("23450", "23999") == plan_launch(text, {**CONFIG, "port": 23999}, SCHEMA)


@pytest.mark.parametrize("attribute", sorted(FORBIDDEN))
def test_attributes_that_break_the_attach_are_taken_out(attribute: str) -> None:
    """Folklore found in our entry does not stay there."""
    whole = plan_launch(None, CONFIG, SCHEMA)
    folklore = whole.replace('"mode": "remote",', f'"mode": "remote",\n            "{attribute}": "x",')
    assert whole == plan_launch(folklore, CONFIG, SCHEMA)


def test_an_entry_of_that_name_that_is_not_ours_is_left_alone() -> None:
    """A launch of C++ does not become an attach of Go."""
    entry = '{"name": "Attach svc@app1", "type": "cppdbg", "request": "launch"}'
    with pytest.raises(ForeignEntryError) as caught:
        plan_launch(f'{{"version": "0.2.0", "configurations": [{entry}]}}', CONFIG, SCHEMA)
    assert "cppdbg launch" == caught.value.kind


def test_an_attribute_we_do_not_know_is_named_by_its_place() -> None:
    """A misspelt attribute in our entry is refused where it stands."""
    text = plan_launch(None, CONFIG, SCHEMA).replace('"stopOnEntry"', '"stopOnEntyr": 1,\n            "stopOnEntry"')
    with pytest.raises(SchemaError) as caught:
        plan_launch(text, CONFIG, SCHEMA)
    assert ("configurations[0]", 4) == (caught.value.place, caught.value.line)


def test_a_broken_file_is_refused_with_its_place() -> None:
    """A file that cannot be parsed is named with line and column."""
    with pytest.raises(JsoncError) as caught:
        plan_launch('{\n  "version": 0.2.0\n}', CONFIG, SCHEMA)
    assert ".vscode/launch.json:2:17" == str(caught.value).split(": ")[0]
