"""Bridge: the agent on a jump host that forbids forwarding, as the way to what lies behind it."""

from __future__ import annotations

from dataclasses import dataclass

from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Script, Transport
from remotego.delve.platforms import parse_machine
from remotego.host.relay import relay_tcp
from remotego.host.survey import survey
from remotego.ops.agent import plan_agent
from remotego.ops.building import Workshop
from remotego.ops.engine import apply, ask


@dataclass(frozen=True, slots=True)
class Bridge:
    """Makes bridges of jump hosts, with ``settings`` as for any host. ``dry``: only where the agent is already."""

    settings: Settings
    progress: Progress
    dry: bool

    def __call__(self, jump: Transport, hostname: str, port: int) -> Script | None:
        """Have the agent in a jump host's store, journalled, and give the script that leads on from there.

        None in a dry run that would have to push it. Raises what surveying, building and pushing raise.
        """
        settings = self.settings.of(jump.name)
        have = ask(jump, survey(settings.store))
        if self.dry and parse_machine(have.machine) not in Workshop(go=settings.go).cached_agents():
            return None
        agent = plan_agent(jump, have, settings, self.progress)
        if self.dry and agent.changes:
            return None
        apply(jump, agent.changes, have, self.progress)
        return relay_tcp(agent.path, hostname, port)
