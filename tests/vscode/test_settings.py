"""Planning settings.json."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.files import schema
from remotego.vscode.jsonc import JsoncError, parse_jsonc
from remotego.vscode.settings import plan_settings
from remotego.vscode.validity import SchemaError
from tests.vscode.texts import VALUES, texts

SCHEMA = schema("settings")
TOOLS = {"go.alternateTools": {"go": "/opt/go/bin/go", "dlv": "/opt/dlv"}}
FOREIGN = st.dictionaries(st.sampled_from(("editor.rulers", "[go]", "files.eol", "a")), VALUES)


def values(text: str) -> Any:
    """Read a settings.json."""
    return parse_jsonc(text, file="f").root.value


def test_no_file_becomes_one_with_our_settings() -> None:
    """An absent file is made, in VS Code's own look."""
    expected = """{
    "go.alternateTools": {
        "go": "/opt/go/bin/go",
        "dlv": "/opt/dlv"
    }
}
"""
    assert expected == plan_settings(None, TOOLS, SCHEMA)


def test_objects_are_merged_member_by_member() -> None:
    """A tool of the user's stays beside ours."""
    text = '{"go.alternateTools": {"gopls": "/mine/gopls", "go": "/old"}} // mine\n'
    expected = '{"go.alternateTools": {"gopls": "/mine/gopls", "go": "/opt/go/bin/go", "dlv": "/opt/dlv"}} // mine\n'
    assert expected == plan_settings(text, TOOLS, SCHEMA)


def test_what_is_unwanted_goes_with_the_object_it_leaves_empty() -> None:
    """Nothing of ours stays behind, and nothing of the user's goes."""
    text = '{\n  "a": 1,\n  "go.toolsEnvVars": {\n    "GOFLAGS": "-v"\n  },\n  "b": {}\n}\n'
    expected = '{\n  "a": 1,\n  "b": {}\n}\n'
    assert expected == plan_settings(text, {}, SCHEMA, unwanted=[("go.toolsEnvVars", "GOFLAGS")])


def test_an_object_with_something_else_in_it_stays() -> None:
    """The user's variable is not ours to remove."""
    text = '{"go.toolsEnvVars": {"GOFLAGS": "-v", "MINE": "1"}}'
    expected = '{"go.toolsEnvVars": {"MINE": "1"}}'
    assert expected == plan_settings(text, {}, SCHEMA, unwanted=[("go.toolsEnvVars", "GOFLAGS")])


def test_an_empty_object_of_the_users_stays() -> None:
    """Where there was nothing to take out, nothing is tidied up."""
    text = '{"go.toolsEnvVars": {}}'
    assert text == plan_settings(text, {}, SCHEMA, unwanted=[("go.toolsEnvVars", "GOFLAGS")])


@given(texts(FOREIGN))
def test_a_second_plan_changes_nothing(drawn: tuple[Any, str]) -> None:
    """Planning over its own result is the identity."""
    _, text = drawn
    once = plan_settings(text, TOOLS, SCHEMA)
    assert once == plan_settings(once, TOOLS, SCHEMA)


@given(texts(FOREIGN))
def test_foreign_settings_stay(drawn: tuple[Any, str]) -> None:
    """Whatever else is in the file is in the result."""
    before, text = drawn
    assert before | TOOLS == values(plan_settings(text, TOOLS, SCHEMA))


def test_a_setting_given_twice_is_left_alone() -> None:
    """Which of the two VS Code obeys is not ours to guess."""
    with pytest.raises(JsoncError) as caught:
        plan_settings('{"go.alternateTools": {},\n "go.alternateTools": {}}', TOOLS, SCHEMA)
    assert (2, 2) == (caught.value.line, caught.value.column)


def test_a_value_of_another_kind_is_named() -> None:
    """VS Code would not take it, so we do not build on it."""
    with pytest.raises(SchemaError) as caught:
        plan_settings(json.dumps({"terminal.integrated.env.linux": {"A": 1}}), TOOLS, SCHEMA)
    assert "terminal.integrated.env.linux.A" == caught.value.place
