"""What the doctor makes of contexts that do not agree."""

import pytest

from remotego.doctor.environment import judge_contexts
from remotego.host.contexts import BOTH, COMMAND, Context, Contexts
from remotego.host.startup import TRACE, Cause

OURS = Context(
    COMMAND, {"PATH": "/ours"}, "/ours/go", entries={"/ours": Cause("/h/.config/remotego/env.sh", 12, TRACE)}
)
THEIRS = Context(BOTH, {"PATH": "/x"}, "/x/go", entries={"/x": Cause("/h/.more", 3, TRACE)})
SHOWS = "`remotego env --host app1` shows them side by side"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (False, f"`remotego set-env --host app1` makes them agree; {SHOWS}"),
        (True, f"move or remove /h/.more:3; {SHOWS}"),
    ],
)
def test_a_remedy_is_none_that_was_tried(written: bool, expected: str) -> None:
    """Where our block is there already, the line that outdoes it has to go."""
    found = judge_contexts(Contexts("me", "/h", "/bin/bash", (OURS, THEIRS), ()), "app1", written=written)
    assert [expected] == [one.remedy for one in found]


def test_what_set_env_does_not_touch_is_named_by_its_line() -> None:
    """An exported variable."""
    cause = {"GOPROXY": Cause("/h/.more", 5, TRACE)}
    contexts = (Context(COMMAND, {"PATH": "/x"}, None), Context(BOTH, {"PATH": "/x", "GOPROXY": "off"}, None, cause))
    found = judge_contexts(Contexts("me", "/h", "/bin/bash", contexts, ()), "app1", written=False)
    assert [f"move or remove /h/.more:5; {SHOWS}"] == [one.remedy for one in found]
