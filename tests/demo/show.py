"""What the audience sees."""

import json
import shlex
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from tests.demo.editor import Frame, Value
from tests.demo.service import Line

CONTEXT_LINES = 4


class Show:
    """Prints the demo, with the seconds since the curtain rose."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._begun_s = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the curtain rose."""
        return time.monotonic() - self._begun_s

    def act(self, title: str) -> None:
        """Begin a new act."""
        self._console.print()
        self._console.print(Rule(f"[bold]{title}[/]  [dim]{self.elapsed_s:.1f} s[/]", align="left", style="dim"))

    def say(self, text: str) -> None:
        """Say one line."""
        self._console.print(text, style="dim")

    def command(self, words: Sequence[str]) -> None:
        """Show a command as its user types it."""
        self._console.print(Text.assemble(("$ ", "bold green"), (shlex.join(words), "bold")), soft_wrap=True)

    def json(self, data: Any) -> None:
        """Show data as JSON."""
        self._console.print(Syntax(json.dumps(data, indent=2), "json", background_color="default", word_wrap=True))

    def stopped(self, line: Line, frames: Sequence[Frame], variables: Sequence[Value]) -> None:
        """Show where the process stands still, as an editor does."""
        first = max(1, line.number - CONTEXT_LINES)
        source = Syntax(
            line.path.read_text(),
            "go",
            line_numbers=True,
            line_range=(first, line.number + CONTEXT_LINES),
            highlight_lines={line.number},
            background_color="default",
        )
        where = f"{line.path.name}:{line.number}"
        body = Group(source, Rule("call stack", style="dim"), _stack(frames), Rule("variables", style="dim"))
        self._console.print(Panel(Group(body, *map(_tree, variables)), title=f"stopped at {where}", border_style="red"))

    def held(self, promise: str) -> None:
        """Tick off one promise."""
        self._console.print(Text.assemble(("  ✓ ", "bold green"), promise))

    def broken(self, promise: str) -> None:
        """Say which promise was not kept."""
        self._console.print(Text.assemble(("  ✗ ", "bold red"), (promise, "red")))


def _stack(frames: Sequence[Frame]) -> Table:
    table = Table.grid(padding=(0, 2))
    for frame in frames:
        table.add_row(Text(frame.function, style="bold"), Text(f"{frame.path}:{frame.line}", style="dim"))
    return table


def _tree(value: Value) -> Tree:
    words = (value.type, "dim") if value.fields else f"= {value.text}"
    tree = Tree(Text.assemble((value.name, "cyan"), " ", words))
    for child in value.fields:
        tree.children.append(_tree(child))
    return tree
