"""Changes and the reversals that travel as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.core.artifact import Artifact
from remotego.core.change import (
    EditFile,
    MakeDir,
    Push,
    RemoveDir,
    RemoveFile,
    RemoveTree,
    RestoreFile,
    Reversal,
    describe,
    parse_reversal,
    reversal_as_json,
)

ARTIFACT = Artifact("dlv", "a" * 64, 16_700_000, Path("dlv"), Path("dlv.gz"), 5_900_000)
REVERSALS = st.builds(RemoveDir, st.text()) | st.builds(RemoveFile, st.text())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "path", "x"]), inner),
    max_leaves=6,
)


@given(REVERSALS)
def test_reversal_survives_its_journey(action: Reversal) -> None:
    """What is written as JSON is read back as the same reversal."""
    assert action == parse_reversal(json.loads(json.dumps(reversal_as_json(action))))


@given(JSON | st.fixed_dictionaries({"kind": st.sampled_from(["RemoveFile", "RemoveDir"])}, optional={"path": JSON}))
def test_any_json_is_a_reversal_or_refused(data: Any) -> None:
    """Data of any form gives a reversal with a path, or a ValueError."""
    try:
        found = parse_reversal(data)
    except ValueError:
        return
    assert isinstance(found.path, str)


@pytest.mark.parametrize("kind", ["RunCommand", "MakeDir", "Push", "RemoveTree", ""])
def test_unknown_kind_is_refused(kind: str) -> None:
    """A journal can name no action but those that take back."""
    with pytest.raises(ValueError, match="unknown reversal"):
        parse_reversal({"kind": kind, "path": "/x"})


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (MakeDir("/a"), "make directory /a"),
        (RemoveDir("/a"), "remove directory /a if empty"),
        (RemoveFile("/a"), "remove /a"),
        (EditFile("/a", 0, 0, "x", "", "f"), "make /a"),
        (EditFile("/a", 0, 0, "x", "e", "f"), "edit /a"),
        (RestoreFile("/a", "", "f", 0), "remove /a"),
        (RestoreFile("/a", "e", "f", 0), "put /a back as it was"),
        (RemoveTree("/a"), "remove /a and all in it"),
        (Push(ARTIFACT, "/a"), "push 16.7 MB to /a"),
        (Push(ARTIFACT, "/a", packed=True), "push 5.9 MB of gzip to /a"),
        (Push(ARTIFACT, "/a", ("version",)), "push 16.7 MB to /a and run it with 'version'"),
    ],
)
def test_action_in_words(action: Any, text: str) -> None:
    """A plan says each action in a few words."""
    assert text == describe(action)
