"""Planning devcontainer.json."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.adapters.files import schema
from remotego.vscode.devcontainer import plan_devcontainer, remote_env
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.validity import SchemaError
from tests.vscode.texts import VALUES, texts

SCHEMA = schema("devcontainer")
GO = ("/opt/go/bin",)
FOREIGN = st.dictionaries(st.sampled_from(("image", "features", "a")), VALUES)


def path_in(text: str) -> Any:
    """Read remoteEnv.PATH."""
    return parse_jsonc(text, file="f").root.value["remoteEnv"]["PATH"]


def planned(text: str) -> str:
    """Plan PATH for a text."""
    return plan_devcontainer(text, GO, {}, SCHEMA)


def test_path_is_what_the_container_has_with_go_in_front() -> None:
    """By the variable that dev containers know."""
    assert {"PATH": "/opt/go/bin:/b:${containerEnv:PATH}", "GOFLAGS": "-v"} == remote_env(
        ("/opt/go/bin", "/b"), {"GOFLAGS": "-v", "GOPRIVATE": ""}
    )


@pytest.mark.parametrize(
    ("had", "expected"),
    [
        ("/x:${containerEnv:PATH}", "/opt/go/bin:/x:${containerEnv:PATH}"),
        ("/x:/opt/go/bin:${containerEnv:PATH}", "/x:/opt/go/bin:${containerEnv:PATH}"),
    ],
)
def test_a_path_that_is_there_stays(had: str, expected: str) -> None:
    """The user's directories keep their order."""
    assert expected == path_in(planned(json.dumps({"remoteEnv": {"PATH": had}})))


def test_comments_and_other_variables_stay() -> None:
    """Only PATH is new."""
    text = '{\n\t// mine\n\t"remoteEnv": { "A": null } // his\n}\n'
    expected = text.replace("null }", 'null, "PATH": "/opt/go/bin:${containerEnv:PATH}" }')
    assert expected == planned(text)


def test_a_path_without_what_the_container_has_is_refused() -> None:
    """All other programs would be gone; it is the user's to mend."""
    with pytest.raises(SchemaError) as caught:
        planned('{"remoteEnv": {"PATH": "/x"}}')
    assert "remoteEnv.PATH" == caught.value.place


@given(texts(FOREIGN))
def test_a_second_plan_changes_nothing(drawn: tuple[Any, str]) -> None:
    """Planning over its own result is the identity, and everything else stays."""
    before, text = drawn
    once = planned(text)
    after = parse_jsonc(once, file="f").root.value
    assert (once, before) == (planned(once), {key: value for key, value in after.items() if key != "remoteEnv"})
