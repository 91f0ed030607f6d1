"""JSON with comments, made at random: values, and texts that hold them in every spelling VS Code allows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import strategies as st

BOM = "\ufeff"

KEYS = st.sampled_from(["version", "configurations", "name", "inputs", "a", 'q"uote', "", "né", "//no", "\U0001f600"])
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


@dataclass
class Scribe:
    """Writes a value with gaps drawn at random; each comment carries a number of its own, as ``#7#``."""

    draw: st.DrawFn
    eol: str
    numbers: Iterator[int] = field(default_factory=count)

    def written(self, value: Any) -> str:
        """Write a value."""
        match value:
            case dict():
                return "{" + self.series([self.member(key, item) for key, item in value.items()]) + "}"
            case list():
                return "[" + self.series([self.written(item) for item in value]) + "]"
            case _:
                return self.scalar(value)

    def gap(self) -> str:
        """Write white space and comments, or nothing."""
        kinds = st.sampled_from([" ", "\t", self.eol, "line", "block"])
        return "".join(self.space(kind) for kind in self.draw(st.lists(kinds, max_size=2)))

    def space(self, kind: str) -> str:
        """Write a comment full of what is no comment elsewhere, or the white space ``kind`` is."""
        match kind:
            case "line":
                return f'// #{next(self.numbers)}# "x": [,] }} /* \u2028{self.eol}'
            case "block":
                return f'/* #{next(self.numbers)}# // " {self.eol} ]*/'
            case _:
                return kind

    def scalar(self, value: Any) -> str:
        """Write a key or a value without parts."""
        return json.dumps(value, ensure_ascii=self.draw(st.booleans()))

    def member(self, key: str, value: Any) -> str:
        """Write a member of an object."""
        return self.scalar(key) + self.gap() + ":" + self.gap() + self.written(value)

    def series(self, items: list[str]) -> str:
        """Write what stands between brackets, with a trailing comma or without."""
        comma = self.draw(st.sampled_from(["", ","])) if items else ""
        return self.gap() + f"{self.gap()},{self.gap()}".join(items) + self.gap() + comma + self.gap()


@st.composite
def texts(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[Any, str]:
    """Draw a value and a text for it."""
    value = draw(values)
    scribe = Scribe(draw, draw(st.sampled_from(["\n", "\r\n"])))
    return value, draw(st.sampled_from(["", BOM])) + scribe.gap() + scribe.written(value) + scribe.gap()
