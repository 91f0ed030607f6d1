"""Ps: the Go processes of a host, by the agent where it may run there, else by plain sh."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.artifact import Artifact
from remotego.core.change import Change
from remotego.core.errors import HostError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.delve.platforms import MACHINES, UnsupportedMachineError, parse_machine
from remotego.host.agent import Absent, Unusable, inventory
from remotego.host.inventory import Inventory, take_inventory
from remotego.host.processes import processes
from remotego.host.store import plan_push, plan_sweep
from remotego.host.survey import Survey, survey
from remotego.ops.building import Workshop
from remotego.ops.engine import apply, ask

PROOF = ("version",)
"""What a pushed agent must be able to do before it gets its name."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What runs there and what had to be changed to see it.

    ``obstacle`` says why the agent could not tell, and plain sh did; "" where it could.
    """

    inventory: Inventory
    changes: tuple[Change, ...] = ()
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run would have to change before the agent can be asked."""

    changes: tuple[Change, ...]


def list_processes(
    network: Network, name: str, settings: Settings, progress: Progress, *, everything: bool, dry: bool
) -> Listing | Planned:
    """List a host's Go processes, one round trip when the agent is there; it is pushed when it is missing.

    ``everything`` adds processes whose program this login may not read. A host that does not take
    the agent is listed by plain sh, which sees less. Raises NoToolchainError and its kin when the
    agent cannot be built here.
    """
    progress.step(name, "connect")
    cached = Workshop(go=settings.go).cached_agents()
    known = {machine: cached[goarch] for machine, goarch in MACHINES.items() if goarch in cached}
    with network.reach(name) as host:
        have, found = ask(host, survey(settings.store), inventory(known, settings.store, everything=everything))
        match found:
            case Inventory():
                return Listing(found)
            case Unusable():
                return _plain(host, have, _excuse(found), everything=everything)
            case Absent():
                return _bring(host, have, settings, progress, everything=everything, dry=dry)


def _bring(
    host: Transport, have: Survey, settings: Settings, progress: Progress, *, everything: bool, dry: bool
) -> Listing | Planned:
    """List with an agent that has to be pushed first."""
    try:
        agent = _build(host, have, settings, progress)
        changes = (*plan_push(agent, have, prove=PROOF), *plan_sweep(have))
        if dry:
            return Planned(changes)
        apply(host, changes, have, progress)
    except (HostError, UnsupportedMachineError) as error:
        return _plain(host, have, f"{error}; {error.advice}", everything=everything)
    match ask(host, inventory({have.machine: agent}, settings.store, everything=everything)):
        case Inventory() as found:
            return Listing(found, changes)
        case Unusable() as failed:
            return _plain(host, have, _excuse(failed), everything=everything)
        case Absent():
            return _plain(host, have, "somebody has removed the agent again", everything=everything)


def _build(host: Transport, have: Survey, settings: Settings, progress: Progress) -> Artifact:
    """Give the agent for a host. Raises UnsupportedMachineError."""
    goarch = parse_machine(have.machine)
    return Workshop(go=settings.go).agent(goarch, say=lambda text: progress.step(host.name, text))


def _plain(host: Transport, have: Survey, obstacle: str, *, everything: bool) -> Listing:
    """List by plain sh."""
    found = take_inventory(ask(host, processes()), uid=have.uid, everything=everything)
    return Listing(found, obstacle=obstacle)


def _excuse(found: Unusable) -> str:
    return f"the agent there ends with code {found.exit_code}: {found.said or 'it says nothing'}"
