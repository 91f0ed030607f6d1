"""Preparing: the process that is meant, whether it can be debugged, and all that a session needs, on its host."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from remotego.core.change import Change
from remotego.core.errors import RefusedError
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.transport import Script, Transport
from remotego.delve.aim import Aim
from remotego.delve.session import check_room
from remotego.golang.version import GoVersion
from remotego.host.inventory import Inventory, Running, take_inventory
from remotego.host.processes import processes
from remotego.host.ptrace_plan import BecomeUser, PtracePlan
from remotego.host.rootwork import RootWork
from remotego.host.selection import select
from remotego.host.store import plan_home
from remotego.host.survey import Survey
from remotego.ops.agent import Agent, bring, list_by, look, plan_agent
from remotego.ops.attended import Attended
from remotego.ops.consent import Consent, Nobody
from remotego.ops.debuggee import go_version, wanted
from remotego.ops.deploy import Deployed, deploy_for
from remotego.ops.engine import apply, ask
from remotego.ops.remote_file import UnreadableFileError
from remotego.ops.rights import Rights, attend_by, become, choose_for, obtain, persist, work_for


@dataclass(eq=False)
class OldDelveError(RefusedError):
    """The Delve that fits this process cannot listen on a unix socket."""

    release: str
    what = "Delve {release}, the one for this process, cannot listen on a private unix socket (since 1.22.1)"
    remedy = "rebuild the program with Go 1.19 or later"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run would have done. ``aim`` is None where only an agent, or time, can tell the process."""

    host: str
    aim: Aim | None
    port: int
    deployed: Deployed | None
    changes: tuple[Change, ...]
    rights: PtracePlan | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user says to rights: who is asked back, and whether a lowered level shall stay (``persist``)."""

    consent: Consent = field(default_factory=Nobody)
    persist: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a session needs is there; where it is another ``user``'s, ``host`` is the way in as that one.

    ``work`` is what root will do for it.
    """

    aim: Aim
    have: Survey
    yama: int | None
    agent: Agent
    deployed: Deployed
    rights: Rights | None = None
    work: RootWork | None = None
    user: str | None = None
    host: Transport | None = None

    def path_of(self, name: str) -> str:
        """Where the session finds "dlv" or "agent": root's copy where there is one."""
        paths = {"dlv": self.deployed.dlv.path or "", "agent": self.agent.path}
        return self.work.path_of(name) if self.work else paths[name]

    def attend(self, host: Transport, script: Script) -> Attended:
        """Put root's part around the session's script."""
        return attend_by(host, script, self.work, self.have, self.rights.secret if self.rights else None)


def prepare(
    host: Transport, settings: Settings, progress: Progress, wish: Wish, port: int, *, dry: bool
) -> Prepared | Planned:
    """Choose the process and how dlv gets the right to attach to it, refuse what cannot work, and have agent, dlv and
    our directories there. What needs root is approved before anything is put on the host.
    """
    named, rights = wanted(settings), None
    have, listed = look(host, settings, everything=True)
    check_room(have.root)
    if isinstance(listed, Inventory):
        agent = plan_agent(host, have, settings, progress)
    else:
        process, plan = _foresee(host, have, settings, wish)
        if dry:
            return Planned(host.name, process, port, None, plan_agent(host, have, settings, progress).changes, plan)
        rights = obtain(host, plan, wish.consent) if plan else None
        agent = bring(host, have, settings, progress)
        have, listed = list_by(host, agent, settings, everything=True)
    process = select(listed, named, host=host.name)
    plan = rights.plan if rights else choose_for(host, process, settings, persist=wish.persist)
    if rights is None and not dry:
        rights = obtain(host, plan, wish.consent)
    if plan.user is not None and not dry:
        return _prepare_as(host, plan.user, have, process, settings, progress, port)
    deployed = deploy_for(host, have, _go_version(host, process, plan), settings, progress, dry=dry)
    if not deployed.dlv.release.listens_on_unix:
        raise OldDelveError(deployed.dlv.release.version)
    if rights is None or deployed.dlv.path is None or deployed.dlv.artifact is None:
        return Planned(host.name, process, port, deployed, deployed.changes, plan)
    if not deployed.changes:
        apply(host, plan_home(have), have, progress)
    persist(host, rights, have, progress)
    programs = {"dlv": (deployed.dlv.path, deployed.dlv.artifact), "agent": (agent.path, agent.artifact)}
    return Prepared(process, have, listed.yama, agent, deployed, rights, work_for(rights, have, programs))


def _prepare_as(
    host: Transport, step: BecomeUser, have: Survey, process: Running, settings: Settings, progress: Progress, port: int
) -> Prepared | Planned:
    """Do the same as the user of the process, in that user's own store."""
    other, store = become(host, step, have, settings.store, progress)
    chosen = replace(settings, store=store, ptrace="none", pid=process.pid, process=None, port=None, unit=None)
    ready = prepare(other, chosen, progress, Wish(), port, dry=False)
    return (
        ready
        if isinstance(ready, Planned)
        else replace(ready, user=step.user, host=other, rights=Rights(PtracePlan("as-user", (step,))))
    )


def _foresee(host: Transport, have: Survey, settings: Settings, wish: Wish) -> tuple[Running | None, PtracePlan | None]:
    """Refuse by what plain sh sees before anything is put on the host; None where only the agent can tell."""
    named = wanted(settings)
    if named.needs_agent:
        return None, None
    by_sh = take_inventory(ask(host, processes()), uid=have.uid, everything=True)
    process = select(by_sh, named, host=host.name)
    return process, choose_for(host, process, settings, persist=wish.persist)


def _go_version(host: Transport, process: Running, plan: PtracePlan) -> GoVersion | None:
    """Which Go has built it; None where only dlv will be able to read its program."""
    try:
        return go_version(host, process)
    except UnreadableFileError:
        if plan.steps:
            return None
        raise
