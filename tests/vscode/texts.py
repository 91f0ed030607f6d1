"""JSON with comments, made at random: values, and texts that hold them in every spelling VS Code allows."""

import json
from itertools import count
from typing import Any

from hypothesis import strategies as st

KEYS = st.sampled_from(
    ["version", "configurations", "name", "inputs", "a", 'q"uote', "", "né", "//no", "\U0001f600"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["/* no */", "// no", "a,]", '\\"', "\u2028", "\x7f"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["Attach svc@app1", "Attach svc@app2", "mine"])
ENTRIES = st.builds(
    lambda name, rest: {"name": name, **rest},
    NAMES,
    st.dictionaries(KEYS.filter(lambda key: key != "name"), VALUES),
)
LAUNCHES = st.builds(
    lambda before, entries, after: {**before, "configurations": entries, **after},
    st.dictionaries(st.sampled_from(["version", "a"]), VALUES),
    st.lists(ENTRIES | SCALARS, max_size=3, unique_by=lambda entry: json.dumps(name_of(entry))),
    st.dictionaries(st.sampled_from(["inputs", "compounds"]), VALUES),
)
"""Values like that of a launch.json in which no two entries share a name."""


def name_of(entry: Any) -> Any:
    """Name of an entry; a scalar is told apart by its own value."""
    return entry["name"] if isinstance(entry, dict) else [entry]


@st.composite
def texts(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[Any, str]:
    """Draw a value and a text for it. Each comment in it carries a number of its own, as ``#7#``."""
    value = draw(values)
    eol = draw(st.sampled_from(["\n", "\r\n"]))
    numbers = count()

    def gap() -> str:
        kinds = draw(st.lists(st.sampled_from([" ", "\t", eol, "line", "block"]), max_size=2))
        return "".join(spelt(kind) for kind in kinds)

    def spelt(kind: str) -> str:
        match kind:
            case "line":
                return f'// #{next(numbers)}# "x": [,] }} /* \u2028{eol}'
            case "block":
                return f'/* #{next(numbers)}# // " {eol} ]*/'
            case _:
                return kind

    def scalar(value: Any) -> str:
        return json.dumps(value, ensure_ascii=draw(st.booleans()))

    def series(items: list[str]) -> str:
        comma = draw(st.sampled_from(["", ","])) if items else ""
        return gap() + f"{gap()},{gap()}".join(items) + gap() + comma + gap()

    def written(value: Any) -> str:
        match value:
            case dict():
                members = [scalar(key) + gap() + ":" + gap() + written(item) for key, item in value.items()]
                return "{" + series(members) + "}"
            case list():
                return "[" + series([written(item) for item in value]) + "]"
            case _:
                return scalar(value)

    return value, draw(st.sampled_from(["", "\ufeff"])) + gap() + written(value) + gap()
