"""Whether a process can be debugged, by which policy, and if not why: the kernel's rules as a pure function.

Sources: ptrace(2) "Ptrace access mode checking", capabilities(7), kernel.org admin-guide/LSM/Yama. Where the target
has asked the kernel itself (``opened``), that answer wins over what the rules say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from remotego.host import obstacles as why
from remotego.host.obstacles import ObstacleError
from remotego.host.ptrace import Room, State, Sudoing

ORDER = ("none", "as-user", "setcap", "sysctl")
"""Policies that ``auto`` tries, least privilege first."""

POLICIES = (*ORDER, "exec")

NAMES = {1: "CAP_DAC_OVERRIDE", 2: "CAP_DAC_READ_SEARCH", 5: "CAP_KILL", 19: "CAP_SYS_PTRACE"}
SYS_PTRACE, DAC_READ_SEARCH, DAC_OVERRIDE, KILL = (1 << bit for bit in (19, 2, 1, 5))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a policy would work; None where only a password can tell. ``causes`` say why not, mend the first first.

    Not ``certain`` where a filter of this login's own system calls (seccomp) may still forbid it.
    """

    policy: str
    can: bool | None
    certain: bool
    causes: tuple[ObstacleError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tracer:
    """A debugger as the kernel would see it."""

    uid: int
    gid: int
    permitted: int


def judge(policy: str, state: State, *, host: str, process: str) -> Verdict:
    """Say whether one of POLICIES would let dlv attach. ``host`` and ``process`` are for the words of the causes."""
    causes = tuple(_JUDGES[policy](_Case(state, host, process)))
    can = not causes or (None if all(map(_wants_password, causes)) else False)
    return Verdict(policy, can, can is False or state.me.seccomp == 0, causes)


def needed(state: State) -> int:
    """Give the capabilities, as a mask, that a debugger of this login needs for the process."""
    target = state.target
    foreign = target.uids != (state.me.uids[0],) * 3
    hidden = target.memory_owner not in (None, state.me.uids[0])
    return SYS_PTRACE | (DAC_READ_SEARCH | KILL if foreign or hidden else 0)


def room_for(state: State) -> Room | None:
    """Give the first place that can hold copies with capabilities."""
    return next((room for room in state.rooms if room.usable), None)


@dataclass(frozen=True, slots=True)
class _Case:
    state: State
    host: str
    process: str

    def rules(self, tracer: _Tracer, yama: int | None) -> Iterator[ObstacleError]:
        """Check the kernel's rules; each but the first ones is overridden by CAP_SYS_PTRACE."""
        host, process, target = self.host, self.process, self.state.target
        if target.tracer:
            yield why.TracedError(host, process, target.tracer)
        if yama is not None and yama >= 3:
            yield why.yama_level(host, process, yama)
        if self.state.selinux_denies:
            yield why.DenyPtraceError(host, process)
        if not self.state.same_namespace:
            yield why.UserNamespaceError(host, process)
        if tracer.permitted & SYS_PTRACE:
            return
        yield from self._classic(tracer)
        if yama in (1, 2):
            yield why.yama_level(host, process, yama or 0)

    def _classic(self, tracer: _Tracer) -> Iterator[ObstacleError]:
        host, process, target = self.host, self.process, self.state.target
        if set(target.uids) != {tracer.uid}:
            yield why.UidDiffersError(host, process, target.user, self.state.me.name)
        elif set(target.gids) != {tracer.gid}:
            other = next(gid for gid in target.gids if gid != tracer.gid)
            yield why.GidDiffersError(host, process, other, tracer.gid)
        if more := target.permitted & ~tracer.permitted:
            yield why.CapabilitySupersetError(host, process, _names(more))
        if target.memory_owner not in (None, target.uids[1]):
            yield why.NotDumpableError(host, process)

    def proved(self, rules: Iterator[ObstacleError], *, opened: bool, program: bool) -> Iterator[ObstacleError]:
        """Take the kernel's answer where there is one, and the rules for why it is a no."""
        if self.state.target.tracer:
            yield from rules
        elif opened and program:
            yield from ([why.SeccompError(self.host, self.process)] if self.state.me.seccomp == 1 else [])
        elif opened:
            yield why.ProgramUnreadableError(self.host, self.process)
        else:
            found = tuple(rules)
            yield from found or (
                why.UnexplainedRefusalError(self.host, self.process, self.state.target.label or "it has no label"),
            )

    @property
    def myself(self) -> _Tracer:
        me = self.state.me
        return _Tracer(me.uids[0], me.gids[0], me.permitted)

    def sudo(self, asked: Sudoing, user: str, *, may_ask: bool) -> Iterator[ObstacleError]:
        """Say what sudo has against it. A password, where one can be typed, is the mildest of causes."""
        if self.state.me.no_new_privs:
            yield why.NoNewPrivsError(self.host, self.process)
        elif asked.answer == "absent":
            yield why.SudoRefusesError(self.host, self.process, user, "it is not installed")
        elif asked.answer == "password" and not may_ask:
            said = "it asks for a password, and here only a rule without one (NOPASSWD) helps"
            yield why.SudoRefusesError(self.host, self.process, user, said)
        elif asked.answer == "password":
            yield why.SudoPasswordError(self.host, self.process, user)
        elif asked.answer == "refuses":
            yield why.SudoRefusesError(self.host, self.process, user, asked.said or "it does not say why")


def _none(case: _Case) -> Iterator[ObstacleError]:
    target = case.state.target
    yield from case.proved(case.rules(case.myself, case.state.yama), opened=target.opened, program=target.program)


def _as_user(case: _Case) -> Iterator[ObstacleError]:
    state, target = case.state, case.state.target
    if target.uids[1] == state.me.uids[0]:
        yield from _none(case)
        return
    refused = tuple(case.sudo(state.sudo.user, target.user, may_ask=False))
    tracer = _Tracer(target.uids[1], target.gids[1] if state.sudo.gid is None else state.sudo.gid, state.sudo.permitted)
    rules = case.rules(tracer, state.yama)
    if refused:
        yield from refused
        yield from rules
    else:
        yield from case.proved(rules, opened=state.sudo.opened, program=state.sudo.program)


def _setcap(case: _Case) -> Iterator[ObstacleError]:
    state, caps = case.state, needed(case.state)
    yield from case.rules(_Tracer(state.me.uids[0], state.me.gids[0], caps), state.yama)
    if state.me.no_new_privs:
        yield why.NoNewPrivsError(case.host, case.process)
    if lacking := caps & ~state.me.bounding:
        yield why.BoundingSetError(case.host, case.process, _names(lacking))
    if state.me.seccomp == 1:
        yield why.SeccompError(case.host, case.process)
    yield from _no_room(case)
    if state.me.group_mates:
        yield why.SharedGroupError(case.host, case.process, state.me.group, ", ".join(state.me.group_mates[:8]))
    yield from _tools(case, "setcap", "getcap", "flock")
    if not state.me.no_new_privs:
        yield from case.sudo(state.sudo.root, "root", may_ask=True)


def _no_room(case: _Case) -> Iterator[ObstacleError]:
    if room_for(case.state) is None:
        places = "; ".join(
            f"{room.path} ({', '.join(room.hindrances) or 'others than root may change what is above it'})"
            for room in case.state.rooms
        )
        yield why.NosuidError(case.host, case.process, places)


def _sysctl(case: _Case) -> Iterator[ObstacleError]:
    state = case.state
    if not state.yama:
        yield from _none(case)
        if not state.target.opened:
            yield why.NotYamaError(case.host, case.process, "0" if state.yama == 0 else "not there")
        return
    yield from case.rules(case.myself, state.yama if state.yama >= 3 else 0)
    if state.yama >= 3:
        return
    if not state.scope_writable:
        yield why.ScopeReadOnlyError(case.host, case.process)
    yield from _tools(case, "flock")
    yield from case.sudo(state.sudo.root, "root", may_ask=True)


def _tools(case: _Case, *wanted: str) -> Iterator[ObstacleError]:
    if missing := [tool for tool in wanted if tool not in case.state.tools]:
        yield why.MissingToolError(case.host, case.process, ", ".join(missing))


def _exec(case: _Case) -> Iterator[ObstacleError]:
    """A program that dlv starts is its child and this login's: only Yama from level 2 on, and filters, forbid that."""
    state = case.state
    lacks = not state.me.permitted & SYS_PTRACE
    if state.yama is not None and (state.yama >= 3 or (state.yama == 2 and lacks)):
        yield why.yama_level(case.host, case.process, state.yama)
    if state.selinux_denies:
        yield why.DenyPtraceError(case.host, case.process)
    if state.me.seccomp == 1:
        yield why.SeccompError(case.host, case.process)


_JUDGES: dict[str, Callable[[_Case], Iterator[ObstacleError]]] = {
    "none": _none,
    "as-user": _as_user,
    "setcap": _setcap,
    "sysctl": _sysctl,
    "exec": _exec,
}


def _wants_password(cause: ObstacleError) -> bool:
    return isinstance(cause, why.SudoPasswordError)


def _names(mask: int) -> str:
    return ", ".join(NAMES.get(bit, f"capability {bit}") for bit in range(64) if mask >> bit & 1)
