"""Recipes: settings people copy from each other that do nothing, each with the reason and what does it instead.

Pure, over parsed documents; a table of rules, one for each recipe. What the reasons rest on:

- golang/vscode-go (commit 28e27ffd): package.json (attributes of attach and what they apply to; settings there
  are), src/goDebugConfiguration.ts (processId is read in mode local alone; waitFor is not handled at all),
  src/goDebugFactory.ts (dlvFlags, showLog and the like are words of a dlv that the extension starts itself),
  src/goEnv.ts (what go.toolsEnvVars reaches), src/util.ts (``${env:NAME}``).
- go-delve/delve v1.27.1: service/dap/server.go (mode of attach: local and remote).
- VS Code: documentation of variables ("Variables reference": there is no default for ``${env:NAME}``), of
  terminal.integrated.env.*, and of tasks (a task is a process: its environment ends with it).
- containers.dev: remoteEnv is a property of devcontainer.json, where ``${localEnv:NAME:default}`` is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SETTINGS, LAUNCH, TASKS, CONTAINER = "settings", "launch", "tasks", "devcontainer"
"""Kinds of documents."""


@dataclass(frozen=True, slots=True)
class Place:
    """A member or entry on the way: its ``path`` from the root of its kind, its value, and the values around it."""

    path: tuple[str | int, ...]
    value: Any
    around: tuple[Any, ...]

    @property
    def key(self) -> str | int:
        """Its own name, or its place in an array."""
        return self.path[-1]

    @property
    def owner(self) -> Mapping[str, Any]:
        """The object that it is a member of; empty in an array."""
        return self.around[-1] if self.around and isinstance(self.around[-1], dict) else {}


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the rules for one document have to know of the others: the tasks that run before a debug session."""

    pre_launch: frozenset[str] = frozenset()


Test = Callable[[Place, Workspace], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A recipe: its name, the ``kinds`` of documents it stands in, how it is known, why it is inert, what is not."""

    name: str
    kinds: tuple[str, ...]
    test: Test
    why: str
    instead: str


def _key(*names: str) -> Test:
    return lambda place, _: place.key in names


def _attach(*names: str, only: Callable[[Any], bool] = lambda _: True) -> Test:
    """Match attributes of a remote attach of Go."""
    return lambda place, _: place.key in names and _is_remote_attach(place.owner) and only(place.value)


def _is_go(entry: Mapping[str, Any]) -> bool:
    return entry.get("type") == "go"


def _is_remote_attach(entry: Mapping[str, Any]) -> bool:
    return entry.get("type") == "go" and entry.get("request") == "attach" and entry.get("mode") == "remote"


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _defaulted(place: Place, _: Workspace) -> bool:
    return _is_text(place.value) and re.search(r"\$\{env:[^}:]*:", place.value) is not None


def _in_terminal(place: Place, names: Sequence[str]) -> bool:
    above = place.path[-2] if len(place.path) > 1 else ""
    return str(above).startswith("terminal.integrated.env.") and place.key in names


def _settings(place: Place, name: str) -> Mapping[str, Any]:
    """Give an object among the settings that a place belongs to."""
    found = place.around[0].get(name) if place.around and isinstance(place.around[0], dict) else None
    return found if isinstance(found, dict) else {}


def _path_in_terminal(place: Place, _: Workspace) -> bool:
    tools = _settings(place, "go.alternateTools")
    leads = isinstance(place.value, str) and re.search(r"\bgo\b|goroot|gopath", place.value, re.IGNORECASE)
    return _in_terminal(place, ("PATH", "Path")) and bool(leads) and "go" not in tools


def _variable_in_terminal(place: Place, _: Workspace) -> bool:
    names = ("GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOFLAGS", "GOTOOLCHAIN", "GOOS", "GOARCH")
    return _in_terminal(place, names) and place.key not in _settings(place, "go.toolsEnvVars")


_EXPORTS = re.compile(r"(^|[;&|\n]\s*)\s*(export\s+\w+=|set\s+\w+=|\$env:\w+\s*=)")
_SWITCHES = re.compile(r"\b(goenv|gvm|g|asdf|mise)\s+(use|shell|global|local)\b")


def _task_words(task: Mapping[str, Any]) -> list[str]:
    arguments = task.get("args")
    words = [task.get("command"), *(arguments if isinstance(arguments, list) else [])]
    return [str(word.get("value") if isinstance(word, dict) else word) for word in words if word]


def is_task(place: Place) -> bool:
    """Tell whether a place is an entry of tasks.json."""
    return len(place.path) == 2 and place.path[0] == "tasks" and isinstance(place.value, dict)


def _task_for_environment(place: Place, workspace: Workspace) -> bool:
    if not is_task(place):
        return False
    words = _task_words(place.value)
    changes = any(map(_EXPORTS.search, words)) or _SWITCHES.search(" ".join(words))
    return place.value.get("label") in workspace.pre_launch and bool(changes)


_STARTED_DLV = ("dlvFlags", "showLog", "logOutput", "logDest", "backend", "buildFlags", "env", "envFile", "args")
_FORKS_ENV = "its machine settings with go.alternateTools, and the start-up files of its login shell"

RULES: tuple[Rule, ...] = (
    Rule(
        "remote-env-setting",
        (SETTINGS,),
        lambda place, _: place.key == "remoteEnv" or str(place.key).endswith(".remoteEnv"),
        "remoteEnv is a property of devcontainer.json; as a setting nothing reads it, least of all over SSH",
        f"run `remotego gen-remote-env --host HOST`: it writes what reaches that window ({_FORKS_ENV})",
    ),
    Rule(
        "container-env-of-vscode",
        (CONTAINER,),
        lambda place, _: _is_text(place.value) and "${env:" in place.value and "remoteEnv" in place.path,
        "devcontainer.json knows ${localEnv:NAME} and ${containerEnv:NAME}, not ${env:NAME}: it stays as it is written",
        "write ${containerEnv:NAME} for a variable of the container, ${localEnv:NAME:default} for one of yours",
    ),
    Rule(
        "mode-attach",
        (LAUNCH,),
        lambda place, _: place.key == "mode" and place.value == "attach" and place.owner.get("type") == "go",
        "attach is a request, not a mode: Delve refuses it (\"unsupported 'mode' attribute\")",
        'use "request": "attach" with "mode": "remote"; `remotego gen-launch` writes such an entry',
    ),
    Rule(
        "process-name-in-remote-attach",
        (LAUNCH,),
        _attach("processId", only=_is_text),
        "names and pickers list the processes of the machine the extension runs on, and in mode remote nobody asks",
        "name the process to remotego instead: `remotego gen-launch --host HOST --process NAME`",
    ),
    Rule(
        "process-id-in-remote-attach",
        (LAUNCH,),
        _attach("processId", only=lambda value: not _is_text(value)),
        "in mode remote dlv holds its process already, by the number on its own command line; processId is not read",
        "take it out; `remotego debug --pid N` chooses the process",
    ),
    Rule(
        "wait-for",
        (LAUNCH,),
        lambda place, _: place.key == "waitFor" and place.owner.get("type") == "go",
        "the extension does not know waitFor: it opens its picker, and Delve refuses a process beside waitFor",
        "use `remotego debug --wait-for NAME`, which waits on the target",
    ),
    Rule(
        "api-version",
        (LAUNCH, SETTINGS),
        lambda place, _: place.key == "apiVersion" and ("go.delveConfig" in place.path or _is_go(place.owner)),
        "it is the version of JSON-RPC for the old adapter; dlv-dap does not use it, and Delve 1.24 knows one",
        "take it out",
    ),
    Rule(
        "remote-path",
        (LAUNCH,),
        _attach("remotePath", "cwd"),
        "it is the old adapter's; dlv-dap ignores it, and no source file is found by it",
        "use substitutePath: `remotego gen-launch` computes it from the binary",
    ),
    Rule(
        "words-for-a-local-dlv",
        (LAUNCH,),
        _attach(*_STARTED_DLV),
        "it is for the command line of a dlv or a program that the extension starts itself; here it only connects",
        "give it to the side that starts dlv: see `remotego debug --help`",
    ),
    Rule(
        "default-of-a-variable",
        (SETTINGS, LAUNCH, TASKS),
        _defaulted,
        "there is no default: a variable of the whole name, with colon and default, is looked up, and gives nothing",
        "write the value; or use ${input:NAME}, which may have a default, in launch.json and tasks.json",
    ),
    Rule(
        "go-goroot",
        (SETTINGS,),
        _key("go.goroot"),
        "it only exports GOROOT, for all folders at once, which breaks any other go; `go env` is asked anyway",
        'name the command instead: "go.alternateTools": {"go": "/opt/go/bin/go"}',
    ),
    Rule(
        "go-diagnostics-enabled",
        (SETTINGS,),
        _key("go.diagnostics.enabled", "go.diagnostics"),
        "there is no such setting",
        'use "gopls": {"ui.diagnostic.analyses": {...}}, from [gopls.analyses] of remotego.toml; see the Problems view',
    ),
    Rule(
        "tools-without-names",
        (SETTINGS,),
        lambda place, _: place.key == "go.alternateTools" and not isinstance(place.value, dict | None),
        "the extension looks a tool up by its name, and here are no names",
        'give the names: "go.alternateTools": {"go": "/opt/go/bin/go"}',
    ),
    Rule(
        "path-for-the-extension",
        (SETTINGS,),
        lambda place, _: place.key in ("PATH", "Path", "GOROOT") and place.path[-2:-1] == ("go.toolsEnvVars",),
        "go.toolsEnvVars reaches the tools once they run; the extension does not look for them by it",
        'name the commands instead: "go.alternateTools": {"go": "/opt/go/bin/go"}',
    ),
    Rule(
        "terminal-path",
        (SETTINGS,),
        _path_in_terminal,
        "it reaches integrated terminals alone, where start-up files may still change it; gopls and dlv never see it",
        'name the commands for those: "go.alternateTools": {"go": "/opt/go/bin/go"}',
    ),
    Rule(
        "terminal-variable",
        (SETTINGS,),
        _variable_in_terminal,
        "it reaches integrated terminals alone; gopls and what the extension starts never see it",
        "have it in go.toolsEnvVars too: `remotego gen-settings` writes both",
    ),
    Rule(
        "no-sum-check",
        (SETTINGS, LAUNCH, TASKS, CONTAINER),
        _key("GONOSUMCHECK"),
        "go has no such variable",
        "use GONOSUMDB for names that no checksum database may hear of; GOPRIVATE sets it too",
    ),
    Rule(
        "task-for-environment",
        (TASKS,),
        _task_for_environment,
        "a task is a process of its own: what it exports or switches ends with it, and reaches no debugger",
        'name the go instead ("go.alternateTools", or a toolchain line in go.mod); attaching needs none at all',
    ),
)
