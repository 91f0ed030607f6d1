"""Contexts: what a login's variables are in each of the ways its programs are started."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files

from remotego.core.fact import Fact
from remotego.host.blocks import Block, Lines, read_blocks
from remotego.host.startup import TRACE, Cause, Files, Row, Told, read_files

COMMAND, LOGIN, INTERACTIVE, BOTH = "ssh command", "login", "interactive", "login-interactive"
UNITS = "systemd user"
NAMES = (COMMAND, LOGIN, INTERACTIVE, BOTH, UNITS)

GO_NAMES = (
    *("GOROOT", "GOPATH", "GOPROXY", "GOTOOLCHAIN", "GOFLAGS", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB"),
    *("GOINSECURE", "GOMODCACHE", "GOBIN", "GOENV", "GOAUTH", "GOVCS"),
)
PROXY_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
WATCHED = (*GO_NAMES, "PATH", *PROXY_NAMES)
"""The variables that are looked at: what Go reads, where it is found, and the way out."""

LIMIT_S = 10
"""How long a shell may take to start: VS Code's server waits as long (shellEnv.ts)."""

UNIT_LIMIT_S = 5
"""How long systemd's user manager may take to answer."""

TRACED = ("bash",)
"""Shells whose trace has all of their start. zsh's goes where a file sends its errors, and root's bash has none."""

EDITORS: Mapping[str, str] = {
    ".vscode-server-insiders": "VS Code Insiders",
    ".vscode-server-oss": "Code OSS",
    ".vscode-server": "VS Code",
    ".vscodium-server": "VSCodium",
    ".cursor-server": "Cursor",
    ".windsurf-server": "Windsurf",
    ".trae-server": "Trae",
    ".positron-server": "Positron",
    ".openvscode-server": "OpenVSCode Server",
    "openvscode-server": "OpenVSCode Server",
    "code-server": "code-server",
}
"""Editors by a piece of the command lines of their remote sides; a piece stands before one that it contains."""


@dataclass(frozen=True, slots=True)
class GoAnswer:
    """What ``go env -json`` of a context said, off the network and away from any module.

    ``values`` are what it said, ``complaint`` why it did not. ``file`` is the go env file that counts there ("off" for
    none); ``user`` its lines, ``root`` those of GOROOT/go.env.
    """

    exit_code: int
    values: Mapping[str, str]
    complaint: str
    file: str
    user: Lines
    root: Lines


@dataclass(frozen=True, slots=True)
class Context:
    """One way to start programs: its watched ``variables`` (those that are set) and the ``go`` that its PATH leads to.

    ``causes`` are by variable, ``entries`` by directory of PATH. ``error`` says why a context cannot be told, or not
    wholly; ``note`` how it was come by where that is not plain. Secrets in values are blotted out on the target.
    """

    name: str
    variables: Mapping[str, str]
    go: str | None
    causes: Mapping[str, Cause] = field(default_factory=dict)
    error: str | None = None
    entries: Mapping[str, Cause] = field(default_factory=dict)
    note: str | None = None
    answer: GoAnswer | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that keeps the environment it was started with. ``what`` it is: an editor's server, gopls."""

    pid: int
    what: str
    variables: Mapping[str, str]
    go: str | None = None


@dataclass(frozen=True, slots=True)
class Contexts:
    """All of a login's contexts, in the order of NAMES, and the processes that hold older ones."""

    user: str
    home: str
    shell: str
    contexts: tuple[Context, ...]
    holders: tuple[Holder, ...]

    def named(self, name: str) -> Context:
        """Give a context by its name. Raises KeyError."""
        return {one.name: one for one in self.contexts}[name]


def contexts(*, other: bool = False) -> Fact[Contexts]:
    """Ask for Contexts. ``other``: the script runs by sudo, as somebody who has not logged in.

    A shell that hangs or breaks is an ``error`` of its context. The go commands that are found run offline.
    """
    words = {
        "names": " ".join(WATCHED),
        "limit_s": str(LIMIT_S),
        "unit_limit_s": str(UNIT_LIMIT_S),
        "other": "1" if other else "",
        "servers": "|".join(f"[{piece[0]}]{piece[1:]}" for piece in EDITORS),
    }
    scripts = [
        files(__package__).joinpath(f"{name}.sh").read_text(encoding="utf-8") for name in ("startup", "contexts")
    ]
    lines = [f"{name}={shlex.quote(value)}" for name, value in words.items()]
    return Fact("contexts", "\n".join([*lines, *scripts]), lambda text: _parse(text, other=other))


def _parse(text: str, *, other: bool) -> Contexts:
    blocks = list(read_blocks(text))
    by_name = {block.name: block for block in blocks}
    if missing := {"account", "files", "end", *NAMES} - by_name.keys():
        raise ValueError(f"it does not tell {', '.join(sorted(missing))}")
    account = by_name["account"].keys()
    if missing := {"user", "home", "shell"} - account.keys():
        raise ValueError(f"it does not tell {', '.join(sorted(missing))}")
    read = read_files(by_name["files"].rows)
    if {"early", "late"} <= account.keys():
        read = replace(read, zdotdirs=(account["early"], account["late"]))
    made: dict[str, Context] = {}
    for name in NAMES:
        made[name] = _context(by_name[name], read, _Login(account, other, made.get(COMMAND)))
    holders = (found for block in blocks if block.name == "holder" and (found := _holder(block)))
    return Contexts(account["user"], account["home"], account["shell"], tuple(made.values()), tuple(holders))


@dataclass(frozen=True, slots=True)
class _Login:
    """Whose contexts they are; ``command`` is the first of them once it is known."""

    account: Mapping[str, str]
    other: bool
    command: Context | None

    @property
    def shell(self) -> str:
        return self.account["shell"].rpartition("/")[2]


def _context(block: Block, read: Files, login: _Login) -> Context:
    variables = {name: value for name, value in block.assigned("v").items() if name in WATCHED and value}
    if block.name == UNITS:
        variables = {name: _posix(value) for name, value in variables.items()}
    told = _told(block, read, login)
    inherited = login.command if block.name == BOTH else None
    entries = [one for one in variables.get("PATH", "").split(":") if one]
    return Context(
        block.name,
        variables,
        block.first("go"),
        {name: cause for name in WATCHED if (cause := _cause(name, variables, told, inherited))},
        _error(block, told),
        {one: cause for one in entries if (cause := _entry(one, told, inherited))},
        _note(block.name, login),
        _answer(block),
    )


def _told(block: Block, read: Files, login: _Login) -> Told:
    home, is_shell = login.account["home"], block.name != UNITS
    trace = tuple(row for cells in block.rows.get("t", ()) if (row := Row.of(cells)))
    order = read.order(login.shell, block.name, home) if is_shell else ()
    traced = login.shell in TRACED and login.account.get("uid") != "0"
    return Told(trace, order, read.system(block.name), traced, home)


def _cause(name: str, variables: Mapping[str, str], told: Told, inherited: Context | None) -> Cause | None:
    """Find the cause of a variable's value, or of its being away; maybe it has come with the context below."""
    value = variables.get(name)
    if value is None:
        return told.unset(name)
    below = inherited.causes.get(name) if inherited and inherited.variables.get(name) == value else None
    own = told.cause(name, value)
    return below if below and (own is None or own.way != TRACE) else own


def _entry(directory: str, told: Told, inherited: Context | None) -> Cause | None:
    below = inherited.entries.get(directory) if inherited else None
    return below or told.entry(directory)


def _posix(value: str) -> str:
    """Take off the quotes that systemctl puts round an odd value (systemctl(1), show-environment)."""
    if not (value.startswith("$'") and value.endswith("'")):
        return value
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), value[2:-1])


def _error(block: Block, told: Told) -> str | None:
    said, code, seconds = block.first("n"), *_ended(block)
    limit_s = UNIT_LIMIT_S if block.name == UNITS else LIMIT_S
    if code == "137" and (seconds is None or seconds >= limit_s - 1):
        return f"it had not started after {limit_s} s and was ended"
    if code == "137":
        return f"it was killed (SIGKILL) after {seconds} s"
    if block.name != COMMAND and "v" not in block.rows and (said is None or code == "0") and (line := told.left()):
        return f"not known: its start-up ends in another program (exec, {line})"
    if said is not None:
        return said if code in (None, "0") else f"{said} (exit code {code})"
    return None if block.name == COMMAND or "v" in block.rows else f"it told no environment (exit code {code})"


def _ended(block: Block) -> tuple[str | None, int | None]:
    """Give how a shell ended and after how many seconds, as far as that was told."""
    row = next(iter(block.rows.get("x", ())), ())
    return row[0] if row else None, int(row[1]) if len(row) > 1 and row[1].isdecimal() else None


def _note(name: str, login: _Login) -> str | None:
    if name == COMMAND and login.other:
        return "as sshd would start it: this login came by sudo"
    return None


def _answer(block: Block) -> GoAnswer | None:
    if (file := block.first("e")) is None:
        return None
    return GoAnswer(
        int(block.first("c") or 1),
        block.told("j"),
        " ".join(row[0] for row in block.rows.get("y", ())),
        file,
        block.numbered("f"),
        block.numbered("r"),
    )


def _holder(block: Block) -> Holder | None:
    keys = block.keys()
    if not keys.get("pid", "").isdecimal():
        return None
    editor = EDITORS.get(keys.get("place", ""))
    what = keys.get("what", "")
    variables = {name: value for name, value in block.assigned("v").items() if name in WATCHED and value}
    return Holder(int(keys["pid"]), f"{editor} {what}" if editor else what, variables, block.first("go"))
