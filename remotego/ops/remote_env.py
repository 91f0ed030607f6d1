"""Remote environment: go in the PATH of a host's windows, terminals and commands, and in its editors' settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remotego.adapters.files import schema
from remotego.core.change import Change
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.host.homeedit import Held, HomeEdit, change_of, splice
from remotego.host.homefiles import MACHINE, SERVERS, Go, Home, UnfitHomeFileError, home_files
from remotego.host.shellenv import ShellPlan, plan_shellenv
from remotego.host.store import plan_home
from remotego.host.survey import survey
from remotego.ops.differences import differences
from remotego.ops.engine import apply, ask
from remotego.ops.remote_go import choose, directories_of
from remotego.vscode.settings import TOOLS, held, plan_settings

DEFAULT_SERVER = SERVERS[0]


@dataclass(frozen=True, slots=True)
class RemoteEnv:
    """What a host's login gets: which ``go``, the ``directories`` for PATH, the edits and changes, and whom they reach.

    ``edits`` is empty when nothing had to be done.
    """

    go: Go
    home: Home
    directories: tuple[str, ...]
    tools: dict[str, str]
    edits: tuple[HomeEdit, ...]
    changes: tuple[Change, ...]
    shells: ShellPlan

    def diff(self) -> tuple[str, ...]:
        """Give the lines of a unified diff of all files."""
        return differences(self.home, self.edits)


def gen_remote_env(network: Network, name: str, settings: Settings, progress: Progress, *, dry: bool) -> RemoteEnv:
    """Have go where a Remote-SSH window and an ssh command find it: one question, and one answer if need be."""
    progress.step(name, "connect")
    with network.reach(name) as host:
        progress.step(name, "ask its login shell for go")
        have, home = ask(host, survey(settings.store), home_files(settings.remote_go, settings.store))
        go = choose(home, settings.remote_go, host=name)
        tools = {"go": go.path, **home.tools}
        directories = directories_of(go, home)
        shells = plan_shellenv(home, directories)
        settings_edits = machine_settings(home, tools)
        edits = (*shells.edits, *settings_edits)
        changes: tuple[Change, ...] = (
            *(change_of(edit, home) for edit in shells.edits),
            *(change_of(edit, home, tools=tools_told(edit, tools)) for edit in settings_edits),
        )
        if changes:
            changes = (*plan_home(have), *changes)
        if not dry:
            apply(host, changes, have, progress)
    return RemoteEnv(go, home, directories, tools, edits, changes, shells)


def tools_told(edit: HomeEdit, tools: dict[str, str]) -> Held:
    """Say which tools an edit sets, and what stood there before."""
    text = (edit.before or b"").decode()
    before = {name: held(text, (TOOLS, name), file=edit.name) for name in tools}
    return tuple((name, path, before[name]) for name, path in tools.items() if before[name] != path)


def machine_settings(home: Home, tools: dict[str, str]) -> Sequence[HomeEdit]:
    """Have the tools in the settings of every editor's server; of VS Code's where there is none yet."""
    servers = [server for server in SERVERS if server in home.dirs] or [DEFAULT_SERVER]
    return [edit for server in servers for edit in _settings_edit(home, f"{server}/{MACHINE}", tools)]


def _settings_edit(home: Home, name: str, tools: dict[str, str]) -> list[HomeEdit]:
    before, path = home.read(name), f"{home.path}/{name}"
    try:
        text = None if before is None else before.decode()
    except UnicodeDecodeError as error:
        raise UnfitHomeFileError(path, f"it is not UTF-8 (byte {error.start})") from error
    after = plan_settings(text, {TOOLS: tools}, schema("settings"), file=path)
    return [] if after == text else [splice(name, before, after.encode())]
