"""What an editor does with launch.json: attach, stop at a breakpoint, look around, go on."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.demo.dap import Dap
from tests.demo.service import Line

DEPTH = 3
"""How many levels of a struct are opened."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a stack trace."""

    id: int
    function: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Value:
    """A variable and, where it has some, its fields."""

    name: str
    type: str
    text: str
    fields: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the process stands still, and what it holds there."""

    thread: int
    reason: str
    frames: tuple[Frame, ...]
    variables: tuple[Value, ...]


def configuration(workspace: Path, name: str = "") -> dict[str, Any]:
    """The only configuration of a workspace whose name ends so, with its variables filled in as VS Code does."""
    text = (workspace / ".vscode" / "launch.json").read_text()
    written = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    listed = json.loads(written.replace("${workspaceFolder}", str(workspace)))["configurations"]
    (found,) = (one for one in listed if one["name"].endswith(name))
    return dict(found)


class Editor:
    """A debug session as an editor has it; closing it does not end the process."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._dap = Dap(int(config["port"]))
        self._config = config

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._dap.close()

    def break_at(self, line: Line) -> Stop:
        """Attach, set a breakpoint, wait until the process comes by. RuntimeError if it cannot bind."""
        self._dap.request(
            "initialize", adapterID="go", pathFormat="path", linesStartAt1=True, supportsVariableType=True
        )
        self._dap.request("attach", **self._config)
        self._dap.wait("initialized")
        (bound,) = self._breakpoints(line.path, line.number)
        if not bound["verified"]:
            raise RuntimeError(f"{line.path}:{line.number}: {bound.get('message')}")
        self._dap.request("configurationDone")
        return self._look(self._dap.wait("stopped"))

    def go_on(self, stop: Stop, line: Line) -> None:
        """Take the breakpoint away, let the process run, leave."""
        self._breakpoints(line.path)
        self._dap.request("continue", threadId=stop.thread)
        self._dap.request("disconnect", terminateDebuggee=False)

    def _breakpoints(self, path: Path, *lines: int) -> list[dict[str, Any]]:
        wanted = [{"line": line} for line in lines]
        reply = self._dap.request("setBreakpoints", source={"path": str(path)}, breakpoints=wanted)
        return list(reply["breakpoints"])

    def _look(self, event: dict[str, Any]) -> Stop:
        thread = int(event["threadId"])
        trace = self._dap.request("stackTrace", threadId=thread, startFrame=0, levels=10)["stackFrames"]
        frames = tuple(
            Frame(one["id"], one["name"], one.get("source", {}).get("path", ""), one["line"]) for one in trace
        )
        scopes = self._dap.request("scopes", frameId=frames[0].id)["scopes"]
        values = (value for scope in scopes for value in self._values(scope["variablesReference"], DEPTH))
        return Stop(thread, str(event["reason"]), frames, tuple(values))

    def _values(self, reference: int, depth: int) -> tuple[Value, ...]:
        if not reference or not depth:
            return ()
        found = self._dap.request("variables", variablesReference=reference)["variables"]
        return tuple(self._value(one, depth) for one in found)

    def _value(self, one: dict[str, Any], depth: int) -> Value:
        fields = self._values(one["variablesReference"], depth - 1)
        if len(fields) == 1 and not fields[0].name:  # a pointer: its one child is what it points to
            fields = fields[0].fields
        return Value(one["name"], one.get("type", ""), one["value"], fields)
