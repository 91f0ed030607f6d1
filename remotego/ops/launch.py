"""Launch: what an editor needs in a workspace so that F5 alone attaches to a process on a host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.core.workspace import Workspace
from remotego.ops.drafts import Draft, original, write
from remotego.ops.kits import EDITORS, Entry, Kit, kept_tasks, named_dlv, ports
from remotego.ops.local_dlv import Tool, provide
from remotego.ops.sighting import ATTACH, Goal, Sighting, sight, sight_all
from remotego.ops.source_paths import open_workspace
from remotego.vscode import launch
from remotego.vscode.entries import entries
from remotego.vscode.inputs import HOST, PROCESS, pick, variable
from remotego.vscode.launch import entry_name
from remotego.vscode.tasks import debug_label, release_label


@dataclass(frozen=True, slots=True)
class Flags:
    """What the verbs of the tasks are given for a host, besides its name and the port."""

    debug: tuple[str, ...]
    release: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What to write: for ``hosts``, with tasks that run ``program``, whose ``flags`` for a host the caller knows.

    Without ``tasks`` the user starts `debug` by hand. With ``pick`` there is one configuration, and VS Code asks for
    the host, the process, or both, whichever is not settled.
    """

    hosts: tuple[str, ...]
    program: tuple[str, ...]
    flags: Callable[[Settings], Flags]
    goal: Goal | None = None
    editor: str = "vscode"
    tasks: bool = True
    pick: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was planned or written; ``commands`` are what a user has to start where no task does, ``dlv`` the
    one on this machine where the editor needs one.
    """

    entries: tuple[Entry, ...]
    drafts: tuple[Draft, ...]
    warnings: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    dlv: Tool | None = None


def gen_launch(network: Network, order: Order, settings: Settings, progress: Progress, *, dry: bool) -> Made:
    """Compute the source paths of a process on each host, and write what the editor needs, keeping all else.

    Nothing is written before everything is known. Raises what finding and reading a process raises, JsoncError,
    ForeignEntryError, SchemaError, NoFreePortError.
    """
    workspace = open_workspace(settings)
    root = Path(workspace.root)
    found = _look(network, order, settings, workspace, progress, dry=dry)
    kit = _choice(order, found, root) if order.pick else _each(order, found, root)
    tool = provide(settings, progress, named=named_dlv(root), dry=dry) if _has_tasks(order) else None
    kit = replace(kit, dlv=tool.path if isinstance(tool, Tool) and tool.must_be_named else "")
    drafts = EDITORS[order.editor](kit, root)
    several = len(found) > 1
    said = [(one, warning) for one in found for warning in one.warnings]
    warnings = dict.fromkeys(f"{one.host}: {one.label}: {warning}" if several else warning for one, warning in said)
    commands = () if kit.tasks and _has_tasks(order) else tuple(kit.command(entry) for entry in kit.entries)
    more = (*_conflicts(kit), *_stays(kit, root), *_idle(kit, root), *([tool] if isinstance(tool, str) else []))
    made = Made(kit.entries, drafts, (*warnings, *more), commands, tool if isinstance(tool, Tool) else None)
    if not dry:
        write(made.drafts)
    return made


def _has_tasks(order: Order) -> bool:
    return order.editor not in ("zed", "neovim")


def _look(
    network: Network, order: Order, settings: Settings, workspace: Workspace, progress: Progress, *, dry: bool
) -> list[Sighting]:
    found: list[Sighting] = []
    for host in order.hosts:
        own = settings.of(host)
        if order.pick and not own.names_process:
            found += sight_all(network, host, own, workspace, progress, dry=dry)
        else:
            found.append(sight(network, host, own, order.goal, workspace, progress))
    return found


def _each(order: Order, found: Sequence[Sighting], root: Path) -> Kit:
    """One configuration for each host, and one for all where there are several."""
    names = {entry_name(one.label, one.host, one.verb): one for one in found}
    chosen = ports({name: one.settings for name, one in names.items()}, root)
    made = []
    for name, one in names.items():
        flags = order.flags(one.settings)
        where = ("--host", one.host)
        debug, release = (*where, *flags.debug), (*where, *flags.release)
        made.append(Entry(one.host, name, chosen[name], one.paths.rules, one.paths.unmapped, debug, release))
    return Kit(order.program, tuple(made), order.tasks, _together(found) if len(made) > 1 else "")


def _together(found: Sequence[Sighting]) -> str:
    labels, hosts = (dict.fromkeys(words) for words in ([one.label for one in found], [one.host for one in found]))
    return entry_name("+".join(labels), "+".join(hosts), found[0].verb)


def _choice(order: Order, found: Sequence[Sighting], root: Path) -> Kit:
    """One configuration whose task asks what is not settled: its port stays the same whatever is chosen."""
    hosts, labels = (
        list(dict.fromkeys(words)) for words in ([one.host for one in found], [one.label for one in found])
    )
    first = found[0].settings
    asks_host, asks_process = len(hosts) > 1, not first.names_process
    name = entry_name("any process" if asks_process else labels[0], "any host" if asks_host else hosts[0], ATTACH)
    port = ports({name: first}, root)[name]
    flags = order.flags(first)
    host = variable(HOST) if asks_host else hosts[0]
    chosen = ("--process", variable(PROCESS)) if asks_process else ()
    rules = tuple(dict.fromkeys(rule for one in found for rule in one.paths.rules))
    unmapped = tuple(dict.fromkeys(file for one in found for file in one.paths.unmapped))
    debug = ("--host", host, *chosen, *flags.debug)
    entry = Entry(" ".join(hosts), name, port, rules, unmapped, debug, flags.release)
    inputs = [pick(HOST, "Host to debug on", [(one, one) for one in hosts])] if asks_host else []
    if asks_process:
        inputs.append(pick(PROCESS, "Process to debug", _processes(found, labels, several=asks_host)))
    return Kit(order.program, (entry,), order.tasks, inputs=tuple(inputs))


def _processes(found: Sequence[Sighting], labels: Iterable[str], *, several: bool) -> list[tuple[str, str]]:
    """Name each process, and where it runs if there are several hosts."""
    where = {label: ", ".join(one.host for one in found if one.label == label) for label in labels}
    return [(f"{label} ({where[label]})" if several else label, label) for label in sorted(labels)]


def _conflicts(kit: Kit) -> list[str]:
    """Say where one local directory stands for several in the binaries: the first rule wins."""
    twice = [
        rule.local
        for entry in kit.entries
        for rule in entry.rules
        if any(other.local == rule.local and other != rule for other in entry.rules)
    ]
    return [
        f"{path} was built from several directories; breakpoints bind by the first" for path in dict.fromkeys(twice)
    ]


def _stays(kit: Kit, root: Path) -> list[str]:
    """Say which tasks of the user's own keep ours from running by themselves."""
    if not kit.tasks:
        return []
    known = entries(original(root, launch.FILE).text, "configurations", file=launch.FILE)
    return [
        f'{key} "{task}" of "{entry.name}" stays; let it depend on "{label}" (dependsOn) so that F5 alone does it'
        for entry in kit.entries
        for key, task in kept_tasks(known, entry.name).items()
        for label in [debug_label(entry.name) if key == launch.TASKS[0] else release_label(entry.name)]
    ]


def _idle(kit: Kit, root: Path) -> list[str]:
    """Say what is taken out of entries that are ours."""
    known = entries(original(root, launch.FILE).text, "configurations", file=launch.FILE)
    gone = [(one["name"], launch.idle(one)) for one in known if one.get("name") in {own.name for own in kit.entries}]
    return [
        f'taken out of "{name}": {", ".join(keys)}; in a remote attach they do nothing' for name, keys in gone if keys
    ]
