"""Ps: the Go processes of a host, by the agent where it may run there, else by plain sh."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.change import Change
from remotego.core.errors import HostError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network, Transport
from remotego.delve.platforms import UnsupportedMachineError
from remotego.host.agent import Absent, Unusable
from remotego.host.inventory import Inventory, take_inventory
from remotego.host.processes import processes
from remotego.host.selection import select
from remotego.host.survey import Survey
from remotego.ops.agent import bring, excuse, list_by, look, plan_agent
from remotego.ops.debuggee import wanted
from remotego.ops.engine import ask


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

    ``everything`` adds processes whose program this login may not read. A process named in the settings is
    the only one listed. A host that does not take the agent is listed by plain sh, which sees less. Raises
    NoToolchainError and its kin when the agent cannot be built here, NoProcessError, AmbiguousProcessError.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        have, found = look(host, settings, everything=everything)
        match found:
            case Inventory():
                listing: Listing | Planned = Listing(found)
            case Unusable(code, said):
                listing = _plain(host, have, excuse(code, said), everything=everything)
            case Absent():
                listing = _bring(host, have, settings, progress, everything=everything, dry=dry)
    return _narrow(listing, settings, name) if isinstance(listing, Listing) else listing


def _narrow(listing: Listing, settings: Settings, host: str) -> Listing:
    """Leave only the process that is named, if one is."""
    if not settings.names_process:
        return listing
    one = select(listing.inventory, wanted(settings), host=host)
    return Listing(Inventory((one,), listing.inventory.yama), listing.changes, listing.obstacle)


def _bring(
    host: Transport, have: Survey, settings: Settings, progress: Progress, *, everything: bool, dry: bool
) -> Listing | Planned:
    """List with an agent that has to be pushed first."""
    try:
        if dry:
            return Planned(plan_agent(host, have, settings, progress).changes)
        agent = bring(host, have, settings, progress)
        _, found = list_by(host, agent, settings, everything=everything)
        return Listing(found, agent.changes)
    except (HostError, UnsupportedMachineError) as error:
        return _plain(host, have, f"{error}; {error.advice}", everything=everything)


def _plain(host: Transport, have: Survey, obstacle: str, *, everything: bool) -> Listing:
    """List by plain sh."""
    found = take_inventory(ask(host, processes()), uid=have.uid, everything=everything)
    return Listing(found, obstacle=obstacle)
