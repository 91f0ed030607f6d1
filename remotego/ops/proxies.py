"""Proxies of Go: what go would ask, with the settings of this machine or of a login on a host."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from remotego.adapters import netrc
from remotego.adapters.goenvironment import ask_go
from remotego.adapters.toolchain import bundled_go
from remotego.core.errors import MissingError, UsageError
from remotego.core.progress import Progress
from remotego.core.redaction import redacted_value
from remotego.core.settings import Settings
from remotego.core.tables import PROFILES
from remotego.core.transport import Network
from remotego.golang.goenv import Setting, settings
from remotego.golang.modulepath import fault_of_path
from remotego.golang.telling import told_value
from remotego.golang.version import parse_go_version
from remotego.goproxy.commands import COMMANDS, LATEST
from remotego.goproxy.explanation import Around, Explanation, explain
from remotego.goproxy.rules import read_rules
from remotego.goproxy.scenes import Question
from remotego.host.contexts import BOTH, GO_NAMES, PROXY_NAMES, Context, Contexts, GoAnswer, contexts
from remotego.host.netrc import netrc_machines
from remotego.ops.engine import ask
from remotego.ops.source_paths import NoWorkspaceError

COUNTS = (
    *("GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "GOVCS", "GOAUTH", "GOFLAGS"),
    "GOENV",
)
"""The settings of go that decide which modules are asked of whom."""

HERE = "here"

_VERSION = re.compile(r"v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?")
_OLD = (1, 14)
"""Modules that say an older Go than this do not use their vendor directory unless they are told to."""


@dataclass(eq=False)
class NoModulePathError(UsageError):
    """What was given is no module path with a complete version or "latest"."""

    given: str
    what = "{given!r} is no module path, or its version is neither complete nor latest"
    remedy = "give it as go does: example.com/module, example.com/module@v1.2.3, or example.com/module@latest"


@dataclass(eq=False)
class BadModulePathError(UsageError):
    """A path that no module can have, so that go asks nobody for it."""

    path: str
    fault: str
    what = "go fetches no module {path!r}: {fault}"
    remedy = "give the module's path as it is in go.mod, not that of a package in it or a pattern"


@dataclass(eq=False)
class NoBuildVersionError(UsageError):
    """go build never looks for the newest version: go.mod says which one it is."""

    path: str
    what = "build needs a version of {path}: go build takes the one of go.mod, and looks for no newer one"
    remedy = "give it, as {path}@v1.2.3; or ask for what looks for the newest one: --command get"


@dataclass(eq=False)
class NoGoCommandError(UsageError):
    """A command that is none of those that are explained."""

    command: str
    known: str
    what = "what `go {command}` asks for is not explained"
    remedy = "give --command {known}"


@dataclass(eq=False)
class NoGoSettingsError(MissingError):
    """There is no go whose settings could be asked for."""

    place: str
    reason: str
    what = "{place}: nobody says what go's settings are: {reason}"
    remedy = "have a go command there: see `env --host` for where it is looked for, or install one by `sdk.install`"


@dataclass(eq=False)
class NoContextError(UsageError):
    """A login has no such way of starting programs, or no go is found in it."""

    host: str
    name: str
    known: str
    what = "{host}: no go is found in the context {name!r}"
    remedy = "give --context with one of: {known}"


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation, and the settings that it rests on. ``place`` is "here", or the context of the login.

    ``dissent`` names contexts whose settings differ from these.
    """

    place: str
    version: str
    settings: tuple[Setting, ...]
    variables: Mapping[str, str]
    explanation: Explanation
    dissent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, and what the user says of it: ``private``, and more ``patterns`` of private paths by who says so."""

    question: Question
    private: bool
    patterns: Mapping[str, str]
    workspace: Path


def parse_question(text: str, command: str, *, private: bool, settings: Settings) -> Wanted:
    """Read MODULE[@VERSION].

    Raises NoModulePathError, BadModulePathError, NoBuildVersionError, NoGoCommandError, NoWorkspaceError.
    """
    if command not in COMMANDS:
        raise NoGoCommandError(command, ", ".join(COMMANDS))
    path, at, version = text.partition("@")
    version = version or LATEST
    known = version == LATEST or _VERSION.fullmatch(version)
    if not path or not known or (at and text[-1] == "@"):
        raise NoModulePathError(text)
    if fault := fault_of_path(path):
        raise BadModulePathError(path, fault)
    if command == "build" and version == LATEST:
        raise NoBuildVersionError(path)
    return Wanted(Question(command, path, version), private, _patterns(settings), _folder(settings.workspace))


def _patterns(settings: Settings) -> dict[str, str]:
    tables = {name: settings.table(f"profile.{name}") for name in PROFILES}
    return {
        f"[profile.{name}] private": ",".join(table["private"])
        for name, table in tables.items()
        if table.get("private")
    }


def _folder(workspace: str) -> Path:
    """Give the folder of a workspace. Raises NoWorkspaceError."""
    named = Path(workspace or ".")
    folder = named.parent if named.is_file() else named
    if not folder.is_dir():
        raise NoWorkspaceError(str(folder))
    return folder


def explain_here(wanted: Wanted, go: str | None) -> Explained:
    """Explain with the settings of this machine, in the workspace. Raises NoGoSettingsError."""
    found = shutil.which(go or "go") or (None if go else bundled_go())
    if found is None:
        raise NoGoSettingsError(HERE, "there is no go on PATH")
    said = ask_go(Path(found), wanted.workspace, GO_NAMES)
    if said.complaint:
        raise NoGoSettingsError(HERE, said.complaint)
    answer = GoAnswer(0, said.values, "", said.values.get("GOENV", "off"), said.user, said.root)
    context = Context(HERE, {name: value for name, value in os.environ.items() if value}, str(found), answer=answer)
    return _explained(wanted, context, netrc.machines())


def explain_there(network: Network, name: str, wanted: Wanted, progress: Progress, context: str | None) -> Explained:
    """Explain with the settings of a login on a host, in one round trip. Raises NoGoSettingsError, NoContextError."""
    progress.step(name, "connect")
    with network.reach(name) as host:
        progress.step(name, "start its shells")
        seen, machines = ask(host, contexts(), netrc_machines())
    chosen = _chosen(name, seen, context)
    return _explained(wanted, chosen, machines, _dissent(chosen, seen))


def _chosen(name: str, seen: Contexts, wanted: str | None) -> Context:
    """Take the context that was asked for, else what servers of editors have, else any that has a go."""
    able = {one.name: one for one in seen.contexts if one.answer and not one.answer.exit_code}
    if wanted is not None and wanted not in able:
        raise NoContextError(name, wanted, ", ".join(able) or "none has one")
    if not able:
        raise NoGoSettingsError(name, "no shell of the login finds a go that answers")
    return able[wanted or (BOTH if BOTH in able else next(iter(able)))]


def _dissent(chosen: Context, seen: Contexts) -> tuple[str, ...]:
    def told(one: Context) -> list[tuple[str, str]]:
        return [(setting.name, setting.value) for setting in _settings(one)]

    others = (one for one in seen.contexts if one.answer and not one.answer.exit_code and one is not chosen)
    return tuple(one.name for one in others if told(one) != told(chosen))


def _settings(context: Context) -> tuple[Setting, ...]:
    """Give the settings that count, without secrets: what follows from them has none either."""
    return tuple(
        replace(
            one,
            value=told_value(one.name, one.value),
            masks=None if one.masks is None else told_value(one.name, one.masks),
        )
        for one in settings(context)
        if one.name in COUNTS
    )


def _explained(wanted: Wanted, context: Context, machines: frozenset[str], dissent: tuple[str, ...] = ()) -> Explained:
    found = _settings(context)
    values = {one.name: one.value for one in found}
    version = context.answer.values.get("GOVERSION", "") if context.answer else ""
    rules = read_rules(
        values,
        version=parse_go_version(version) if version else None,
        summed=_summed(wanted.workspace),
        vendored=_is_vendored(wanted.workspace),
    )
    variables = {
        name: redacted_value(name, context.variables[name]) for name in PROXY_NAMES if context.variables.get(name)
    }
    patterns = {"GOPRIVATE": values.get("GOPRIVATE", ""), **wanted.patterns}
    around = Around(values, variables, machines, patterns, wanted.private)
    return Explained(context.name, version, found, variables, explain(wanted.question, rules, around), dissent)


def _summed(workspace: Path) -> frozenset[tuple[str, str, str]]:
    """Read which files of which modules go.sum has lines for."""
    rows = (line.split() for line in _text(workspace / "go.sum").splitlines())
    return frozenset(
        (row[0], row[1].removesuffix("/go.mod"), "mod" if row[1].endswith("/go.mod") else "zip")
        for row in rows
        if len(row) == 3
    )


def _is_vendored(workspace: Path) -> bool:
    said = re.search(r"^go (\d+)\.(\d+)", _text(workspace / "go.mod"), re.MULTILINE)
    new = said is not None and (int(said[1]), int(said[2])) >= _OLD
    return new and (workspace / "vendor" / "modules.txt").is_file()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
