"""What is done so that dlv may attach, with the least privilege that does; every step with its risk in one line.

Nothing here acts: steps are carried out by ``host.custodian`` for as long as the session lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from remotego.core.errors import RefusedError, UsageError
from remotego.host.obstacles import ObstacleError
from remotego.host.ptrace import PERSISTENT, State
from remotego.host.verdict import NAMES, ORDER, POLICIES, Verdict, judge, needed, room_for


@dataclass(frozen=True, slots=True)
class BecomeUser:
    """Run dlv, and all of us that the session needs, as the user of the process; no right is added to anybody.

    ``home``: that user has a home that can be written, and things are kept there.
    """

    user: str
    uid: int
    home: bool
    risk = "dlv may do what {user} may; its socket is {user}'s alone"


@dataclass(frozen=True, slots=True)
class CapableCopies:
    """Copies of dlv and the agent with capabilities, in a directory of root below ``place`` for our group alone."""

    place: str
    group: str
    gid: int
    capabilities: int
    risk = "while the session lasts, {group} can read and change every process of the host through these copies"

    @property
    def words(self) -> str:
        """The capabilities as setcap(8) reads them."""
        return capability_words(self.capabilities)


@dataclass(frozen=True, slots=True)
class LowerScope:
    """Set kernel.yama.ptrace_scope to 0, and back to ``before`` with the end of the last session that needs it."""

    before: int
    risk = "while the session lasts, every user's processes of the host can be read and changed by that user's others"


@dataclass(frozen=True, slots=True)
class PersistScope:
    """Keep kernel.yama.ptrace_scope at 0, over reboots too, until undo."""

    before: int
    risk = "until undo, every user's processes can be read and changed by that user's others; audits (STIG) report it"


Step = BecomeUser | CapableCopies | LowerScope | PersistScope


@dataclass(frozen=True, slots=True)
class PtracePlan:
    """A policy that works, and its steps; none for ``none``. ``asks_password``: sudo has to be told one first."""

    policy: str
    steps: tuple[Step, ...] = ()
    asks_password: bool = False

    @property
    def needs_root(self) -> bool:
        """Whether root does anything, or dlv runs as root: not without the user's word."""
        return any(not isinstance(step, BecomeUser) or step.uid == 0 for step in self.steps)

    @property
    def grave(self) -> bool:
        """Whether a typed word is wanted, because an administrator has closed what the plan opens for all."""
        return any(isinstance(step, LowerScope | PersistScope) and step.before >= 2 for step in self.steps)

    @property
    def user(self) -> BecomeUser | None:
        """Who runs the session, None for this login."""
        return next((step for step in self.steps if isinstance(step, BecomeUser)), None)


@dataclass(eq=False)
class NoWayError(RefusedError):
    """No policy lets dlv attach, or not the one that was asked for."""

    host: str
    process: str
    policy: str
    because: str
    cure: str
    what = "{host}: {process} cannot be debugged with --ptrace {policy}: {because}"
    remedy = "{cure}"


@dataclass(eq=False)
class ExecOnlyError(UsageError):
    """``exec`` is no way to attach."""

    host: str
    verdict: str
    what = "{host}: --ptrace exec attaches to nothing: it stands for starting the program under dlv; {verdict}"
    remedy = "start it with --exec 'COMMAND', or choose another --ptrace"


def choose(policy: str, state: State, *, host: str, process: str, persist: bool = False) -> PtracePlan:
    """Plan the policy, or with ``auto`` the first of ORDER that works.

    ``persist`` keeps a lowered level; it needs the policy ``sysctl``, whatever else would work.
    Raises NoWayError, or the single cause itself, and ExecOnlyError.
    """
    if policy == "exec":
        raise ExecOnlyError(host, _tell(judge("exec", state, host=host, process=process)))
    wanted = ("sysctl",) if persist else ORDER if policy == "auto" else (policy,)
    verdicts = [judge(one, state, host=host, process=process) for one in wanted]
    for verdict in (*(one for one in verdicts if one.can), *(one for one in verdicts if one.can is None)):
        return plan(verdict.policy, state, persist=persist, asks_password=verdict.can is None)
    raise _refusal(policy, verdicts, host=host, process=process)


def plan(policy: str, state: State, *, persist: bool = False, asks_password: bool = False) -> PtracePlan:
    """Give the steps of a policy that works."""
    return PtracePlan(policy, _steps(policy, state, persist=persist), asks_password)


def _steps(policy: str, state: State, *, persist: bool) -> tuple[Step, ...]:
    target, room = state.target, room_for(state)
    if policy == "as-user" and target.uids[1] != state.me.uids[0]:
        return (BecomeUser(target.user, target.uids[1], state.sudo.home),)
    if policy == "setcap" and room is not None:
        return (CapableCopies(room.path, state.me.group, state.me.gids[0], needed(state)),)
    if policy == "sysctl" and state.yama:
        return (PersistScope(state.yama) if persist else LowerScope(state.yama),)
    return ()


def capability_words(mask: int) -> str:
    """Spell capabilities as setcap(8) reads them, effective and permitted."""
    return f"{','.join(name.lower() for bit, name in NAMES.items() if mask >> bit & 1)}=ep"


def describe_step(step: Step) -> str:
    """Say in words what a step does."""
    match step:
        case BecomeUser(user, uid, home):
            where = "there" if home else f"in /var/tmp/remotego-{uid}"
            return f"run the session as {user} by sudo, with what it needs kept {where}"
        case CapableCopies(place, group):
            where = f"a directory of root:{group} 0750 below {place}"
            return f"copy dlv and the agent to {where}, with {step.words}; remove them after"
        case LowerScope(before):
            return f"set kernel.yama.ptrace_scope from {before} to 0 for the session, and back to {before} after"
        case PersistScope(before):
            return f"set kernel.yama.ptrace_scope from {before} to 0 for good, in {PERSISTENT}, until undo"
        case _:
            assert_never(step)


def risk_of(step: Step) -> str:
    """Say in one line what a step endangers."""
    fields: Mapping[str, object] = {name: getattr(step, name) for name in step.__dataclass_fields__}
    return step.risk.format_map(fields)


def verdicts(state: State, *, host: str, process: str) -> tuple[Verdict, ...]:
    """Judge every policy."""
    return tuple(judge(policy, state, host=host, process=process) for policy in POLICIES)


def _refusal(policy: str, verdicts: list[Verdict], *, host: str, process: str) -> RefusedError:
    """Give the true cause: the kernel's against attaching as we are; with auto, why nothing helps as well."""
    first = verdicts[0].causes[0]
    if len(verdicts) == 1 and len(verdicts[0].causes) == 1:
        return first
    rest = [f"{one.policy}: {_bare(one.causes[0], host)}" for one in verdicts[1:]]
    causes = [_bare(cause, host) for cause in verdicts[0].causes]
    return NoWayError(
        host,
        process,
        policy,
        "; ".join(causes + [f"and nothing helps ({'; '.join(rest)})"] * bool(rest)),
        _cure(verdicts),
    )


def _cure(verdicts: list[Verdict]) -> str:
    """Advise by what is in the way of the policy that came nearest."""
    nearest = min((one for one in verdicts if one.causes), key=lambda one: (len(one.causes), ORDER.index(one.policy)))
    return nearest.causes[0].advice


def _tell(verdict: Verdict) -> str:
    return "that would work here" if verdict.can else f"that would not work here: {verdict.causes[0]}"


def _bare(cause: ObstacleError, host: str) -> str:
    return str(cause).removeprefix(f"{host}: ")
