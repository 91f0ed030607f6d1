"""A profile for a workspace and all its hosts: first a look at every place, then each is turned by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from remotego.core.errors import RemotegoError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Network
from remotego.ops.fleet import Outcome, each
from remotego.ops.profile.aim import Aim, aim_at
from remotego.ops.profile.host import Plan, look_there, plan_there
from remotego.ops.profile.record import profile_in_force
from remotego.ops.profile.workspace import Desk, carry_out_here, is_meant, plan_here


@dataclass(frozen=True, slots=True)
class Whole:
    """What is planned: for the workspace (None where there is none), and for each host, or why it cannot be.

    ``failure`` is why the workspace cannot be looked at.
    """

    desk: Desk | None
    hosts: Mapping[str, Outcome[Plan]]
    failure: RemotegoError | None = None

    @property
    def is_due(self) -> bool:
        """Whether anything has to be done anywhere."""
        plans = [one.result for one in self.hosts.values() if one.result]
        return any(plan.is_due for plan in plans) or (self.desk is not None and self.desk.is_due)

    def plan(self, host: str) -> Plan:
        """Give the plan for a host. Raises why there is none."""
        outcome = self.hosts[host]
        if outcome.error is not None:
            raise outcome.error
        assert outcome.result is not None
        return outcome.result


def plan_all(network: Network, aim: Aim, settings: Settings, progress: Progress) -> Whole:
    """Look at a workspace and its hosts, and plan ``aim`` for all of them.

    Raises what ``plan_here`` raises; what a host raises is its outcome.
    """
    desk = plan_here(aim, settings) if _has_desk(settings) else None
    return Whole(desk, _on_hosts(network, lambda _: aim, settings, progress))


def compare_all(network: Network, name: str | None, settings: Settings, progress: Progress) -> Whole:
    """Compare a workspace and its hosts with a profile; without a ``name`` each place with the one in force there.

    A workspace that cannot be looked at is no reason to leave out the hosts. Raises NoProfileError for the ``name``.
    """

    def aim(found: str | None) -> Aim:
        return aim_at(name or found or "none", settings)

    if name is not None:
        aim_at(name, settings)
    desk, failure = None, None
    if _has_desk(settings):
        try:
            desk = plan_here(aim(profile_in_force(settings)), settings)
        except RemotegoError as error:
            failure = error
    return Whole(desk, _on_hosts(network, aim, settings, progress), failure)


def turn_here(desk: Desk) -> RemotegoError | None:
    """Do the workspace's part; what keeps it from being done is no reason to leave out the hosts."""
    try:
        carry_out_here(desk)
    except RemotegoError as error:
        return error
    return None


def _has_desk(settings: Settings) -> bool:
    return not settings.hosts or is_meant(settings)


def _on_hosts(
    network: Network, aim: Callable[[str | None], Aim], settings: Settings, progress: Progress
) -> dict[str, Outcome[Plan]]:
    def work(name: str) -> Plan:
        place = look_there(network, name, settings.of(name), progress)
        return plan_there(name, aim(place.profile), place)

    outcomes = each(settings.hosts, work, parallel=settings.parallel) if settings.hosts else []
    return {one.host: one for one in outcomes}
