"""The agent on a host: taken from the store there, or built and pushed first, and asked for what runs."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.artifact import Artifact
from remotego.core.change import Change
from remotego.core.errors import HostError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Transport
from remotego.delve.platforms import MACHINES, parse_machine
from remotego.host.agent import Absent, Listed, Unusable, inventory
from remotego.host.inventory import Inventory
from remotego.host.store import path_of, plan_push, plan_sweep
from remotego.host.survey import Survey, survey
from remotego.ops.building import AGENT, Workshop
from remotego.ops.engine import apply, ask

PROOF = ("version",)
"""What a pushed agent must be able to do before it gets its name."""


@dataclass(eq=False)
class AgentUnusableError(HostError):
    """The agent is on the host and does not do its work."""

    host: str
    said: str
    what = "{host}: the agent there cannot be used: {said}"
    remedy = "see what keeps programs of this login from running there; `remotego undo --host {host}` removes it"


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent, or another program of ours, for a host, at ``path`` there; ``changes`` have put it there, or would."""

    artifact: Artifact
    path: str
    changes: tuple[Change, ...] = ()


def look(host: Transport, settings: Settings, *, everything: bool) -> tuple[Survey, Listed]:
    """Ask what a host is like and, where an agent is there already, what runs: one round trip."""
    cached = Workshop(go=settings.go).cached_agents()
    known = {machine: cached[goarch] for machine, goarch in MACHINES.items() if goarch in cached}
    return ask(host, survey(settings.store), inventory(known, settings.store, everything=everything))


def plan_agent(host: Transport, have: Survey, settings: Settings, progress: Progress) -> Agent:
    """Build the agent for a host, or take it from the cache, and plan what has it there.

    Raises UnsupportedMachineError, NoToolchainError and its kin.
    """
    return plan_own(AGENT, host, have, settings, progress)


def plan_own(label: str, host: Transport, have: Survey, settings: Settings, progress: Progress) -> Agent:
    """Plan the same for any program of ours."""
    goarch = parse_machine(have.machine)
    artifact = Workshop(go=settings.go).program(label, goarch, say=lambda text: progress.step(host.name, text))
    push = plan_push(artifact, have, prove=PROOF)
    return Agent(artifact, path_of(artifact, have), (*push, *plan_sweep(have)) if push else ())


def bring(host: Transport, have: Survey, settings: Settings, progress: Progress) -> Agent:
    """Have the agent on a host. Raises what ``plan_agent`` raises, and the HostError that keeps it away."""
    agent = plan_agent(host, have, settings, progress)
    apply(host, agent.changes, have, progress)
    return agent


def list_by(host: Transport, agent: Agent, settings: Settings, *, everything: bool) -> tuple[Survey, Inventory]:
    """List processes by an agent that is there, and look anew what the host is like. Raises AgentUnusableError."""
    machines = dict.fromkeys(MACHINES, agent.artifact)
    have, found = ask(host, survey(settings.store), inventory(machines, settings.store, everything=everything))
    match found:
        case Inventory():
            return have, found
        case Unusable(code, said):
            raise AgentUnusableError(host.name, excuse(code, said))
        case Absent():
            raise AgentUnusableError(host.name, "somebody has removed it again")


def excuse(exit_code: int, said: str) -> str:
    """Say how an agent failed."""
    return f"the agent there ends with code {exit_code}: {said or 'it says nothing'}"
