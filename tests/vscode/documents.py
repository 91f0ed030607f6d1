"""Files of an editor, made at random from a number: the text, the value it holds, and a change to make.

The same number always makes the same document, so a number is all a failure needs to report.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from remotego.vscode.edits import Entry, Path

BOM = "\ufeff"
EOLS = ("\n", "\r\n", "\r")
KEYS = ("a", "name", "label", "other", 'q"uote', "", "né", "//no", "/* no */", "\U0001f600", "go.goroot", "PATH")
WORDS = (
    "",
    "x",
    "// no",
    "/* no */",
    "a,]",
    ",}",
    '\\"',
    "\\",
    "\u2028",
    "\x7f",
    "é",
    "\U0001f600",
    "\t\n",
    "${env:X}",
)
ENTRIES = ("Attach svc@app1", "Attach svc@app2", "mine", "// mine")


@dataclass(frozen=True, slots=True)
class Case:
    """A file of ``kind``: ``text`` holds ``model``, in which ``path`` is to hold ``value``."""

    kind: str
    text: str
    model: Any
    path: Path
    value: Any


@dataclass(slots=True)
class Author:
    """Draws values, and writes them with every gap, comment and line end that VS Code allows."""

    random: Random
    comments: int = 0
    eols: Sequence[str] = field(default_factory=tuple)

    def case(self) -> Case:
        """Draw a file and a change to make in it."""
        kind = self.random.choice(tuple(KINDS))
        model, path = KINDS[kind](self)
        model = None if self.random.random() < 0.02 else model
        return Case(kind, self.text(model), model, path, self.wanted(path))

    def wanted(self, path: Path) -> Any:
        """Draw the value a path is to have; that of an entry has its name."""
        match path[-1]:
            case Entry(key, value):
                return {key: value, **{k: v for k, v in self.members(3).items() if k != key}}
            case _:
                return self.value(2)

    def text(self, value: Any) -> str:
        """Write a whole file; for None one that has no value yet."""
        one = self.random.choice(EOLS)
        self.eols = self.random.choices(EOLS, k=3) if self.random.random() < 0.1 else (one,)
        before, after = self.gap(), self.gap()
        bom = BOM if self.random.random() < 0.1 else ""
        if value is None:
            return bom + before + after
        if self.random.random() < 0.5:
            return bom + before + self.pretty(value) + after
        return bom + before + self.written(value) + after

    def value(self, depth: int) -> Any:
        """Draw any value."""
        kind = self.random.randrange(8 if depth else 6)
        match kind:
            case 0 | 1:
                return self.random.choice(WORDS)
            case 2 | 3:
                return self.random.choice((None, True, False))
            case 4:
                return self.random.choice((0, 1, -1, 10**20, self.random.randrange(1 << 40)))
            case 5:
                return self.random.choice((0.5, -1e-9, 1e300, self.random.random()))
            case 6:
                return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
            case _:
                return self.members(4, depth - 1)

    def members(self, most: int, depth: int = 1) -> dict[str, Any]:
        """Draw an object."""
        keys = self.random.sample(KEYS, self.random.randrange(most))
        return {key: self.value(depth) for key in keys}

    def entries(self, key: str) -> list[Any]:
        """Draw an array in which entries have names of their own, among what is no entry."""
        names = self.random.sample(ENTRIES, self.random.randrange(4))
        named = [{key: name, **{k: v for k, v in self.members(4).items() if k != key}} for name in names]
        return named + [self.value(0)] * (self.random.random() < 0.1)

    def among(self, model: dict[str, Any]) -> dict[str, Any]:
        """Put foreign members around ours, in any order."""
        members = [*model.items(), *((k, v) for k, v in self.members(4).items() if k not in model)]
        self.random.shuffle(members)
        return dict(members)

    def gap(self) -> str:
        """Write white space and comments, mostly nothing."""
        return "".join(self.space() for _ in range(self.random.choice((0, 0, 0, 1, 1, 2))))

    def eol(self) -> str:
        """Write a line end, of the file's kind or one of its kinds."""
        return self.random.choice(self.eols)

    def space(self) -> str:
        """Write a piece of space, or a comment full of what is no comment elsewhere."""
        self.comments += 1
        match self.random.randrange(6):
            case 0:
                return f'// #{self.comments}# "x": [,] }} /* \u2028{self.eol()}'
            case 1:
                return f'/* #{self.comments}# // " {self.eol()} ]*/'
            case 2:
                return "\t"
            case 3:
                return self.eol()
            case _:
                return " "

    def scalar(self, value: Any) -> str:
        """Write a key or a value without parts."""
        return json.dumps(value, ensure_ascii=self.random.random() < 0.5)

    def written(self, value: Any) -> str:
        """Write a value with gaps anywhere."""
        match value:
            case dict():
                items = [
                    self.scalar(key) + self.gap() + ":" + self.gap() + self.written(one) for key, one in value.items()
                ]
                return "{" + self.series(items) + "}"
            case list():
                return "[" + self.series([self.written(one) for one in value]) + "]"
            case _:
                return self.scalar(value)

    def series(self, items: list[str]) -> str:
        """Write what stands between brackets, with a trailing comma or without."""
        comma = self.random.choice(("", ",")) if items else ""
        return self.gap() + f"{self.gap()},{self.gap()}".join(items) + self.gap() + comma + self.gap()

    def pretty(self, value: Any, indent: str = "") -> str:
        """Write a value as people do: one item a line, comments above it and behind it."""
        if not isinstance(value, (dict, list)) or not value or self.random.random() < 0.1:
            return json.dumps(value, ensure_ascii=False)
        inner = indent + "  "
        brackets = "{}" if isinstance(value, dict) else "[]"
        pairs = value.items() if isinstance(value, dict) else ((None, one) for one in value)
        items = [("" if key is None else json.dumps(key) + ": ") + self.pretty(one, inner) for key, one in pairs]
        last = len(items) - 1
        comma = self.random.choice(("", ","))
        lines = [
            self.remark(inner) + inner + item + ("," if place < last else comma) + self.aside() + self.eol()
            for place, item in enumerate(items)
        ]
        return brackets[0] + self.eol() + "".join(lines) + self.remark(inner) + indent + brackets[1]

    def remark(self, indent: str) -> str:
        """Write a comment on a line of its own, now and then."""
        self.comments += 1
        return f'{indent}// #{self.comments}# "b": 1,{self.eol()}' if self.random.random() < 0.15 else ""

    def aside(self) -> str:
        """Write a comment behind an item, now and then."""
        self.comments += 1
        return f" // #{self.comments}# }}" if self.random.random() < 0.1 else ""

    def launch(self) -> tuple[Any, Path]:
        """Draw a launch.json and an entry of it."""
        return self._listed({"version": "0.2.0"}, "configurations", "name")

    def tasks(self) -> tuple[Any, Path]:
        """Draw a tasks.json and a task of it, or an input."""
        if self.random.random() < 0.3:
            return self._listed({"version": "2.0.0", "tasks": []}, "inputs", "id")
        return self._listed({"version": "2.0.0"}, "tasks", "label")

    def settings(self) -> tuple[Any, Path]:
        """Draw a settings.json and a setting of it, or a member of one."""
        path = self.random.choice((("go.goroot",), ("go.toolsEnvVars", "PATH"), ("go.alternateTools", "dlv")))
        below = self.members(4) if len(path) > 1 else self.value(2)
        return self.among({path[0]: below} if self.random.random() < 0.7 else {}), path

    def devcontainer(self) -> tuple[Any, Path]:
        """Draw a devcontainer.json and a variable of its remoteEnv."""
        model = {"image": "x"} | ({"remoteEnv": self.members(4, 0)} if self.random.random() < 0.7 else {})
        return self.among(model), ("remoteEnv", "PATH")

    def workspace(self) -> tuple[Any, Path]:
        """Draw a *.code-workspace, which holds the other files as members, and a place in one of them."""
        name = self.random.choice(("settings", "launch", "tasks"))
        model, path = KINDS[name](self)
        inside = {name: model} if self.random.random() < 0.9 else {}
        return self.among({"folders": [{"path": "."}], **inside}), (name, *path)

    def _listed(self, rest: dict[str, Any], name: str, key: str) -> tuple[Any, Path]:
        listed = {name: self.entries(key)} if self.random.random() < 0.9 else {}
        return self.among({**rest, **listed}), (name, Entry(key, self.random.choice(ENTRIES)))


KINDS: dict[str, Callable[[Author], tuple[Any, Path]]] = {
    "launch": Author.launch,
    "tasks": Author.tasks,
    "settings": Author.settings,
    "devcontainer": Author.devcontainer,
    "workspace": Author.workspace,
}


def document(seed: int) -> Case:
    """Make the document of a number."""
    return Author(Random(seed)).case()
