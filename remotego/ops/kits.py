"""Kits: the files each editor needs for the same configurations."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remotego.adapters.files import schema
from remotego.adapters.forward import is_free
from remotego.core.settings import Settings
from remotego.delve.substitution import Rule
from remotego.ops.drafts import Draft, original
from remotego.vscode import launch, neovim, settings, tasks, zed
from remotego.vscode.compound import compound, group_task, plan_compound
from remotego.vscode.entries import entries
from remotego.vscode.inputs import plan_inputs
from remotego.vscode.jsonc import parse_jsonc
from remotego.vscode.launch import configuration, own_tasks, plan_launch
from remotego.vscode.ports import SharedPortError, choose, preferred, used_ports
from remotego.vscode.tasks import debug_label, debug_task, plan_tasks, release_label, release_task


@dataclass(frozen=True, slots=True)
class Entry:
    """A configuration: its ``rules``, and how many source files have no place here.

    ``flags`` are those of `debug` and `release` besides the port.
    """

    host: str
    name: str
    port: int
    rules: tuple[Rule, ...]
    unmapped: tuple[str, ...]
    debug: tuple[str, ...]
    release: tuple[str, ...]

    @property
    def port_flag(self) -> tuple[str, ...]:
        """What both verbs are given besides."""
        return ("--local-port", str(self.port))


@dataclass(frozen=True, slots=True)
class Kit:
    """What shall be in an editor's files. ``together`` is the name of a compound, ``dlv`` the path of one that is to
    be named in settings; "" for none.
    """

    program: tuple[str, ...]
    entries: tuple[Entry, ...]
    tasks: bool
    together: str = ""
    inputs: tuple[Mapping[str, Any], ...] = ()
    dlv: str = ""

    def command(self, entry: Entry) -> str:
        """What a user types where no task does it."""
        return shlex.join(["remotego", "debug", *entry.debug, *entry.port_flag])


Plan = Callable[[Kit, Path], tuple[Draft, ...]]

TOOLS = "go.alternateTools"


def plan_vscode(kit: Kit, root: Path) -> tuple[Draft, ...]:
    """Plan launch.json and tasks.json; the former comes last, as it names the tasks of the latter."""
    before = original(root, launch.FILE)
    known = entries(before.text, "configurations", file=launch.FILE)
    text = before.text
    for entry in kit.entries:
        labels = (debug_label(entry.name), release_label(entry.name)) if kit.tasks else None
        config = configuration(entry.name, entry.port, entry.rules, workspace=str(root), tasks=labels)
        text = plan_launch(text, config | kept_tasks(known, entry.name), schema("launch"))
    if kit.together:
        both = compound(kit.together, [entry.name for entry in kit.entries], tasks=kit.tasks)
        text = plan_compound(text or "", both, schema("launch"))
    drafts = (*plan_dlv(kit.dlv, root), Draft(before, text or ""))
    return (*_plan_tasks(kit, root), *drafts) if kit.tasks else drafts


def plan_dlv(path: str, root: Path) -> tuple[Draft, ...]:
    """Name the developer's own dlv in settings.json, unless the user names another one there; "" is none."""
    if not path:
        return ()
    before = original(root, settings.FILE)
    if named_dlv(root) not in (None, path):
        return ()
    wanted = {TOOLS: {"dlv": path}}
    return (Draft(before, settings.plan_settings(before.text, wanted, schema("settings"))),)


def named_dlv(root: Path) -> Any:
    """What the user's settings.json gives as dlv, whatever it is; None for nothing."""
    known = parse_jsonc(original(root, settings.FILE).text or "", file=settings.FILE).root.value
    tools = known.get(TOOLS) if isinstance(known, dict) else None
    return tools.get("dlv") if isinstance(tools, dict) else tools


def kept_tasks(known: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Tasks that the user has put into our entry of this name stay."""
    return next((own_tasks(one) for one in known if one.get("name") == name), {})


def _plan_tasks(kit: Kit, root: Path) -> tuple[Draft, ...]:
    before = original(root, tasks.FILE)
    wanted = [
        task
        for entry in kit.entries
        for task in (
            debug_task(entry.name, kit.program, [*entry.debug, *entry.port_flag]),
            release_task(entry.name, kit.program, [*entry.release, *entry.port_flag]),
        )
    ]
    if kit.together:
        wanted.append(group_task(kit.together, [entry.name for entry in kit.entries]))
    text = plan_tasks(before.text, wanted, schema("tasks"))
    return (Draft(before, plan_inputs(text, kit.inputs, file=tasks.FILE)),)


def plan_zed(kit: Kit, root: Path) -> tuple[Draft, ...]:
    """Plan .zed/debug.json."""
    before = original(root, zed.FILE)
    text = before.text
    for entry in kit.entries:
        wanted = zed.scenario(entry.name, entry.port, entry.rules, workspace=str(root))
        text = zed.plan_zed(text, wanted, schema("zed"))
    return (Draft(before, text or ""),)


def plan_neovim(kit: Kit, root: Path) -> tuple[Draft, ...]:
    """Plan the snippet for nvim-dap."""
    before = original(root, neovim.FILE)
    text = before.text
    for entry in kit.entries:
        text = neovim.plan_neovim(
            text, entry.name, neovim.block(entry.name, entry.port, entry.rules, kit.command(entry))
        )
    return (Draft(before, text or ""),)


EDITORS: Mapping[str, Plan] = {
    "vscode": plan_vscode,
    "cursor": plan_vscode,
    "vscodium": plan_vscode,
    "zed": plan_zed,
    "neovim": plan_neovim,
}


def ports(wanted: Mapping[str, Settings], root: Path) -> dict[str, int]:
    """Give each name its port: the one that a flag sets, else one that no other entry of launch.json has.

    That is the one of the settings, the one the entry has, or a free one that only its name decides. Of several names
    under one flag the first gets its port. Raises SharedPortError, NoFreePortError.
    """
    known = entries(original(root, launch.FILE).text, "configurations", file=launch.FILE)
    had, others = used_ports(known), used_ports(known, but=wanted)
    found: dict[str, int] = {}
    for name, own in wanted.items():
        if own.origin("local_port").startswith("--"):
            _check_unshared(own.local_port, others)
        found[name] = _port(name, own, had.get(name), {*others.values(), *found.values()})
    return found


def _check_unshared(port: int, others: Mapping[str, int]) -> None:
    entry = next((name for name, other in others.items() if other == port), None)
    if entry is not None:
        raise SharedPortError(port, entry)


def _port(name: str, own: Settings, had: int | None, taken: Container[int]) -> int:
    is_set = own.origin("local_port") != "default"
    for first in ([own.local_port] if is_set else []) + ([had] if had is not None else []):
        if first not in taken:
            return first
    return choose(own.local_port if is_set else preferred(name), taken, is_free)
